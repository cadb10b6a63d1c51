"""Django's entry to this room."""

from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "guildhall.foundation.clock"
    label = "clock"
