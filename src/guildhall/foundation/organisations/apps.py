"""Django's entry to this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "guildhall.foundation.organisations"
    label = "organisations"

    def ready(self) -> None:
        """Add this room's places to the navigation, and what waits here to the workbench."""
        from guildhall.foundation.organisations.rules.parts import unit_parts
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.organisations.views import log_ins
        from guildhall.foundation.organisations.views.units import sanctions_of
        from guildhall.foundation.screens import todo
        from guildhall.foundation.screens.navigation import Entry, hold, register

        unit_parts.register(sanctions_of)
        officer, city = Role.FEDERATION_OFFICER, _("统筹")
        readers = [officer, Role.LEADER, Role.AUDITOR, Role.DISTRICT_OFFICER, Role.INDUSTRY_OFFICER]
        register(Entry(label=_("单位名册"), short=_("单位"), url_name="organisations:units", icon="building", section=city, roles=readers,
                       order=80, tab=True))  # fmt: skip
        register(Entry(label=_("人员与任职"), url_name="organisations:people", icon="users", section=city,
                       roles=[officer], order=82))  # fmt: skip
        register(Entry(label=_("工作日"), url_name="organisations:working_days", icon="calendar", section=city,
                       roles=[officer], order=84))  # fmt: skip
        register(Entry(label=_("互评人"), url_name="organisations:scorers", icon="user-check", section=_("本单位"),
                       roles=[Role.UNIT_OFFICER], order=40))  # fmt: skip
        for prefix in ("/appointments/", "/unions/"):
            hold(prefix, "organisations:people")
        todo.register(log_ins.waiting)
