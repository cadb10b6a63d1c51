"""Django's entry to this room: the records write down what the rooms below announce."""

from typing import Any

from django.apps import AppConfig

from guildhall.foundation.acts import acted


class RecordsConfig(AppConfig):
    name = "guildhall.foundation.records"
    label = "records"

    def ready(self) -> None:
        """Listen for the acts of the rooms below."""
        acted.connect(write_down, dispatch_uid="records")


def write_down(sender: object, *, signal: object, **told: Any) -> None:
    """Append an announced act to the chain of its stream, in the transaction of its move."""
    from guildhall.foundation.records.moves import record  # Models are not loaded yet when this file is.

    record(told.pop("act"), **told)
