"""Review step by step: who judges what, what came of a step, who is chosen; and the register of what was conferred."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models.application import Application
from guildhall.foundation.programmes.models.round import Programme, Round
from guildhall.foundation.programmes.states import EntryState, RoundState, SheetState, State
from guildhall.foundation.records.models import Attachment, Decision


def ended_steps(of: Round) -> set[int]:
    """The places of the steps that were ended for the whole round; in a rolling one each application ends its own."""
    ended = Decision.objects.filter(stream__name=of.stream, act="close_step")
    return {int(subject.removeprefix("step:")) for subject in ended.values_list("subject", flat=True)}


class Draw(models.Model):
    """抽取专家: the published seed of a drawing and whom it drew from whom; anyone may repeat it."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="draws")
    step = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32)
    pool = models.JSONField()
    drawn = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class StepSheetQuerySet(models.QuerySet["StepSheet"]):
    """Sheets by reader."""

    def visible_to(self, user: User) -> Self:
        """A reviewer's own, and those of rounds that the user runs; a ballot's are nobody's but the voter's."""
        ran = Q(application__round__union__in=user.unions_with(Right.RUN_ROUNDS), secret=False)
        return self.filter(ran | Q(reviewer=user))

    def asked_of(self, user: User) -> Self:
        """What this person is asked to judge, while in an office that judges, and nothing else."""
        offices = {*user.unions_with(Right.JUDGE), *user.unions_with(Right.RUN_ROUNDS)}
        return self.filter(application__round__union__in=offices, reviewer=user).exclude(state=SheetState.REPLACED)

    def waiting(self) -> Self:
        """Those still out whose step runs: no result is reckoned, and nothing lies before the leader."""
        running = (RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING)
        ended = StepResult.objects.filter(application=OuterRef("application"), step=OuterRef("step"))
        return self.filter(
            ~Exists(ended), state=SheetState.OPEN, application__state=State.REVIEWING, application__step=F("step"),
            application__round__state__in=running, application__round__proposed_at=None,
        )  # fmt: skip

    def pick(self, pk: int) -> "StepSheet":
        """The one sheet; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("application__round__programme", "application__unit__district").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "StepSheet":
        """The row, locked to the end of the transaction."""
        try:
            rows = self.select_related("application__round__programme", "application__unit")
            return rows.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class StepSheet(models.Model):
    """评审表: what one reviewer says of one application in one step.

    `body` holds the marks by criterion, the items of a checklist, or the vote; `verdict` whether it passes, where the
    method asks.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="step_sheets")
    step = models.PositiveSmallIntegerField()
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="step_sheets")
    secret = models.BooleanField(default=False)
    state = models.CharField(_("状态"), max_length=9, choices=SheetState, default=SheetState.OPEN)
    body = models.JSONField(default=dict)
    verdict = models.BooleanField(null=True)
    note = models.TextField(_("意见"), max_length=2000, blank=True)
    photographs = models.ManyToManyField(Attachment, related_name="+")
    submitted_at = models.DateTimeField(null=True)

    objects = StepSheetQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["application", "step", "reviewer"], condition=~Q(state="replaced"), name="step_sheet_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False), name="step_sheet_dated"
            ),
        ]


class StepResult(models.Model):
    """步骤结果: what a step came to for an application: its score, whether it goes on, and how that was reckoned."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="step_results")
    step = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    rank = models.PositiveIntegerField(null=True)
    passed = models.BooleanField()
    working = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ("step", "id")
        constraints = [models.UniqueConstraint(fields=["application", "step"], name="step_result_once")]


def sheets_of(of: Round) -> models.QuerySet[StepSheet]:
    """Every sheet that counts in a round, for the page of those who run it: a vote by who cast one, not by what."""
    rows = StepSheet.objects.filter(application__round=of).exclude(state=SheetState.REPLACED)
    rows = rows.select_related("reviewer__person", "application__unit").defer("body", "note", "verdict")
    return rows.order_by("application_id", "pk")


def results_of(of: Round) -> models.QuerySet[StepResult]:
    """What every step of a round came to."""
    return StepResult.objects.filter(application__round=of).select_related("application__unit")


class Placement(models.Model):
    """评定: where an application came in its round, and what it gets; unseen until the release."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="placement")
    score = models.DecimalField(max_digits=9, decimal_places=6, default=Decimal(), null=True)
    rank = models.PositiveIntegerField(null=True)
    place = models.PositiveSmallIntegerField(null=True)
    """Which class of the selection, from 0; None where there are no classes or nothing was given."""
    chosen = models.BooleanField()
    reserve = models.PositiveIntegerField(null=True)
    """The place on the reserve list, from 1."""
    sum_fen = models.BigIntegerField(default=0)
    why = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sum_fen__gte=0), name="placement_sum")]


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of units at or below a union where the user may read units."""
        return self.filter(unit__union__lineage__overlap=user.unions_with(Right.READ_UNITS))

    def active(self) -> Self:
        """Those that stand."""
        return self.filter(state=EntryState.ACTIVE)


class Entry(models.Model):
    """命名登记: what a programme without a register of its own conferred."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="entry")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="entries")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="entries")
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("等次"), max_length=80, blank=True)
    sum_fen = models.BigIntegerField(default=0)
    state = models.CharField(_("状态"), max_length=7, choices=EntryState, default=EntryState.ACTIVE)
    conferred_at = models.DateTimeField(_("命名时间"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "id")
