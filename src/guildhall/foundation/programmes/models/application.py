"""What a unit brings to a round: its facts, its evidence, and the frozen copies that are judged."""

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.programmes.models.round import Round, inner
from guildhall.foundation.programmes.states import TOLD, UNDISCLOSED, State
from guildhall.foundation.records.models import Attachment


def districts() -> list[tuple[int, str]]:
    """The district unions by id and short name: what a list is filtered by."""
    return list(Union.objects.filter(kind=UnionKind.DISTRICT).values_list("pk", "short").order_by("pk"))


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications by scope."""

    def visible_to(self, user: User) -> Self:
        """Those at or below a union where the user may read units: one array overlap. A draft is its unit's alone."""
        drafts = Q(state=State.DRAFT) & ~Q(union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
        return self.filter(~drafts, union__lineage__overlap=user.unions_with(Right.READ_UNITS))

    def told_to(self, user: User) -> Self:
        """With `told_state`: before the release what is decided reads as under review, but to those who decide."""
        unseen = Q(state__in=UNDISCLOSED, round__released_at=None, released_at=None)
        hidden = unseen & ~inner(user, "round__")
        return self.annotate(told_state=Case(When(hidden, then=Value(State.REVIEWING.value)), default=F("state")))

    def pick(self, pk: int) -> "Application":
        """The one application; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("round__programme", "round__union", "unit", "union").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Application":
        """The row, locked to the end of the transaction."""
        try:
            rows = self.select_related("round__programme", "round__union", "unit", "union")
            return rows.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Application(models.Model):
    """申报: one unit in one round. `union` is the unit's own, which gives its scope."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="applications")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="applications")
    union = models.ForeignKey(Union, models.PROTECT, related_name="applications")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.CHECKING)
    level = models.SmallIntegerField(default=-1)
    """The place of the level that has it, or that returned it; -1 is the federation's check."""
    step = models.PositiveSmallIntegerField(default=0)
    """The place of the review step it stands in, where the cycle runs the review."""
    submissions = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    due_at = models.DateTimeField(_("期限"), null=True)
    """Until when whoever has it is to act: the level's deadline, or the day until when it is to be mended."""
    corrected = models.JSONField(null=True)
    """What an upheld objection corrected: the result as it now stands beside the released one, the facts before, the
    clause. The released result is never rewritten."""
    released_at = models.DateTimeField(null=True)
    """In a rolling programme, when this one's own result was released."""
    facts = models.JSONField(default=dict)
    """What the form says, by key; numbers as strings so that no float stands between entry and rank."""
    statement = models.TextField(_("自评"), blank=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    clause = models.CharField(_("条款"), max_length=80, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="application_once_a_round")]

    def __str__(self) -> str:
        return self.unit.name

    @property
    def released(self) -> bool:
        """Whether its result may be seen by those it concerns."""
        return self.released_at is not None or self.round.released

    @property
    def told(self) -> str:
        """The state in the applicant's words."""
        if self.state in UNDISCLOSED and not self.released:
            return str(TOLD[State.REVIEWING])
        return str(TOLD[self.state])

    def told_as(self, user: User) -> str:
        """The state as this user may know it: the officer's words inside, the applicant's outside."""
        if self.round.inside(user):
            return str(State(self.state).label)
        if self.state == State.PROPOSED and self.released:
            return str(_("结果已公布，待公示"))
        return self.told

    @property
    def subject(self) -> str:
        """How the records name it."""
        return f"application:{self.pk}"


class Evidence(models.Model):
    """证明材料: one attachment to an indicator of an application."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="evidence")
    indicator = models.CharField(max_length=40)
    title = models.CharField(_("名称"), max_length=120)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("indicator", "id")


class Snapshot(models.Model):
    """What was judged, frozen: content and evidence under a digest. The database refuses any change."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="snapshots")
    stage = models.CharField(max_length=12)
    """`accepted`, `decided`, or `submitted-1` and so on for each submission."""
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="snapshot_once_a_stage")]
