"""Registers this domain with the foundation."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

ACTS = {
    "pilot.designate": _("定为试点"), "pilot.extend": _("试点延期"), "pilot.withdraw": _("撤销试点"), "pilot.end": _("结束试点"),
}  # fmt: skip


class PilotsConfig(AppConfig):
    name = "guildhall.reform.pilots"
    label = "pilots"

    def ready(self) -> None:
        """Say which units a round of pilots is for; add the pilots to the navigation, and to the unit's page."""
        from guildhall.foundation.organisations.rules.parts import unit_filters, unit_parts
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.programmes import registry
        from guildhall.foundation.records import states as records
        from guildhall.foundation.screens.navigation import Entry, register
        from guildhall.reform.pilots.models import Designation

        registry.ELIGIBLE["pilots"] = lambda on: Designation.objects.eligible(on).select_related("union").order_by("pk")
        registry.HELD["pilots"] = Designation.objects.years_held
        roles = [Role.FEDERATION_OFFICER, Role.LEADER, Role.AUDITOR, Role.DISTRICT_OFFICER, Role.INDUSTRY_OFFICER]
        register(
            Entry(label=_("试点单位"), url_name="pilots:pilots", icon="flag", section=_("产改"), roles=roles, order=25)
        )
        unit_parts.register(_designations)
        unit_filters.register(_by_batch)
        records.ANYWHERE.update(ACTS)
        records.SUBJECTS["pilot"] = _("试点")
        records.CHAINS["register:pilots"] = _("试点登记")


def _by_batch() -> list[Any]:
    """The filter of units by the batch they were designated in."""
    from guildhall.foundation.screens import lists
    from guildhall.reform.pilots.models import holding
    from guildhall.reform.pilots.rules import BATCHES

    options = [(one, str(one)) for one in BATCHES]
    return [lists.Choice(key="batch", label=_("试点批次"), options=options,
                         apply=lambda rows, value: holding(rows, batch=value))]  # fmt: skip


def _designations(unit: Any, reader: Any) -> list[Any]:
    """A unit's designations, for the unit's page."""
    from django.urls import reverse

    from guildhall.foundation.organisations.rules.parts import Part
    from guildhall.foundation.screens.formats import day_table
    from guildhall.reform.pilots.models import Designation

    rows = Designation.objects.visible_to(reader).filter(unit=unit)
    url = reverse("pilots:pilot", args=[unit.pk])
    lines = [
        (url, (one.get_level_display(), one.what, one.batch, day_table(one.starts), day_table(one.ends),
               one.get_state_display()))
        for one in rows
    ]  # fmt: skip
    heads = (_("层级"), _("类别"), _("批次"), _("起"), _("有效至"), _("状态"))
    return [Part(title=_("试点"), heads=heads, lines=lines, empty=_("不是试点。"))]
