"""The drawing: numbers, groups, lots, and who reviews whom; and the start of scoring."""

import secrets
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Appointment, Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.rules import against_tiers, bonus_points, computed_score, digest_of
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.records.moves import Clock, made, record
from guildhall.reform.assessment.models import Conflict, Entrant, Review, Sheet, Step
from guildhall.reform.assessment.rules import (
    CONDITIONS,
    AssignmentInfeasible,
    IntArray,
    company_labels,
    derived,
    labels,
    next_step_state,
    random_ids,
)
from guildhall.reform.assessment.states import ConflictKind, ConflictState, SheetKind, StepMove
from guildhall.science.assignment import assign, deal_groups
from guildhall.science.draws import Draws, draw_lots
from guildhall.science.errors import Infeasible
from guildhall.science.panel import assign_panel


class DeclarationsOpen(Refusal):
    """Declared conflicts that nobody has answered."""

    code = "assessment.declarations-open"
    message = _("还有 %(n)d 件回避申报没有答复，先答复再分组。")


class DeclarationsRunning(Refusal):
    """Units may still declare conflicts: the day they were promised is not over."""

    code = "assessment.declarations-running"
    message = _("回避可以申报到 %(until)s，过了这一天才能分组。")


class NotYetScoring(Refusal):
    """Scoring starts at its time."""

    code = "assessment.not-yet-scoring"
    message = _("评分从 %(opens)s 开始。")


@dataclass(frozen=True)
class Field:
    """The units of a drawing as arrays; row k is the k-th application in `applications`."""

    applications: list[Application]
    computed: list[int]
    bonus: list[int]
    classes: tuple[IntArray, ...]
    conflicts: IntArray
    allowed: IntArray


def companies(units: list[Unit]) -> IntArray:
    """Which of these units belong to one group of companies, as labels in their order; −1 for those of none."""
    return company_labels(
        [unit.pk for unit in units],
        {unit.pk: unit.parent_company_id for unit in units},
        {unit.pk: unit.group_company for unit in units},
    )


def field_of(step: Step, applications: list[Application]) -> Field:
    """Scores, conflict classes and single pairs of these applications, in their order."""
    units = [row.unit for row in applications]
    place = {unit.pk: n for n, unit in enumerate(units)}
    scores = [computed_score(step.round.rules, row.facts)[0] for row in applications]
    bonus = [bonus_points(step.round.rules, row.facts) for row in applications]
    rows = list(Conflict.objects.filter(round=step.round).counting())

    def pairs(*, together: bool) -> IntArray:
        found = [
            (place[row.first_id], place[row.second_id])
            for row in rows
            if (row.kind == ConflictKind.PINNED_TOGETHER) == together
            and row.first_id in place
            and row.second_id in place
        ]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    return Field(
        applications, scores, bonus,
        (labels([unit.district_id for unit in units]), companies(units)),
        pairs(together=False), pairs(together=True),
    )  # fmt: skip


def appointed_experts(step: Step) -> list[User]:
    """Every expert in office at the federation, whoever employs them."""
    offices = Appointment.objects.active().filter(role=Role.EXPERT, union=step.round.union)
    found = User.objects.filter(is_active=True, appointments__in=offices).select_related("person__employer")
    return list(found.distinct().order_by("pk"))


def experts_of(step: Step) -> list[User]:
    """The pool: experts in office at the federation who work for no unit of the round, in a fixed order."""
    offices = Appointment.objects.active().filter(role=Role.EXPERT, union=step.round.union)
    units = step.round.applications.exclude(state__in=(State.REFUSED, State.WITHDRAWN)).values("unit")
    free = offices.exclude(user__person__employer__in=units)
    return list(User.objects.filter(is_active=True, appointments__in=free).distinct().order_by("pk"))


def infeasible(error: Infeasible) -> AssignmentInfeasible:
    """The science's refusal in the officer's words: each condition that fails, by name."""
    conditions = error.facts.get("conditions")
    names = [str(one["condition"]) for one in conditions] if isinstance(conditions, list) else [error.code]
    return AssignmentInfeasible(why="；".join(str(CONDITIONS.get(name, name)) for name in dict.fromkeys(names)))


@transaction.atomic
def draw(round_pk: int, *, by: User, key: UUID) -> Step:
    """Deal the groups and lots, assign reviewers and experts. Groups and lots are public, the assignment's seed is
    sealed for the auditor with the list that says which number is which unit; its digest is public.

    Raises `OutOfStep`, `DeclarationsRunning`, `DeclarationsOpen`, `AssignmentInfeasible` with every condition that fails.
    """
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    if made(StepMove.ASSIGN, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return step
    if step.round.state != RoundState.REVIEWING:
        raise OutOfStep(state=RoundState(step.round.state).label, move=StepMove.ASSIGN.label)
    step.state = next_step_state(step.state, StepMove.ASSIGN)
    if clock.today() <= step.declare_until:
        raise DeclarationsRunning(until=f"{step.declare_until:%Y-%m-%d}")
    if n := Conflict.objects.filter(round=step.round, state=ConflictState.PROPOSED).count():
        raise DeclarationsOpen(n=n)
    chosen = step.round.applications.filter(state=State.REVIEWING).select_related("unit").order_by("pk")
    applications = list(chosen)
    for refusal in against_tiers(step.round.rules, len(applications)):
        raise refusal  # Units have left since the round opened: more seats than units are left.
    mixed = Draws(secrets.randbits(128)).order(len(applications)).tolist()  # The number says nothing of the unit.
    found = field_of(step, [applications[n] for n in mixed])
    step.group_seed, step.seed = secrets.token_hex(16), secrets.token_hex(16)
    entrants = _enter(step, found)
    _assign(step, found, entrants)
    step.seed_digest = digest_of(step.seed)
    step.key_salt = secrets.token_hex(16)
    key_list = [[row.number, row.application.unit.code] for row in entrants]
    step.key_digest = digest_of([step.key_salt, key_list])
    step.drawn_at = clock.now()
    step.save()
    _record_draw(step, found, entrants, key_list, by, key)
    return step


def _record_draw(
    step: Step, found: Field, entrants: list[Entrant], key_list: list[list[object]], by: User, key: UUID
) -> None:
    stream, subject = step.round.stream, f"round:{step.round_id}"
    public = {
        "group_seed": step.group_seed,
        "seed_digest": step.seed_digest,
        "key_digest": step.key_digest,
        "groups": [[row.number, row.group, row.lot] for row in entrants],
    }
    record(StepMove.ASSIGN, stream=stream, subject=subject, by=by, content=public, key=key)
    codes = [row.unit.code for row in found.applications]
    hidden = {
        "seed": step.seed,
        "key_salt": step.key_salt,
        "units": key_list,
        "conflicts": [[codes[a], codes[b]] for a, b in found.conflicts.tolist()],
        "allowed": [[codes[a], codes[b]] for a, b in found.allowed.tolist()],
        "classes": [label.tolist() for label in found.classes],
    }
    record("assignment", stream=stream, subject=subject, by=by, content=hidden, sealed=True)


def _enter(step: Step, found: Field) -> list[Entrant]:
    """Numbers from 1 in the mixed order, groups as cross-sections of the computed score, lots by the public seed."""
    peers = step.round.rules.peers
    n = len(found.applications)
    try:
        group = deal_groups(found.computed, derived(step.group_seed, "groups"), peers.groups)
    except Infeasible as error:
        raise infeasible(error) from None
    lots = draw_lots(n, derived(step.group_seed, "lots"))
    return Entrant.objects.bulk_create(
        Entrant(
            step=step,
            application=row,
            number=k + 1,
            group=int(group[k]),
            lot=int(lots[k]),
            computed=found.computed[k],
            bonus=found.bonus[k],
        )
        for k, row in enumerate(found.applications)
    )


def _assign(step: Step, found: Field, entrants: list[Entrant]) -> None:
    """One sheet a unit and one an expert, each with its units in an order of its own."""
    rules = step.round.rules
    group = np.array([row.group for row in entrants], dtype=np.int64)
    experts = experts_of(step) if rules.weights.panel else []
    try:
        pairs = assign(
            group, rules.peers.reviews_each, derived(step.seed, "peers"),
            classes=found.classes, conflicts=found.conflicts, allowed=found.allowed,
        )  # fmt: skip
        panel = (
            assign_panel(group, len(experts), rules.panel.experts_each, derived(step.seed, "panel"))
            if rules.weights.panel
            else np.empty((0, 2), dtype=np.int64)
        )
    except Infeasible as error:
        raise infeasible(error) from None
    ids = random_ids(len(entrants) + len(experts))
    own = [Sheet(step=step, kind=SheetKind.PEERS, entrant=row, public_id=ids.pop()) for row in entrants]
    judges = [Sheet(step=step, kind=SheetKind.PANEL, expert=one, public_id=ids.pop()) for one in experts]
    Sheet.objects.bulk_create(own + judges)
    draws = Draws(derived(step.seed, "positions"))
    reviews = _reviews(own, entrants, pairs, draws) + _reviews(judges, entrants, panel, draws)
    Review.objects.bulk_create(reviews, batch_size=2_000)


def _reviews(sheets: list[Sheet], entrants: list[Entrant], pairs: IntArray, draws: Draws) -> list[Review]:
    order = draws.order(len(pairs))
    count = dict.fromkeys(range(len(sheets)), 0)
    rows = []
    for k in order.tolist():
        assessor, unit = pairs[k].tolist()
        count[assessor] += 1
        rows.append(Review(sheet=sheets[assessor], entrant=entrants[unit], position=count[assessor]))
    return rows


@transaction.atomic
def recall(round_pk: int, *, by: User, key: UUID) -> Step:
    """Take a drawing back before scoring has started, to change conflicts or experts; the record keeps it."""
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    if made(StepMove.RECALL, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return step
    step.state = next_step_state(step.state, StepMove.RECALL)
    step.sheets.all().delete()
    step.entrants.all().delete()
    step.group_seed = step.seed = step.seed_digest = step.key_digest = step.key_salt = ""
    step.drawn_at = None
    step.save()
    record(StepMove.RECALL, stream=step.round.stream, subject=f"round:{round_pk}", by=by, key=key)
    return step


@transaction.atomic
def start(round_pk: int, *, by: User | Clock, key: UUID) -> Step:
    """Open the sheets at the time set for it; the clock does so, or the officer once it has come."""
    steps = Step.objects.all() if isinstance(by, Clock) else Step.objects.visible_to(by)
    step = steps.hold(round_pk)
    if not isinstance(by, Clock):
        require(by, Right.RUN_ROUNDS, at=step.round.union)
    if made(StepMove.START, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return step
    if step.round.state != RoundState.REVIEWING:
        raise OutOfStep(state=RoundState(step.round.state).label, move=StepMove.START.label)
    opens = step.round.scoring_opens_at
    step.state = next_step_state(step.state, StepMove.START)
    if clock.now() < opens:
        raise NotYetScoring(opens=f"{opens.astimezone(clock.now().tzinfo):%Y-%m-%d %H:%M}")
    step.started_at = clock.now()
    step.save(update_fields=["state", "started_at"])
    record(StepMove.START, stream=step.round.stream, subject=f"round:{round_pk}", by=by, key=key)
    unions = list(step.entrants.values_list("application__union", flat=True))
    experts = list(User.objects.filter(sheets__step=step))
    until = step.round.scoring_closes_at.astimezone(clock.now().tzinfo)
    people = [*holders(Right.SCORE, unions), *experts]
    tell(
        "assessment.scoring", people, url="/assessment/sheets/", once=f"scoring:{round_pk}",
        round=step.round.title, until=f"{until.month}月{until.day}日 {until:%H:%M}",
    )  # fmt: skip
    return step
