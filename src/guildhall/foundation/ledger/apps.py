"""Django's entry to this room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "guildhall.foundation.ledger"
    label = "ledger"
