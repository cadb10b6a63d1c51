"""Conflicts between units of a round: declared by a unit, answered and pinned by the officer in charge."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import made, record
from guildhall.reform.assessment.models import Conflict, Step
from guildhall.reform.assessment.states import ConflictKind, ConflictState, StepState


class TooManyDeclared(Refusal):
    """A unit may keep out only so many."""

    code = "assessment.too-many-declared"
    message = _("每家单位最多申报 %(most)d 家回避单位，本单位已经申报满了。")


class DeclaredLate(Refusal):
    """Declarations end on a date of their own."""

    code = "assessment.declared-late"
    message = _("回避申报已于 %(until)s 截止。")


class DeclaredTwice(Refusal):
    """The same two units, declared again."""

    code = "assessment.declared-twice"
    message = _("这两家单位之间的回避关系已经登记过了。")


def _still_open(step: Step) -> None:
    """Conflicts are frozen before the drawing, and a cancelled round takes none."""
    if step.round.state == RoundState.CANCELLED:
        raise OutOfStep(state=RoundState.CANCELLED.label, move=_("改回避关系"))
    if step.state != StepState.PLANNED:
        raise OutOfStep(state=StepState(step.state).label, move=_("改回避关系"))


def _pair(step: Step, first: int, second: int) -> tuple[Unit, Unit]:
    """Two different units that take part in this round; `NotHere` for any other."""
    if first == second:
        raise BadInput(what=_("一家单位本来就不评自己。请选另外一家。"))
    rows = step.taking_part().filter(unit__in=(first, second)).select_related("unit")
    units = {row.unit_id: row.unit for row in rows}
    if len(units) < 2:
        raise NotHere
    return units[first], units[second]


def _unless_there(step: Step, first: int, second: int, kinds: Sequence[str]) -> None:
    both = Q(first=first, second=second) | Q(first=second, second=first)
    rows = Conflict.objects.filter(both, round=step.round, kind__in=kinds)
    if rows.exclude(state=ConflictState.DECLINED).exists():
        raise DeclaredTwice


@transaction.atomic
def declare(round_pk: int, own: int, other: int, *, reason: str, by: User, key: UUID) -> Conflict:
    """A unit declares that it and another should not review one another; an officer answers.

    `own` and `other` are units' ids. Raises `NotHere`, `NoRight`, `DeclaredLate`, `TooManyDeclared`, `DeclaredTwice`.
    """
    application = Application.objects.visible_to(by).filter(round=round_pk, unit=own).select_related("union").first()
    if application is None:
        raise NotHere
    require(by, Right.SPEAK_FOR_UNIT, at=application.union)
    step = Step.objects.hold(round_pk)
    asked = {"other": other}
    if earlier := made("declare", stream=step.round.stream, subject=application.subject, key=key, content=asked):
        return Conflict.objects.get(pk=earlier.body["conflict"])
    _still_open(step)
    if clock.today() > step.declare_until:
        raise DeclaredLate(until=f"{step.declare_until:%Y-%m-%d}")
    first, second = _pair(step, own, other)
    said = need_reason(reason)
    most = step.round.rules.peers.declared_most
    mine = Conflict.objects.filter(round=round_pk, kind=ConflictKind.DECLARED, first=own)
    if mine.exclude(state=ConflictState.DECLINED).count() >= most:
        raise TooManyDeclared(most=most)
    _unless_there(step, own, other, [ConflictKind.DECLARED])
    conflict, _new = Conflict.objects.update_or_create(
        round=step.round,
        first=first,
        second=second,
        kind=ConflictKind.DECLARED,
        defaults={"state": ConflictState.PROPOSED, "reason": said, "declared_by": by, "answered_by": None},
    )
    content = {"conflict": conflict.pk, **asked}
    record("declare", stream=step.round.stream, subject=application.subject, by=by, content=content, key=key, note=said)
    return conflict


@transaction.atomic
def answer(pk: int, *, approve: bool, by: User, key: UUID) -> Conflict:
    """The officer in charge approves a declaration, or declines it; the unit is told."""
    conflict = Conflict.objects.visible_to(by).filter(pk=pk).select_related("declared_by", "second").first()
    if conflict is None:
        raise NotHere
    step = Step.objects.hold(conflict.round_id)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    subject = f"conflict:{pk}"
    if made("answer_conflict", stream=step.round.stream, subject=subject, key=key):
        return conflict
    _still_open(step)
    conflict.refresh_from_db(fields=["state"])
    if conflict.state != ConflictState.PROPOSED:
        raise OutOfStep(state=ConflictState(conflict.state).label, move=_("答复"))
    conflict.state = ConflictState.APPROVED if approve else ConflictState.DECLINED
    conflict.answered_by = by
    conflict.save(update_fields=["state", "answered_by"])
    content = {"state": conflict.state}
    record("answer_conflict", stream=step.round.stream, subject=subject, by=by, content=content, key=key)
    if conflict.declared_by:
        outcome = "approved" if approve else "declined"
        tell(f"assessment.conflict_{outcome}", [conflict.declared_by], other=conflict.second.name)
    return conflict


@transaction.atomic
def pin(round_pk: int, first: int, second: int, *, apart: bool, reason: str, by: User, key: UUID) -> Conflict:
    """The officer in charge keeps two units apart, or lets them meet in spite of a conflict. The pin wins,
    save that no unit ever reviews itself."""
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    subject = f"round:{round_pk}"
    both = [ConflictKind.PINNED_APART, ConflictKind.PINNED_TOGETHER]
    kind = both[0] if apart else both[1]
    asked = {"kind": kind, "units": sorted((first, second))}
    if earlier := made("pin", stream=step.round.stream, subject=subject, key=key, content=asked):
        return Conflict.objects.get(pk=earlier.body["conflict"])
    _still_open(step)
    one, other = _pair(step, *sorted((first, second)))
    said = need_reason(reason)
    _unless_there(step, one.pk, other.pk, both)
    conflict = Conflict.objects.create(
        round=step.round, first=one, second=other, kind=kind, reason=said, answered_by=by
    )
    content = {"conflict": conflict.pk, **asked}
    record("pin", stream=step.round.stream, subject=subject, by=by, content=content, key=key, note=said)
    return conflict


@transaction.atomic
def unpin(pk: int, *, by: User, key: UUID) -> int:
    """Take a pin away again, before the drawing; returns the round's id, to the same submission sent again too."""
    conflict = Conflict.objects.visible_to(by).filter(pk=pk, declared_by=None).first()
    step = Step.objects.hold(conflict.round_id if conflict else _unpinned(by, key))
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    stream, subject = step.round.stream, f"round:{step.round_id}"
    if made("unpin", stream=stream, subject=subject, key=key, content={"conflict": pk}):
        return step.round_id
    _still_open(step)
    if conflict is None or not Conflict.objects.filter(pk=pk).delete()[0]:
        raise NotHere
    content = {"conflict": pk, "kind": conflict.kind, "units": [conflict.first_id, conflict.second_id]}
    record("unpin", stream=stream, subject=subject, by=by, content=content, key=key)
    return step.round_id


def _unpinned(by: User, key: UUID) -> int:
    """The round in whose chain this submission took a pin away already; `NotHere` where none did."""
    earlier = Decision.objects.filter(act="unpin", actor=by, key=key).first()
    if earlier is None:
        raise NotHere
    return int(earlier.subject.removeprefix("round:"))
