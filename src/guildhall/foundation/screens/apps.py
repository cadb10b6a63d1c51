"""Django's entry to this room."""

from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "guildhall.foundation.screens"
    label = "screens"
