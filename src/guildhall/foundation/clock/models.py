"""The demonstration's own time, and which days work."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BusinessTime(models.Model):
    """How far the time of business stands ahead of (or behind) the real one; one row, and none in production."""

    only = models.BooleanField(primary_key=True, default=True)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="business_time_one_row")]


class CalendarDay(models.Model):
    """Whether a day works, by the State Council's yearly arrangement or an officer's correction.

    A year that has no row at all is unknown, and unknown is refused: 1 January and 31 December stand for every year
    that was filled.
    """

    day = models.DateField(_("日期"), primary_key=True)
    works = models.BooleanField(_("上班"))
    source = models.CharField(_("依据"), max_length=80)

    class Meta:
        ordering = ("day",)
