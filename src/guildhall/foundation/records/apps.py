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
        for entry in (
            Entry(
                label=_("核验"), url_name="records:verification", icon="shield-check", roles=auditor, order=20, tab=True
            ),
            Entry(label=_("记录"), url_name="records:index", icon="link", roles=readers, order=90, tab=True),
            Entry(label=_("访问记录"), url_name="records:access", icon="eye", roles=auditor, order=92, tab=True),
        ):
            register(entry)
        from guildhall.foundation.records import views
        from guildhall.foundation.screens import panels, todo

        todo.register(views.waiting)
        panels.register(views.beside)


def write_down(sender: object, *, signal: object, **told: Any) -> None:
    """Append an announced act to the chain of its stream, in the transaction of its move."""
    from guildhall.foundation.records.moves import record  # Models are not loaded yet when this file is.

    record(told.pop("act"), **told)
