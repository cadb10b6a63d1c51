"""Django's entry to this room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "guildhall.foundation.records"
    label = "records"
