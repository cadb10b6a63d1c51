"""Registers this domain with the foundation."""

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "guildhall.reform.pilots"
    label = "pilots"
