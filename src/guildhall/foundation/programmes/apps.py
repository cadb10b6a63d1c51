"""Django's entry to this room."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "guildhall.foundation.programmes"
    label = "programmes"
