"""Designating, extending, ending and withdrawing pilots; the chain `register:pilots` holds each act."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, UnitState
from guildhall.foundation.records.moves import made, record
from guildhall.reform.pilots.models import Designation
from guildhall.reform.pilots.rules import AlreadyPilot, NeedsReason, TermCrosses, UnitGone, after, against_shape

STREAM = "register:pilots"


@transaction.atomic
def designate(
    unit_pk: int, *, kind: str, level: str, batch: int, starts: date, ends: date, theme: str = "", by: User, key: UUID
) -> Designation:
    """Enter a unit as a pilot of one level.

    Raises `NotHere`, `NoRight`, `UnitGone`, `ThemeMismatch`, `TermCrosses`, `AlreadyPilot`.
    """
    unit = Unit.objects.visible_to(by).select_related("union").select_for_update(of=("self",)).pick(unit_pk)
    require(by, Right.MANAGE_UNITS, at=unit.union)
    subject = f"unit:{unit.pk}"
    if earlier := made("pilot.designate", stream=STREAM, subject=subject, key=key):
        return Designation.objects.get(pk=earlier.body["designation"])
    if unit.state != UnitState.ACTIVE:
        raise UnitGone(unit=unit.name, state=unit.get_state_display())
    if refusal := against_shape(kind, theme, starts, ends):
        raise refusal
    held = Designation.objects.filter(unit=unit, level=level, state="active").first()
    if held:
        raise AlreadyPilot(unit=unit.name, level=held.get_level_display(), ends=held.ends)
    entry = Designation.objects.create(
        unit=unit, kind=kind, theme=theme, level=level, batch=batch, starts=starts, ends=ends
    )
    content = _content(entry)
    record("pilot.designate", stream=STREAM, subject=subject, by=by, content=content, key=key)
    return entry


def _content(entry: Designation) -> dict[str, Any]:
    fields = ("kind", "theme", "level", "batch", "starts", "ends")
    return {"designation": entry.pk, **{name: getattr(entry, name) for name in fields}}


def _hold(pk: int, by: User, note: str) -> Designation:
    """The designation, locked, in the asker's sight and management; an act on it says why."""
    rows = Designation.objects.visible_to(by).select_related("unit__union")
    entry = rows.select_for_update(of=("self",)).pick(pk)
    require(by, Right.MANAGE_UNITS, at=entry.unit.union)
    if not note.strip():
        raise NeedsReason
    return entry


@transaction.atomic
def extend(pk: int, *, ends: date, note: str, by: User, key: UUID) -> Designation:
    """Give a pilot a longer term. Raises `OutOfStep`, `TermCrosses`, `NeedsReason`."""
    entry = _hold(pk, by, note)
    subject = f"pilot:{pk}"
    if made("pilot.extend", stream=STREAM, subject=subject, key=key):
        return entry
    state = after(entry.state, "extend", _("延期"))
    if ends <= entry.ends:
        raise TermCrosses(ends=ends, than=entry.ends)
    content = {"designation": pk, "before": entry.ends, "ends": ends}
    entry.ends, entry.state = ends, state
    entry.save(update_fields=["ends", "state"])
    record("pilot.extend", stream=STREAM, subject=subject, by=by, content=content, key=key, note=note)
    return entry


@transaction.atomic
def withdraw(pk: int, *, note: str, by: User, key: UUID) -> Designation:
    """Take a designation away, for a reason. Raises `OutOfStep`, `NeedsReason`."""
    return _leave(pk, "withdraw", _("撤销"), note, by, key)


@transaction.atomic
def end(pk: int, *, note: str, by: User, key: UUID) -> Designation:
    """End a designation in good order before its last day. Raises `OutOfStep`, `NeedsReason`."""
    return _leave(pk, "end", _("结束"), note, by, key)


def _leave(pk: int, move: str, label: str, note: str, by: User, key: UUID) -> Designation:
    entry = _hold(pk, by, note)
    act, subject = f"pilot.{move}", f"pilot:{pk}"
    if made(act, stream=STREAM, subject=subject, key=key):
        return entry
    entry.state = after(entry.state, move, label)
    entry.save(update_fields=["state"])
    record(act, stream=STREAM, subject=subject, by=by, content={"designation": pk}, key=key, note=note)
    return entry
