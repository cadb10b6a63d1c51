"""Marking: drafts saved as they are typed, the sheet submitted as a whole, the lock at the deadline, substitutes."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.schema import Setup
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.records.moves import CLOCK, Entry, made, record, record_many
from guildhall.reform.assessment.models import Conflict, Entrant, Mark, Review, Sheet, Step, shut_to
from guildhall.reform.assessment.moves.drawing import companies
from guildhall.reform.assessment.rules import (
    FlatSheet,
    SessionNotOpen,
    SheetIncomplete,
    UnknownIndicator,
    complete,
    flat,
    judged,
    read_mark,
    review_score,
)
from guildhall.reform.assessment.states import ConflictKind, SheetKind, SheetState, StepState


class ScoringClosed(Refusal):
    """A mark or a sheet after the deadline: it binds by time, even where the lock itself comes later."""

    code = "assessment.scoring-closed"
    message = _("评分已于 %(closed)s 截止。如需补交请联系市总工会。")


class SheetChanged(Refusal):
    """Another screen has marked the same unit since this one was opened; both are shown, the person chooses."""

    code = "assessment.sheet-changed"
    message = _("另一台设备刚刚改过这家单位的评分。请刷新，对照后再改。")


class SubstituteUnfit(Refusal):
    """A substitute of another group, or one that may not review the units."""

    code = "assessment.substitute-unfit"
    message = _("不能由这家单位代评：%(why)s")
    status = 422


AT_DEADLINE = (SheetState.LOCKED, SheetState.SET_ASIDE)
"""What the deadline made of sheets that were not submitted."""


def running(step: Step, move: str | Promise) -> None:
    """Raises `OutOfStep` where the round is no longer under review: it was cancelled."""
    if step.round.state != RoundState.REVIEWING:
        raise OutOfStep(state=RoundState(step.round.state).label, move=move)


def marks_of(review: Review) -> dict[str, tuple[int, str]]:
    """A unit's marks by indicator, from the rows at hand."""
    return {mark.indicator: (mark.value, mark.reason) for mark in review.marks.all()}


def _held(pk: int, by: User) -> Sheet:
    """The sheet, held; where the time was extended after the lock it is open again."""
    seen = Sheet.objects.visible_to(by).pick(pk)
    if seen.state in AT_DEADLINE:
        reopen_extended(seen.step.round_id)
    return Sheet.objects.visible_to(by).hold(pk)


def _writable(sheet: Sheet, by: User) -> Sheet:
    """The sheet, while it may be marked by this person."""
    _may_mark(sheet, by)
    running(sheet.step, _("改评分"))
    closes = sheet.step.round.scoring_closes_at
    if clock.now() > closes:
        raise ScoringClosed(closed=f"{closes.astimezone(clock.now().tzinfo):%Y-%m-%d %H:%M}")
    if not sheet.editable:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("改评分"))
    return sheet


def _may_mark(sheet: Sheet, by: User) -> None:
    if sheet.kind == SheetKind.PANEL:
        if sheet.expert_id != by.pk or not by.may(Right.JUDGE):
            raise NoRight
    elif sheet.entrant is not None:
        require(by, Right.SCORE, at=sheet.entrant.application.union)


@transaction.atomic
def save_marks(
    sheet_pk: int,
    review_pk: int,
    marks: Mapping[str, tuple[object, str]],
    *,
    by: User,
    version: int | None = None,
) -> Review:
    """Save a unit's marks as a draft: (mark, reason) by indicator. Saving the same again changes nothing.

    A reason may still be missing; submission asks for it. `version` is the one the screen was opened with. Raises
    `NotHere`, `ScoringClosed`, `OutOfStep`, `SessionNotOpen`, `MarkOutOfRange`, `UnknownIndicator`, `SheetChanged`.
    """
    sheet = _writable(_held(sheet_pk, by), by)
    review = sheet.reviews.filter(pk=review_pk).select_related("entrant").prefetch_related("marks").first()
    if review is None:
        raise NotHere
    _session_open(review)
    leaves = judged(sheet.step.round.rules)
    if unknown := marks.keys() - leaves.keys():
        raise UnknownIndicator(keys=sorted(unknown))
    read = {
        key: (read_mark(value, worded(leaves[key].label)), said.strip()[:400]) for key, (value, said) in marks.items()
    }
    before = marks_of(review)
    changed = {key: value for key, value in read.items() if before.get(key) != value}
    if not changed:
        return review
    if version is not None and version != review.version:
        raise SheetChanged
    Mark.objects.bulk_create(
        [Mark(review=review, indicator=key, value=value, reason=said) for key, (value, said) in changed.items()],
        update_conflicts=True,
        unique_fields=["review", "indicator"],
        update_fields=["value", "reason"],
    )
    review.version += 1
    review.save(update_fields=["version"])
    return review


def _session_open(review: Review) -> None:
    """Where a meeting is held, a unit is marked only once the session in which it speaks has opened."""
    of = review.entrant.application_id
    if shut := shut_to([of]).get(of):
        starts = shut.starts_at.astimezone(clock.now().tzinfo)
        raise SessionNotOpen(n=shut.number, starts=f"{starts:%Y-%m-%d %H:%M}")


def _scores(setup: Setup, reviews: list[Review]) -> tuple[list[int], list[Review]]:
    """The scores of the fully marked units, and the units that are not."""
    found = [(review, marks_of(review)) for review in reviews]
    scores = [review_score(setup, marks) for _review, marks in found if complete(setup, marks)]
    return scores, [review for review, marks in found if not complete(setup, marks)]


@transaction.atomic
def submit(sheet_pk: int, *, by: User, key: UUID) -> Sheet:
    """Submit the sheet as a whole and lock it. The content is recorded under a digest, sealed from all but auditors.

    Raises `SheetIncomplete` naming the units, `FlatSheet`, `ScoringClosed`, `OutOfStep`.
    """
    subject = f"sheet:{sheet_pk}"
    sheet = _held(sheet_pk, by)
    if made("submit", stream=sheet.step.round.stream, subject=subject, key=key):
        return sheet
    sheet = _writable(sheet, by)
    setup = sheet.step.round.rules
    reviews = list(sheet.reviews.select_related("entrant__application__unit").prefetch_related("marks"))
    scores, left = _scores(setup, reviews)
    if left:
        names = "、".join(review.entrant.application.unit.name for review in left[:5])
        raise SheetIncomplete(n=len(left), units=names)
    if flat(scores):
        raise FlatSheet
    sheet.state, sheet.submitted_at, sheet.submitted_by = SheetState.SUBMITTED, clock.now(), by
    sheet.save(update_fields=["state", "submitted_at", "submitted_by"])
    record("submit", stream=sheet.step.round.stream, subject=subject, by=by, content=_content(reviews), key=key,
           sealed=True)  # fmt: skip
    return sheet


def _content(reviews: list[Review]) -> dict[str, object]:
    return {"marks": {str(review.entrant.number): marks_of(review) for review in reviews}}


@transaction.atomic
def lock_due(round_pk: int) -> int:
    """At the deadline, lock every sheet that was not submitted, as it stands; returns how many.

    Units fully marked count, the others are missing; a flat sheet is set aside. The clock's own move, and safe twice.
    """
    step = Step.objects.hold(round_pk)
    if not _scored(step) or clock.now() <= step.round.scoring_closes_at:
        return 0
    open_sheets = step.sheets.select_for_update(of=("self",)).filter(state=SheetState.OPEN).order_by("pk")
    sheets = list(open_sheets.prefetch_related("reviews__marks", "reviews__entrant"))
    for sheet in sheets:
        scores, _left = _scores(step.round.rules, list(sheet.reviews.all()))
        sheet.state = SheetState.SET_ASIDE if flat(scores) else SheetState.LOCKED
    Sheet.objects.bulk_update(sheets, ["state"])
    entries = [
        Entry(act="lock", subject=f"sheet:{sheet.pk}", sealed=True,
              content={"state": sheet.state, **_content(list(sheet.reviews.all()))})
        for sheet in sheets
    ]  # fmt: skip
    record_many(step.round.stream, entries, by=CLOCK)
    return len(sheets)


@transaction.atomic
def reopen_extended(round_pk: int) -> int:
    """Open again what the deadline locked, once the time was extended for all; returns how many. A submitted sheet
    stays as it is. The clock's own move, made by the first who marks where the clock is late; safe twice."""
    step = Step.objects.hold(round_pk)
    if not _scored(step) or clock.now() > step.round.scoring_closes_at:
        return 0
    locked = step.sheets.select_for_update(of=("self",)).filter(state__in=AT_DEADLINE).order_by("pk")
    sheets = list(locked)
    step.sheets.filter(pk__in=[sheet.pk for sheet in sheets]).update(state=SheetState.OPEN)
    entries = [Entry(act="reopen", subject=f"sheet:{sheet.pk}", sealed=True) for sheet in sheets]
    record_many(step.round.stream, entries, by=CLOCK)
    return len(sheets)


def _scored(step: Step) -> bool:
    return step.state == StepState.SCORING and step.round.state == RoundState.REVIEWING


@transaction.atomic
def substitute(round_pk: int, absent: int, stand_in: int, *, reason: str, by: User, key: UUID) -> int:
    """Hand an absent assessor's unmarked units to another unit of the same group; returns how many it took over.

    They join the substitute's own sheet, for severity belongs to a person. A unit the substitute may not review (a
    conflict, itself its reviewer, one it has already) stays where it is. `absent` and `stand_in` are entrants' ids.
    Raises `SubstituteUnfit`, `OutOfStep`.
    """
    reopen_extended(round_pk)
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    subject = f"round:{round_pk}"
    if earlier := made("substitute", stream=step.round.stream, subject=subject, key=key):
        return int(earlier.body["taken"])
    if step.state != StepState.SCORING:
        raise OutOfStep(state=StepState(step.state).label, move=_("代评"))
    running(step, _("代评"))
    said = need_reason(reason)
    source, target = _both_sheets(step, absent, stand_in)
    taken = _taken(step, source, target)
    if not taken:
        raise SubstituteUnfit(why=_("没有一家可以交给它"))
    last = target.reviews.aggregate(last=Max("position", default=0))["last"]
    for place, review in enumerate(taken, 1):
        review.sheet, review.assigned_to, review.position = target, review.assigned_to or source, last + place
    Review.objects.bulk_update(taken, ["sheet", "assigned_to", "position"])
    content = {"taken": len(taken)}
    record("substitute", stream=step.round.stream, subject=subject, by=by, content=content, key=key, note=said)
    hidden = {"from": source.pk, "to": target.pk, "units": [review.entrant.number for review in taken]}
    record("handed_over", stream=step.round.stream, subject=subject, by=by, content=hidden, sealed=True)
    if target.entrant is not None:
        people = holders(Right.SCORE, [target.entrant.application.union_id])
        tell("assessment.substitute", people, url="/assessment/sheets/", n=len(taken), round=step.round.title)
    return len(taken)


def _both_sheets(step: Step, absent: int, stand_in: int) -> tuple[Sheet, Sheet]:
    rows = step.sheets.select_for_update(of=("self",)).filter(entrant__in=(absent, stand_in)).order_by("pk")
    sheets = {row.entrant_id: row for row in rows.select_related("entrant__application__unit")}
    if absent == stand_in or len(sheets) < 2:
        raise NotHere
    source, target = sheets[absent], sheets[stand_in]
    if source.entrant is None or target.entrant is None or source.entrant.group != target.entrant.group:
        raise SubstituteUnfit(why=_("代评的单位要在同一组，这样谁也影响不到自己的名次"))
    if target.entrant.application.state != State.REVIEWING:
        raise SubstituteUnfit(why=_("它已经退出本轮"))
    if (source.state, target.state) != (SheetState.OPEN, SheetState.OPEN):
        raise SubstituteUnfit(why=_("有一份评分表已经提交"))
    return source, target


def _taken(step: Step, source: Sheet, target: Sheet) -> list[Review]:
    """The unmarked reviews that the substitute may take over."""
    if target.entrant is None:
        return []
    unit = target.entrant.application.unit
    has = set(target.reviews.values_list("entrant_id", flat=True))
    reviewers = Review.objects.filter(entrant=target.entrant, sheet__kind=SheetKind.PEERS)
    mutual = set(reviewers.values_list("sheet__entrant_id", flat=True))
    barred = _barred_units(step, unit)
    waiting = source.reviews.filter(marks=None).select_related("entrant__application__unit", "assigned_to")
    return [
        review
        for review in waiting.order_by("position")
        if review.entrant_id not in has | mutual and review.entrant.application.unit_id not in barred
    ]


def _barred_units(step: Step, unit: Unit) -> set[int]:
    """The units of the round that this one may not review, by the classes of the drawing, pins counted in."""
    units = [row.application.unit for row in Entrant.objects.filter(step=step).select_related("application__unit")]
    company = companies(units)
    own = company[[one.pk for one in units].index(unit.pk)]
    barred = {
        one.pk
        for one, label in zip(units, company.tolist(), strict=True)
        if one.district_id == unit.district_id or label == own != -1
    }
    allowed: set[int] = set()
    for row in Conflict.objects.filter(round=step.round).counting():
        if unit.pk in (row.first_id, row.second_id):
            other = row.second_id if row.first_id == unit.pk else row.first_id
            (allowed if row.kind == ConflictKind.PINNED_TOGETHER else barred).add(other)
    return (barred - allowed) | {unit.pk}


def judges(user: User, application: Application) -> bool:
    """Whether this unit is on a sheet the user marks, and so its evidence open to it. Registered with the cycle."""
    return Sheet.objects.visible_to(user).filter(reviews__entrant__application=application).exists()
