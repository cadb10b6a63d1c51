"""The register of pilots: which unit was designated, by whom, for what and how long."""

from collections.abc import Collection
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import Scoped, Unit, User
from guildhall.foundation.organisations.states import Right, UnitState
from guildhall.reform.pilots.states import PilotKind, PilotLevel, PilotState, Theme


class DesignationQuerySet(Scoped["Designation"]):
    """Designations by scope and by date."""

    def visible_to(self, user: User) -> Self:
        """Those of units at or below a union where the user may read units."""
        return self.filter(unit__union__lineage__overlap=user.unions_with(Right.READ_UNITS))

    def active(self, on: date | None = None) -> Self:
        """Those in force on a day, by default today's date of business."""
        day = on or clock.today()
        return self.filter(state=PilotState.ACTIVE, starts__lte=day, ends__gte=day)

    def eligible(self, on: date | None = None) -> models.QuerySet[Unit]:
        """The units that go on and hold a designation in force on a day, each once: who a round is for."""
        held = self.active(on).values("unit")
        return Unit.objects.filter(state=UnitState.ACTIVE, pk__in=held)

    def years_held(self, units: Collection[int], on: date) -> dict[int, list[int]]:
        """Of these units, by id, the years in which a designation of theirs began, up to a day."""
        found: dict[int, list[int]] = {}
        for unit, starts in self.filter(unit__in=units, starts__lte=on).values_list("unit", "starts"):
            found.setdefault(unit, []).append(starts.year)
        return found


class Designation(models.Model):
    """试点: a unit designated at one level; a unit that both levels designated has two entries and is one pilot."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="designations")
    kind = models.CharField(_("试点类别"), max_length=13, choices=PilotKind)
    theme = models.CharField(_("方向"), max_length=8, choices=Theme, blank=True)
    level = models.CharField(_("层级"), max_length=9, choices=PilotLevel)
    batch = models.PositiveSmallIntegerField(_("批次"))
    starts = models.DateField(_("起"))
    ends = models.DateField(_("有效至"))
    state = models.CharField(_("状态"), max_length=9, choices=PilotState, default=PilotState.ACTIVE)

    objects = DesignationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["state", "ends"], name="designation_in_force")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "level"], condition=Q(state="active"), name="designation_one_a_level"
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="designation_ends_after"),
            models.CheckConstraint(
                condition=(Q(kind="project") & ~Q(theme="")) | Q(kind="comprehensive", theme=""),
                name="designation_theme",
            ),
            models.CheckConstraint(condition=Q(batch__range=(1, 9)), name="designation_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_level_display()}"

    @property
    def what(self) -> str:
        """综合, or the direction of a project pilot."""
        return str(self.get_theme_display() if self.theme else self.get_kind_display())


def holding(units: models.QuerySet[Unit], **facts: object) -> models.QuerySet[Unit]:
    """Those of `units` that hold a designation in force with these facts."""
    return units.filter(pk__in=Designation.objects.active().filter(**facts).values("unit"))
