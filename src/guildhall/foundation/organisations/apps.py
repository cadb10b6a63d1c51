"""Django's entry to this room."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "guildhall.foundation.organisations"
    label = "organisations"
