"""Programmes as immutable versions, and the rounds that run them."""

from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import ALLOWS, Right
from guildhall.foundation.programmes.schema import ProgrammeFile, Setup, Words
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.models import Decision

if TYPE_CHECKING:
    from guildhall.foundation.programmes.models.notice import Notice


def worded(words: Words) -> str:
    """A programme's text in the reader's language."""
    return words.zh if (get_language() or "zh").startswith("zh") else words.en


class Programme(models.Model):
    """项目办法: one version of a policy in force. The database refuses any change; a new version is a new row."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    document = models.JSONField()
    source = models.TextField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="programme_version"),
            models.UniqueConstraint(fields=["code", "digest"], name="programme_digest"),
        ]

    def __str__(self) -> str:
        return worded(self.file.name)

    @cached_property
    def file(self) -> ProgrammeFile:
        """The programme as its model reads it."""
        return ProgrammeFile.model_validate(self.document)


def inner(user: User, prefix: str = "") -> Q:
    """Rounds whose undisclosed decision the user may know: those who run them and, once asked, who decides them."""
    ran = Q(**{f"{prefix}union__in": user.unions_with(Right.RUN_ROUNDS)})
    asked = Q(**{f"{prefix}union__in": user.unions_with(Right.DECIDE), f"{prefix}proposed_at__isnull": False})
    return ran | asked


def above(user: User) -> set[int]:
    """The unions above those where the user may read units: what they call for concerns the user."""
    return {pk for office in user.offices if Right.READ_UNITS in ALLOWS[office.role] for pk in office.union.lineage}


class RoundQuerySet(models.QuerySet["Round"]):
    """Rounds by scope."""

    def visible_to(self, user: User) -> Self:
        """Rounds held by a union where the user reads units, or that the user's own union takes part in.

        A round that is only planned is seen by those who run it; one that units apply to, by all below its union.
        """
        unions = user.unions_with(Right.READ_UNITS)
        ran = Q(union__in=user.unions_with(Right.RUN_ROUNDS))
        takes_part = Q(applications__union__lineage__overlap=unions)
        called = Q(setup__entry="applied", union__in=above(user)) & ~Q(state=RoundState.PLANNED)
        held = Q(union__in=unions) & ~Q(state=RoundState.PLANNED)
        return self.filter(pk__in=self.model.objects.filter(ran | takes_part | held | called).values("pk"))

    def told_to(self, user: User) -> Self:
        """With `told_state`: decided and not released reads as under review, but to those who decide it."""
        inside = inner(user)
        hidden = Q(state=RoundState.DECIDED) & ~inside
        return self.annotate(told_state=Case(When(hidden, then=Value(RoundState.REVIEWING.value)), default=F("state")))

    def pick(self, pk: int) -> "Round":
        """The one round; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("programme", "union").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Round":
        """The row, locked to the end of the transaction."""
        try:
            return self.select_related("programme", "union").select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Round(models.Model):
    """批次: one run of a programme. Its set-up is fixed once it opens; the database refuses a later change."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds")
    union = models.ForeignKey(Union, models.PROTECT, related_name="rounds")
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("批次名称"), max_length=80)
    state = models.CharField(_("状态"), max_length=10, choices=RoundState, default=RoundState.PLANNED)
    setup = models.JSONField()
    opens_on = models.DateField(_("开始日"))
    closes_on = models.DateField(_("材料截止日"))
    scoring_opens_at = models.DateTimeField(_("评分开始"))
    scoring_closes_at = models.DateTimeField(_("评分截止"))
    notice_on = models.DateField(_("计划公示日"))
    proposed_at = models.DateTimeField(null=True)
    """When the officer in charge put the result before the leader; null again where it was sent back."""
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "union"], condition=~Q(state="cancelled"), name="round_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=models.F("closes_on"))
                & Q(scoring_opens_at__lt=models.F("scoring_closes_at")),
                name="round_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def rules(self) -> Setup:
        """The round's own set-up as its model reads it."""
        return Setup.model_validate(self.setup)

    @property
    def stream(self) -> str:
        """The chain its decisions stand in."""
        return f"round:{self.pk}"

    @property
    def notice(self) -> "Notice":
        """Its public notice, the latest edition. Raises `AttributeError` where none was published, as for a missing row."""
        editions = [row for row in self.notices.all() if row.application_id is None]
        if not editions:
            raise AttributeError("notice")
        return editions[-1]

    def inside(self, user: User) -> bool:
        """Whether the user may know what is decided and not yet released."""
        asked = self.proposed_at is not None and user.may(Right.DECIDE, self.union)
        return asked or user.may(Right.RUN_ROUNDS, self.union)

    def told(self, user: User) -> RoundState:
        """The state as this user may know it."""
        hidden = self.state == RoundState.DECIDED and not self.inside(user)
        return RoundState.REVIEWING if hidden else RoundState(self.state)

    def decisions(self, *subjects: str) -> models.QuerySet[Decision]:
        """The entries of its chain, newest first: those on these subjects, or all but the applications' own."""
        rows = Decision.objects.told().filter(stream__name=self.stream, sealed=False).order_by("-number")
        return rows.filter(subject__in=subjects) if subjects else rows.exclude(subject__startswith="application:")

    @property
    def released(self) -> bool:
        """Whether its results may be seen by those they concern."""
        return self.released_at is not None


class Extension(models.Model):
    """A deadline moved, for all, with its reason; what was before stays on record."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions")
    before = models.DateTimeField()
    after = models.DateTimeField()
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
