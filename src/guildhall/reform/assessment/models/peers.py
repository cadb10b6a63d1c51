"""The step of mutual assessment: entrants, conflicts, sheets and marks, and the register of results."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Avg, Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Appointment, Unit, User
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.vault import SealedTextField
from guildhall.reform.assessment.rules import HIGH, LOW, REASON_FEWEST
from guildhall.reform.assessment.states import (
    ConflictKind,
    ConflictState,
    ResultState,
    SheetKind,
    SheetState,
    StepState,
)


class StepQuerySet(models.QuerySet["Step"]):
    """Steps by scope: as their rounds."""

    def visible_to(self, user: User) -> Self:
        """The steps of the rounds the user may see."""
        return self.filter(round__in=Round.objects.visible_to(user))

    def pick(self, round_pk: int) -> "Step":
        """The step of one round; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("round__programme", "round__union").get(round_id=round_pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, round_pk: int) -> "Step":
        """The row and its round's, locked to the end of the transaction: no cancelling, no extension beside a move."""
        try:
            rows = self.select_related("round__programme", "round__union")
            return rows.select_for_update(of=("self", "round")).get(round_id=round_pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Step(models.Model):
    """The peers step of a round: drawn, scored, frozen and computed. What it depends on is public or sealed.

    `seed` decides who reviews whom and is sealed for the auditor alone; only its digest is public. `group_seed` deals
    the groups and lots and is public.
    """

    round = models.OneToOneField(Round, models.PROTECT, related_name="step")
    state = models.CharField(max_length=8, choices=StepState, default=StepState.PLANNED)
    declare_until = models.DateField(_("回避申报截止"))
    group_seed = models.CharField(max_length=32, blank=True)
    seed = SealedTextField(context="assessment.seed", blank=True)
    seed_digest = models.CharField(max_length=64, blank=True)
    key_digest = models.CharField(max_length=64, blank=True)
    """The salted digest of the list that says which number is which unit; the salt stands with the auditor."""
    key_salt = SealedTextField(context="assessment.key_salt", blank=True)
    drawn_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    published_file = models.TextField(blank=True)
    """The de-identified file the result is computed from; the official run reads this very text."""
    file_digest = models.CharField(max_length=64, blank=True)
    outcome = models.JSONField(null=True)
    outcome_digest = models.CharField(max_length=64, blank=True)
    short_reason = models.CharField(max_length=400, blank=True)
    """Why the officer went on although some unit has too few reviews."""

    objects = StepQuerySet.as_manager()

    def taking_part(self) -> models.QuerySet[Application]:
        """The applications that are neither refused nor withdrawn."""
        return self.round.applications.exclude(state__in=(State.REFUSED, State.WITHDRAWN))

    @property
    def takes_conflicts(self) -> bool:
        """Whether conflicts may still be declared, answered and pinned, apart from the day they end."""
        return self.state == StepState.PLANNED and self.round.state != RoundState.CANCELLED

    def criterion_means(self, judged: int) -> dict[int, dict[str, Decimal]]:
        """By entrant and judged indicator, the mean of the marks that peers gave and that count, uncalibrated."""
        counted = Review.objects.filter(
            sheet__step=self, sheet__kind=SheetKind.PEERS, sheet__state__in=(SheetState.SUBMITTED, SheetState.LOCKED)
        )
        # Two queries: as one, a planner without statistics counts the marks anew for every mark.
        given = settled(Mark.objects.filter(review__in=counted)).order_by().values("review").annotate(n=Count("pk"))
        whole = list(given.filter(n=judged).values_list("review", flat=True))
        rows = Mark.objects.filter(review__in=whole).order_by().values("review__entrant", "indicator")
        found: dict[int, dict[str, Decimal]] = {}
        for row in rows.annotate(mean=Avg("value", output_field=models.DecimalField())):
            found.setdefault(row["review__entrant"], {})[row["indicator"]] = row["mean"]
        return found

    def units(self) -> models.QuerySet[Unit]:
        """The units that take part, by name."""
        return Unit.objects.filter(pk__in=self.taking_part().values("unit")).select_related("district").order_by("name")


class EntrantQuerySet(models.QuerySet["Entrant"]):
    """Entrants by scope: as their applications."""

    def visible_to(self, user: User) -> Self:
        """The entrants whose application the user may see."""
        return self.filter(application__in=Application.objects.visible_to(user))


class Entrant(models.Model):
    """A unit in the drawing: its number in the published file, its group and its lot."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="entrants")
    application = models.OneToOneField(Application, models.PROTECT, related_name="entrant")
    number = models.PositiveIntegerField()
    group = models.PositiveSmallIntegerField()
    lot = models.PositiveIntegerField()
    computed = models.BigIntegerField()
    """The computed score, in millionths of a point, from the facts as accepted."""
    bonus = models.BigIntegerField()

    objects = EntrantQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="entrant_number"),
            models.UniqueConstraint(fields=["step", "lot"], name="entrant_lot"),
        ]


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Conflicts by scope."""

    def visible_to(self, user: User) -> Self:
        """All for those who run the round; a unit's own declarations for its officer."""
        ran = Q(round__union__in=user.unions_with(Right.RUN_ROUNDS))
        own = Q(declared_by__isnull=False, first__union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
        return self.filter(ran | own)

    def counting(self) -> Self:
        """Those that keep two units apart, or let them meet again."""
        return self.filter(state=ConflictState.APPROVED)


class Conflict(models.Model):
    """Two units of a round that may not review one another, or by a pin may after all; symmetric."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="conflicts")
    first = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    second = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("来源"), max_length=15, choices=ConflictKind)
    state = models.CharField(_("状态"), max_length=8, choices=ConflictState, default=ConflictState.APPROVED)
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    declared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="conflict_of_two"),
            models.UniqueConstraint(fields=["round", "first", "second", "kind"], name="conflict_once"),
        ]


class SheetQuerySet(models.QuerySet["Sheet"]):
    """Sheets by who may mark them, and nobody else."""

    def visible_to(self, user: User) -> Self:
        """The sheets of a unit for which the user scores, and an expert's own."""
        scoring = Q(kind=SheetKind.PEERS, entrant__application__union__in=user.unions_with(Right.SCORE))
        judging = Q(kind=SheetKind.PANEL, expert=user) if user.unions_with(Right.JUDGE) else Q(pk=None)
        return self.filter(scoring | judging).exclude(step__state__in=(StepState.PLANNED, StepState.ASSIGNED))

    def told(self) -> Self:
        """With the round and the unit, as a page shows them."""
        return self.select_related("step__round__programme", "step__round__union", "entrant__application__unit")

    def in_progress(self, judged: int) -> Self:
        """With who marks, `given` units in all and `done` ones fully marked on `judged` indicators: for officers."""
        marks = settled(Mark.objects.filter(review=OuterRef("pk")))
        per_review = marks.order_by().values("review").annotate(n=Count("pk")).values("n")
        full = Review.objects.filter(sheet=OuterRef("pk")).annotate(n=Subquery(per_review)).filter(n=judged)
        given = Review.objects.filter(sheet=OuterRef("pk")).order_by().values("sheet").annotate(n=Count("pk"))
        offices = Appointment.objects.active().filter(union=OuterRef("entrant__application__union"))
        by_role = {
            role: offices.filter(role=role).values("user__person__name")[:1] for role in (Role.ASSESSOR, Role.DEPUTY)
        }
        return self.annotate(
            given=Coalesce(Subquery(given.values("n")), 0),
            done=Coalesce(Subquery(full.order_by().values("sheet").annotate(k=Count("pk")).values("k")), 0),
            who=Coalesce("entrant__application__unit__name", "expert__person__name"),
            assessor=Subquery(by_role[Role.ASSESSOR]),
            deputy=Subquery(by_role[Role.DEPUTY]),
        )

    def pick(self, pk: int) -> "Sheet":
        """The one sheet; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.told().get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Sheet":
        """The row, locked to the end of the transaction."""
        try:
            return self.told().select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Sheet(models.Model):
    """One assessor's sheet: all the units assigned to it, submitted as a whole."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="sheets")
    kind = models.CharField(max_length=5, choices=SheetKind)
    entrant = models.OneToOneField(Entrant, models.CASCADE, null=True, related_name="sheet")
    expert = models.ForeignKey(User, models.PROTECT, null=True, related_name="sheets")
    public_id = models.CharField(max_length=16)
    """A fresh random id: what the published file calls this assessor."""
    state = models.CharField(_("状态"), max_length=9, choices=SheetState, default=SheetState.OPEN)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["step", "public_id"], name="sheet_public_id"),
            models.UniqueConstraint(fields=["step", "expert"], name="sheet_of_expert"),
            models.CheckConstraint(
                condition=Q(kind="peers", entrant__isnull=False, expert=None)
                | Q(kind="panel", entrant=None, expert__isnull=False),
                name="sheet_of_unit_or_expert",
            ),
        ]

    @property
    def editable(self) -> bool:
        """Whether marks may still be entered, apart from the deadline."""
        return self.state == SheetState.OPEN and self.step.state == StepState.SCORING

    @property
    def takes_marks(self) -> bool:
        """Whether marks may be entered now; a time extended after the lock opens the sheet again."""
        running = self.step.state == StepState.SCORING and self.step.round.state == RoundState.REVIEWING
        return running and self.state != SheetState.SUBMITTED and clock.now() <= self.step.round.scoring_closes_at

    @property
    def whose(self) -> str:
        """The assessor as officers know it: the unit, or the expert by name."""
        return self.entrant.application.unit.name if self.entrant else str(self.expert)


def public_step(round_pk: int) -> Step:
    """The step as anyone may read it, from the drawing on; `NotHere` before it, and for a cancelled round."""
    drawn = Step.objects.exclude(state=StepState.PLANNED).exclude(round__state=RoundState.CANCELLED)
    return drawn.pick(round_pk)


class Review(models.Model):
    """One unit on a sheet. `assigned_to` is the sheet the drawing put it on, where a substitute took it over onto its own."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="reviews")
    entrant = models.ForeignKey(Entrant, models.CASCADE, related_name="reviews")
    position = models.PositiveSmallIntegerField()
    assigned_to = models.ForeignKey(Sheet, models.CASCADE, null=True, related_name="handed_on")
    version = models.PositiveIntegerField(default=0)
    """Counts the saves: two screens on the same unit find out about each other."""

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["sheet", "entrant"], name="review_once")]


def read_reviews(sheets: list[Sheet]) -> None:
    """Read the sheets' reviews with units, marks and evidence, where they are not read yet: once for all of them."""
    rows = Review.objects.select_related("entrant__application__unit").order_by("position")
    rows = rows.prefetch_related("marks", "entrant__application__evidence")
    models.prefetch_related_objects(sheets, models.Prefetch("reviews", rows))


class Mark(models.Model):
    """A mark of 0 – 100 on one judged indicator, with its reason at the extremes."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="marks")
    indicator = models.CharField(max_length=40)
    value = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "indicator"], name="mark_once"),
            models.CheckConstraint(condition=Q(value__lte=100), name="mark_within_100"),
        ]


def settled(marks: models.QuerySet[Mark]) -> models.QuerySet[Mark]:
    """Those that count: an extreme one has its reason."""
    sound = Q(value__gte=LOW, value__lt=HIGH) | Q(said__gte=REASON_FEWEST)
    return marks.annotate(said=Length("reason")).filter(sound)


class ResultQuerySet(models.QuerySet["Result"]):
    """Results by scope and by release."""

    def visible_to(self, user: User) -> Self:
        """Before the release those who run or decide the round; after it whoever may read the unit.

        A leader sees it once the officer in charge has put it before him.
        """
        run = Q(application__round__union__in=user.unions_with(Right.RUN_ROUNDS))
        decide = Q(
            application__round__union__in=user.unions_with(Right.DECIDE),
            application__round__proposed_at__isnull=False,
        )
        released = Q(
            application__round__released_at__isnull=False,
            application__union__lineage__overlap=user.unions_with(Right.READ_UNITS),
        )
        return self.filter(run | decide | released)

    def pick(self, pk: int) -> "Result":
        """The one result; `NotHere` alike for a missing one, one out of scope and one not yet released."""
        try:
            return self.select_related(
                "application__round__programme",
                "application__round__union",
                "application__unit",
                "application__entrant",
            ).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Result(models.Model):
    """The register of results: what the computation says of one unit, and whether it was conferred."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="result")
    state = models.CharField(max_length=9, choices=ResultState, default=ResultState.COMPUTED)
    group = models.PositiveSmallIntegerField(_("组"))
    rank = models.PositiveIntegerField(_("组内名次"))
    final = models.DecimalField(_("综合得分"), max_digits=16, decimal_places=12)
    peers = models.DecimalField(_("互评分"), max_digits=9, decimal_places=6)
    panel = models.DecimalField(_("专家分"), max_digits=9, decimal_places=6)
    computed = models.DecimalField(_("量化分"), max_digits=9, decimal_places=6)
    bonus = models.DecimalField(_("加分"), max_digits=9, decimal_places=6)
    tier = models.PositiveSmallIntegerField(_("档次"), null=True)
    """From 0, the best; None is the unpaid tier."""
    sum_fen = models.BigIntegerField(_("奖补"))
    grade = models.PositiveSmallIntegerField(_("等次"), null=True)
    row = models.JSONField()
    """The computation's whole row for this unit: rank interval and what else the page argues with."""
    conferred_at = models.DateTimeField(null=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ("application_id",)
