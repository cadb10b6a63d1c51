"""A round from its plan to its end."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Extension, Programme, Round
from guildhall.foundation.programmes.moves.checks import before_decision
from guildhall.foundation.programmes.moves.levels import lay_out
from guildhall.foundation.programmes.moves.placing import place
from guildhall.foundation.programmes.registry import DECIDED, FIXED, OPENED, READY, hook
from guildhall.foundation.programmes.rules import (
    against_dates,
    against_setup,
    counted_days,
    need_reason,
    next_round_state,
    next_state,
)
from guildhall.foundation.programmes.rules.levels import ends_of_levels
from guildhall.foundation.programmes.schema import Setup
from guildhall.foundation.programmes.states import NEEDS, Move, RoundMove, RoundState, State
from guildhall.foundation.records.moves import CLOCK, Clock, Entry, made, record, record_many


class Dates(TypedDict):
    """The dates a round sets for itself."""

    opens_on: date
    closes_on: date
    scoring_opens_at: datetime
    scoring_closes_at: datetime
    notice_on: date


class NotExtended(Refusal):
    """A deadline is only moved to a later time, and one still to come."""

    code = "programmes.not-extended"
    message = _("新的截止时间要晚于原来的 %(before)s，也要晚于现在。")
    status = 422


class NobodyEligible(Refusal):
    """A round without a unit."""

    code = "programmes.nobody-eligible"
    message = _("名单里没有一家单位，批次不能开始。")
    status = 422


class NotProposed(Refusal):
    """The officer in charge has not put the result before the leader."""

    code = "programmes.not-proposed"
    message = _("承办人还没有把结果报您审定。")


class RoundExists(Refusal):
    """The programme has its round of the year already."""

    code = "programmes.round-exists"
    message = _("%(year)d年度已经有一个批次：%(title)s。")


class StillChecking(Refusal):
    """Some applications are neither accepted nor refused."""

    code = "programmes.still-checking"
    message = _("还有 %(n)d 件申报没有审查完，不能开始评审。")


def _dates_of(dates: Dates) -> list[tuple[str, date | datetime]]:
    return [
        (str(_("开始日")), dates["opens_on"]),
        (str(_("材料截止日")), dates["closes_on"]),
        (str(_("评分开始")), dates["scoring_opens_at"]),
        (str(_("评分截止")), dates["scoring_closes_at"]),
        (str(_("计划公示日")), dates["notice_on"]),
    ]


def against_round_dates(dates: Dates) -> list[tuple[int, Refusal]]:
    """Each date that lies before the one it must follow, by its place in order, with the refusal."""
    named = _dates_of(dates)
    pairs = ((place, against_dates(named[place - 1 : place + 1])) for place in range(1, len(named)))
    return [(place, refusals[0]) for place, refusals in pairs if refusals]


def refuse_first(refusals: Iterable[Refusal]) -> None:
    """Raise the first of the refusals a rule found, if any."""
    for refusal in refusals:
        raise refusal


@transaction.atomic
def plan_round(
    programme: Programme, *, year: int, title: str, dates: Dates, setup: Setup | None = None, by: User, key: UUID
) -> Round:
    """Plan a round of a programme at the actor's federation; its set-up starts from the programme's own.

    Raises `NoRight`, `DatesCross`. The same `key` again returns the round it made.
    """
    offices = [office for office in by.offices if office.union_id in by.unions_with(Right.RUN_ROUNDS)]
    if not offices:
        raise NoRight
    union = offices[0].union
    Union.objects.select_for_update(no_key=True).get(pk=union.pk)  # One round a year: two who plan it wait in turn.
    stream = f"programme:{programme.code}"
    if earlier := made("plan", stream=stream, subject=f"{programme.code}:{year}", key=key):
        return Round.objects.get(pk=earlier.body["round"])
    refuse_first(against_dates(_dates_of(dates)))
    same = Round.objects.filter(programme__code=programme.code, year=year, union=union)
    if other := same.exclude(state=RoundState.CANCELLED).first():
        raise RoundExists(year=year, title=other.title)
    planned = Round.objects.create(
        programme=programme,
        union=union,
        year=year,
        title=title,
        setup=(setup or programme.file.setup).model_dump(mode="json"),
        **dates,
    )
    content = {"round": planned.pk, "title": title, "version": programme.version, "digest": programme.digest}
    record("plan", stream=stream, subject=f"{programme.code}:{year}", by=by, content=content, key=key)
    return planned


@transaction.atomic
def amend_round(pk: int, *, title: str, dates: Dates, setup: Setup, by: User, key: UUID) -> Round:
    """Change a planned round's title, dates and set-up. Weights and points may be off while it is planned.

    Raises `NotHere`, `NoRight`, `OutOfStep` once it is open, `DatesCross`.
    """
    changed = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=changed.union)
    content = {
        "title": title,
        "setup": setup.model_dump(mode="json"),
        "dates": {name: str(value) for name, value in dates.items()},
    }
    if made("amend", stream=changed.stream, subject=f"round:{pk}", key=key, content=content):
        return changed
    if changed.state != RoundState.PLANNED:
        raise OutOfStep(state=RoundState(changed.state).label, move=_("修改设置"))
    refuse_first(against_dates(_dates_of(dates)))
    changed.title, changed.setup = title, content["setup"]
    for name, value in dates.items():
        setattr(changed, name, value)
    changed.__dict__.pop("rules", None)
    changed.save()
    record("amend", stream=changed.stream, subject=f"round:{pk}", by=by, content=content, key=key)
    return changed


def _step(pk: int, move: RoundMove, by: User | Clock, key: UUID) -> tuple[Round, bool]:
    """The round held, its right and replay checked, its state advanced but not yet saved."""
    rounds = Round.objects.all() if isinstance(by, Clock) else Round.objects.visible_to(by)
    held = rounds.hold(pk)
    if not isinstance(by, Clock):
        right = NEEDS[move]
        if right is None:
            raise NoRight
        require(by, right, at=held.union)
    if made(move, stream=held.stream, subject=f"round:{pk}", key=key):
        return held, True
    held.state = next_round_state(held.state, move)
    return held, False


def _record(done: Round, move: RoundMove, by: User | Clock, key: UUID, note: str = "", **content: Any) -> None:
    done.save()
    record(
        move, stream=done.stream, subject=f"round:{done.pk}", by=by, content={"state": done.state, **content},
        key=key, note=note,
    )  # fmt: skip


@transaction.atomic
def open_round(pk: int, units: Iterable[Unit], *, by: User, key: UUID) -> Round:
    """Open a planned round for its eligible units: each gets an application in `checking`, the set-up is fixed.

    Raises the first reason of `against_setup` (weights, points, tiers over the fund, more seats than units).
    """
    opened, again = _step(pk, RoundMove.OPEN, by, key)
    if again:
        return opened
    eligible = {unit.pk: unit for unit in units}
    if not eligible:
        raise NobodyEligible
    applied = opened.rules.entry == "applied"
    refuse_first(against_setup(opened.rules, None if applied else len(eligible)))
    counted_days(opened.notice_on, opened.rules.notice)  # A year whose working days nobody entered is refused now.
    ends = ends_of_levels(opened.rules.levels, opened.closes_on)
    lay_out(opened, ends)
    rows = Application.objects.bulk_create(
        Application(round=opened, unit=unit, union_id=unit.union_id)
        for unit in eligible.values()
        if not applied  # Units apply themselves; else each has its application from the first day.
    )
    hook(OPENED, opened)(opened)
    _record(opened, RoundMove.OPEN, by, key, setup=opened.setup, units=sorted(eligible))
    record_many(
        opened.stream,
        [Entry(act="enter", subject=row.subject, content={"unit": row.unit_id}) for row in rows],
        by=by,
    )
    officers = holders(Right.SPEAK_FOR_UNIT, [unit.union_id for unit in eligible.values()])
    tell(
        "programmes.called" if applied else "programmes.opened",
        officers,
        once=f"opened:{pk}",
        round=opened.title,
        until=f"{opened.closes_on.month}月{opened.closes_on.day}日",
    )
    return opened


@transaction.atomic
def close_round(pk: int, *, by: User | Clock, key: UUID) -> Round:
    """Close the round to further facts and evidence; the clock does so at the end of its last day."""
    closed, again = _step(pk, RoundMove.CLOSE, by, key)
    if not again:
        _record(closed, RoundMove.CLOSE, by, key)
    return closed


def close_due_rounds() -> int:
    """Close every open round whose materials' day has ended; the clock's job. Returns how many."""
    due = Round.objects.filter(state=RoundState.OPEN, closes_on__lte=clock.today()).order_by("pk")
    ended = [of.pk for of in due if clock.end_of_day(of.closes_on) <= clock.now()]
    for pk in ended:
        close_round(pk, by=CLOCK, key=uuid5(NAMESPACE_URL, f"close:{pk}"))
    return len(ended)


@transaction.atomic
def start_review(pk: int, *, by: User, key: UUID) -> Round:
    """Begin the review once every application is accepted, refused or withdrawn. Raises `StillChecking`."""
    begun, again = _step(pk, RoundMove.REVIEW, by, key)
    if again:
        return begun
    if left := begun.applications.filter(state__in=(State.AWAITING, State.RETURNED, State.CHECKING)).count():
        raise StillChecking(n=left)
    _record(begun, RoundMove.REVIEW, by, key)
    return begun


@transaction.atomic
def extend_scoring(pk: int, until: datetime, *, reason: str, by: User, key: UUID) -> Round:
    """Move the end of scoring to a later time, for all, with its reason. Raises `NotExtended`."""
    extended = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=extended.union)
    asked = {"after": until.isoformat()}
    if made("extend", stream=extended.stream, subject=f"round:{pk}", key=key, content=asked):
        return extended
    if extended.state not in (RoundState.CLOSED, RoundState.REVIEWING):
        raise OutOfStep(state=RoundState(extended.state).label, move=_("延长评分"))
    if hook(FIXED, extended)(extended):
        raise OutOfStep(state=_("已封存"), move=_("延长评分"))
    before = extended.scoring_closes_at
    if until <= before or until <= clock.now():
        raise NotExtended(before=f"{before.astimezone(until.tzinfo):%Y-%m-%d %H:%M}")
    said = need_reason(reason)
    extended.scoring_closes_at = until
    extended.save(update_fields=["scoring_closes_at"])
    Extension.objects.create(round=extended, before=before, after=until, reason=said, by=by, at=clock.now())
    content = {"before": before.isoformat(), **asked}
    record("extend", stream=extended.stream, subject=f"round:{pk}", by=by, content=content, key=key, note=said)
    unions = list(extended.applications.values_list("union_id", flat=True))
    told = holders(Right.SPEAK_FOR_UNIT, unions).union(holders(Right.SCORE, unions))
    here = until.astimezone(clock.now().tzinfo)
    when = f"{here.month}月{here.day}日 {here:%H:%M}"
    tell("programmes.extended", told, once=f"extended:{pk}:{key}", round=extended.title, until=when)
    return extended


@transaction.atomic
def propose_result(pk: int, *, by: User, key: UUID) -> Round:
    """The officer in charge puts the computed result before the leader. Raises what the domain's readiness says."""
    proposed = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=proposed.union)
    if made("propose", stream=proposed.stream, subject=f"round:{pk}", key=key):
        return proposed
    if proposed.state != RoundState.REVIEWING or proposed.proposed_at:
        raise OutOfStep(state=RoundState(proposed.state).label, move=_("报请审定"))
    content = hook(READY, proposed)(proposed)
    proposed.proposed_at, proposed.proposed_by = clock.now(), by
    proposed.save(update_fields=["proposed_at", "proposed_by"])
    record("propose", stream=proposed.stream, subject=f"round:{pk}", by=by, content=content, key=key)
    leaders = holders(Right.DECIDE, proposed.union.lineage)
    tell("programmes.proposed", leaders, once=f"proposed:{pk}:{key}", round=proposed.title)
    return proposed


@transaction.atomic
def send_back(pk: int, *, reason: str, by: User, key: UUID) -> Round:
    """The leader sends the proposed result back with a reason; nothing of it changes."""
    back = Round.objects.visible_to(by).hold(pk)
    require(by, Right.DECIDE, at=back.union)
    if made("send_back", stream=back.stream, subject=f"round:{pk}", key=key):
        return back
    if back.state != RoundState.REVIEWING or not back.proposed_at:
        raise NotProposed
    said = need_reason(reason)
    proposer = back.proposed_by
    back.proposed_at = back.proposed_by = None
    back.save(update_fields=["proposed_at", "proposed_by"])
    record("send_back", stream=back.stream, subject=f"round:{pk}", by=by, content={}, key=key, note=said)
    if proposer:
        tell("programmes.sent_back", [proposer], once=f"back:{pk}:{key}", round=back.title, reason=said)
    return back


@transaction.atomic
def decide(pk: int, *, override: str = "", by: User, key: UUID) -> Round:
    """The leader decides the proposed result: every application under review becomes `proposed`, still unseen.

    Every rule is held against it before; `override` says why the list may break one over the whole. Raises `NotProposed`,
    `OutOfStep`, `CheckFailed`, `ListUneven`.
    """
    decided, again = _step(pk, RoundMove.DECIDE, by, key)
    if again:
        return decided
    if not decided.proposed_at:
        raise NotProposed
    content = hook(READY, decided)(decided) | before_decision(decided, override)
    if decided.rules.stepwise:
        _choose(decided, by)
    else:
        advance_all(decided, State.REVIEWING, Move.PROPOSE, by=by)
    hook(DECIDED, decided)(decided)
    _record(decided, RoundMove.DECIDE, by, key, **content)
    return decided


def _choose(of: Round, by: User | Clock) -> None:
    """Who is chosen becomes `proposed`, everybody else `not_selected`; both are unseen until the release."""
    rows = list(of.applications.filter(state=State.REVIEWING).order_by("pk"))
    taken = {one.application_id for one in place(of, rows) if one.chosen}
    advance_all(of, State.REVIEWING, Move.PROPOSE, by=by, only=taken)
    advance_all(of, State.REVIEWING, Move.PASS_OVER, by=by)


@transaction.atomic
def release(pk: int, *, by: User, key: UUID) -> Round:
    """Show every unit its own result, all at once; the published file can be had from now on."""
    released, again = _step(pk, RoundMove.RELEASE, by, key)
    if again:
        return released
    released.released_at = clock.now()
    _record(released, RoundMove.RELEASE, by, key)
    told = holders(Right.SPEAK_FOR_UNIT, released.applications.values_list("union_id", flat=True))
    tell("programmes.released", told, once=f"released:{pk}", round=released.title)
    return released


@transaction.atomic
def cancel_round(pk: int, *, reason: str, by: User, key: UUID) -> Round:
    """The leader cancels a round with a reason; nothing of it is shown, paid or forgotten."""
    cancelled, again = _step(pk, RoundMove.CANCEL, by, key)
    if again:
        return cancelled
    said = need_reason(reason)
    _record(cancelled, RoundMove.CANCEL, by, key, note=said)
    unions = list(cancelled.applications.values_list("union_id", flat=True))
    told = holders(Right.SPEAK_FOR_UNIT, unions).union(holders(Right.RUN_ROUNDS, cancelled.union.lineage))
    tell("programmes.cancelled", told, once=f"cancelled:{pk}", round=cancelled.title, reason=said)
    return cancelled


def advance_all(
    of: Round, state: State, move: Move, *, by: User | Clock, only: Collection[int] | None = None
) -> list[int]:
    """Every application of the round in `state`, or those of `only`, makes `move`, in one statement, an entry each."""
    held = of.applications.select_for_update(of=("self",)).filter(state=state)
    rows = list((held if only is None else held.filter(pk__in=only)).order_by("pk"))
    target = next_state(state, move)
    of.applications.filter(pk__in=[row.pk for row in rows]).update(state=target)
    record_many(of.stream, [Entry(act=move, subject=row.subject, content={"state": target}) for row in rows], by=by)
    return [row.pk for row in rows]
