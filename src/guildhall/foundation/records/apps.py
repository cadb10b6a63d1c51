"""Django's entry to this room: the records write down what the rooms below announce."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.acts import acted


class RecordsConfig(AppConfig):
    name = "guildhall.foundation.records"
    label = "records"

    def ready(self) -> None:
        """Listen for the acts of the rooms below; add the auditor's places to the navigation."""
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.screens.navigation import Entry, register

        acted.connect(write_down, dispatch_uid="records")
        auditor, readers = [Role.AUDITOR], [Role.AUDITOR, Role.FEDERATION_OFFICER, Role.LEADER]
        for label, name, icon, roles, order in (
            (_("核验"), "verification", "shield-check", auditor, 20),
            (_("记录"), "index", "link", readers, 90),
            (_("访问记录"), "access", "eye", auditor, 92),
        ):
            register(Entry(label=label, url_name=f"records:{name}", icon=icon, roles=roles, order=order, tab=True))


def write_down(sender: object, *, signal: object, **told: Any) -> None:
    """Append an announced act to the chain of its stream, in the transaction of its move."""
    from guildhall.foundation.records.moves import record  # Models are not loaded yet when this file is.

    record(told.pop("act"), **told)
