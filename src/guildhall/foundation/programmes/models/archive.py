"""The exports of finished rounds: each one file that reads without the system."""

from datetime import timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models.round import Round
from guildhall.foundation.programmes.states import ArchiveState
from guildhall.foundation.records.models import Attachment

READERS: Final = (Right.RUN_ROUNDS, Right.DECIDE, Right.AUDIT)
"""Each of these rights over the round's union lets one make and read its archive."""
UNDERWAY: Final = (ArchiveState.WAITING, ArchiveState.MAKING)
STALE: Final = timedelta(minutes=5)
"""An export that gave no sign for so long was left by a worker that is gone."""


class ArchiveQuerySet(models.QuerySet["Archive"]):
    """Archives by scope and by how far they came."""

    def visible_to(self, user: User) -> Self:
        """Those of rounds that the user runs, decides or audits."""
        unions = [union for right in READERS for union in user.unions_with(right)]
        return self.filter(round__union__lineage__overlap=unions)

    def pick(self, pk: int) -> "Archive":
        """The one archive, made; `NotHere` alike for a missing one, one out of scope and one that is not made yet."""
        try:
            return self.select_related("attachment", "round__union").get(pk=pk, state=ArchiveState.MADE)
        except self.model.DoesNotExist:
            raise NotHere from None

    def going_on(self) -> Self:
        """Those that a worker has, or will soon have."""
        return self.filter(state__in=UNDERWAY)

    def to_make(self) -> Self:
        """Those that wait, and those that a worker left half done."""
        left = Q(state=ArchiveState.MAKING, beat_at__lte=clock.now() - STALE)
        return self.filter(Q(state=ArchiveState.WAITING) | left)


class Archive(models.Model):
    """归档: one export of a finished round, asked for by somebody and made by the worker."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="archives")
    state = models.CharField(_("状态"), max_length=7, choices=ArchiveState, default=ArchiveState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("提出时间"))
    beat_at = models.DateTimeField()
    """The worker's last sign of life."""
    made_at = models.DateTimeField(_("导出时间"), null=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    index_digest = models.CharField(max_length=64, blank=True)
    """SM3 of its index, which holds the digest of every file in it."""
    fault = models.CharField(max_length=200, blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="made") | Q(attachment__isnull=False, made_at__isnull=False) & ~Q(index_digest=""),
                name="archive_made_in_full",
            ),
            models.UniqueConstraint(fields=["round"], condition=Q(state__in=UNDERWAY), name="archive_one_at_a_time"),
        ]


def may_archive(of: Round, user: User) -> bool:
    """Whether this user may make and read the round's archive: the round is theirs to run, decide or audit."""
    return any(user.may(right, of.union) for right in READERS)
