"""Units: registered, changed, renamed, merged, closed."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput
from guildhall.foundation.organisations.models import Appointment, FormerUnit, Union, Unit, User
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.moves.unions import district as district_of
from guildhall.foundation.organisations.moves.unions import found_under, hold_tree
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.rules.units import (
    CodeTaken,
    IntoItself,
    NameTaken,
    NotGoingOn,
    NothingChanged,
    check_workers,
    checked_code,
)
from guildhall.foundation.organisations.states import Right, UnionKind, UnitState

FACTS = ("kind", "ownership", "level", "trade", "headcount", "workers", "group_company")
"""What an officer may change without a document; name and code go through `rename_unit`."""


@transaction.atomic
def register_unit(
    *, name: str, code: str, kind: str, ownership: str, trade: str, headcount: int, above: Union, district: Union,
    level: str = "", workers: int = 0, group_company: str = "", parent_company: Unit | None = None, by: User, key: UUID,
) -> Unit:  # fmt: skip
    """Register a unit, and its grassroots union under `above`; `district` is where it lies."""
    body: dict[str, Any] = {
        "name": name, "code": code, "kind": kind, "ownership": ownership, "trade": trade, "headcount": headcount,
        "above": above.pk, "district": district.pk, "level": level, "workers": workers,
        "group_company": group_company, "parent_company": parent_company and parent_company.pk,
    }  # fmt: skip
    if made := earlier("unit.register", key, by, body):
        return Unit.objects.get(pk=made)
    above = Union.objects.visible_to(by).pick(above.pk)
    require(by, Right.MANAGE_UNITS, at=above)
    facts = {name: body[name] for name in FACTS}
    unit = found_unit(by, name=name, code=code, above=above, district=district, parent=parent_company, facts=facts)
    done("unit.register", unit.pk, subject=f"unit:{unit.pk}", by=by, key=key, body=body)
    return unit


def found_unit(
    by: User, *, name: str, code: str, above: Union, district: Union, parent: Unit | None, facts: dict[str, Any]
) -> Unit:
    """A new unit and its union, inside the caller's transaction."""
    hold_tree()
    code = free_code(code)
    check_workers(facts["workers"], facts["headcount"])
    district = district_of(district.pk, by)
    parent = Unit.objects.visible_to(by).pick(parent.pk) if parent else None
    union = found_under(above, name=f"{name}工会", short=name[:40], kind=UnionKind.GRASSROOTS)
    return Unit.objects.create(name=name, code=code, union=union, district=district, parent_company=parent, **facts)


def free_code(code: str, *, besides: Unit | None = None) -> str:
    """The code in standard form. Raises `BadCode`, and `CodeTaken` where a unit has it or had it."""
    code = checked_code(code)
    own = besides.pk if besides else 0
    taken = Unit.objects.filter(code=code).exclude(pk=own).first()
    if taken is None:
        former = FormerUnit.objects.filter(code=code).exclude(unit=own).select_related("unit").first()
        taken = former.unit if former else None
    if taken:
        raise CodeTaken(value=code, unit=taken.name)
    return code


def hold_unit(pk: int, by: User) -> Unit:
    """The unit, locked, in the asker's sight and management. Raises `NotHere`, `NoRight`, `NotGoingOn`."""
    unit = Unit.objects.visible_to(by).select_for_update(of=("self",)).select_related("union").pick(pk)
    require(by, Right.MANAGE_UNITS, at=unit.union)
    if unit.state != UnitState.ACTIVE:
        raise NotGoingOn(unit=unit.name, state=unit.get_state_display())
    return unit


@transaction.atomic
def change_unit(
    pk: int, *, district: Union | None = None, parent_company: Unit | None = None, by: User, key: UUID, **facts: Any
) -> Unit:
    """Change a unit's facts (`FACTS`), where it lies, and its parent company (None clears it)."""
    body = {**facts, "district": district and district.pk, "parent_company": parent_company and parent_company.pk}
    if made := earlier("unit.change", key, by, {**body, "unit": pk}):
        return Unit.objects.get(pk=made)
    unit = hold_unit(pk, by)
    before = write_facts(unit, facts)
    if district:
        unit.district = district_of(district.pk, by)
    unit.parent_company = parent_of(unit, parent_company, by)
    unit.save()
    done("unit.change", pk, subject=f"unit:{pk}", by=by, key=key, body={**body, "unit": pk}, before=before)
    return unit


def write_facts(unit: Unit, facts: dict[str, Any]) -> dict[str, Any]:
    """Set a unit's facts; what they were before. Raises `TooManyWorkers`."""
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not facts of a unit: {sorted(unknown)}")
    before = {name: getattr(unit, name) for name in facts if getattr(unit, name) != facts[name]}
    for name, value in facts.items():
        setattr(unit, name, value)
    check_workers(unit.workers, unit.headcount)
    return before


def parent_of(unit: Unit, parent: Unit | None, by: User) -> Unit | None:
    """The parent company in the asker's sight. Raises `IntoItself` where it stands below the unit."""
    if parent is None:
        return None
    parent = Unit.objects.visible_to(by).pick(parent.pk)
    if parent.pk == unit.pk or _below(parent, unit):
        raise IntoItself
    return parent


def _below(unit: Unit, other: Unit) -> bool:
    """Whether `other` stands above `unit` in its group, at any height."""
    above = unit.parent_company
    for _step in range(10):  # No group is deeper.
        if above is None or above.pk == other.pk:
            return above is not None
        above = above.parent_company
    return True


@transaction.atomic
def rename_unit(pk: int, *, name: str, code: str, reason: str, by: User, key: UUID) -> Unit:
    """Give a unit a new name, a new code, or both; what it was stays beside it."""
    body = {"unit": pk, "name": name, "code": code, "reason": reason}
    if made := earlier("unit.rename", key, by, body):
        return Unit.objects.get(pk=made)
    hold_tree()
    unit = hold_unit(pk, by)
    if not reason.strip():
        raise BadInput(what=_("请写明更名的依据。"))
    if (name, code) == (unit.name, unit.code):
        raise NothingChanged
    before = take_name(unit, name, free_code(code, besides=unit), reason)
    done("unit.rename", pk, subject=f"unit:{pk}", by=by, key=key, body=body, before=before)
    return unit


def take_name(unit: Unit, name: str, code: str, reason: str) -> list[str]:
    """Write the new name and code on the unit and its union, and keep the old; returns these. Raises `NameTaken`."""
    before = [unit.name, unit.code]
    FormerUnit.objects.create(unit=unit, name=unit.name, code=unit.code, until=clock.today(), reason=reason)
    union = unit.union
    if Union.objects.filter(parent=union.parent_id, name=f"{name}工会").exclude(pk=union.pk).exists():
        raise NameTaken(union=union.parent, name=name)
    union.name, union.short = f"{name}工会", name[:40]
    union.save(update_fields=["name", "short"])
    unit.name, unit.code = name, code
    unit.save(update_fields=["name", "code"])
    return before


@transaction.atomic
def merge_unit(pk: int, *, into: int, reason: str, by: User, key: UUID) -> Unit:
    """Merge a unit into another: it goes on there under its own name in the list of former units."""
    body = {"unit": pk, "into": into, "reason": reason}
    if made := earlier("unit.merge", key, by, body):
        return Unit.objects.get(pk=made)
    if pk == into:
        raise IntoItself
    first, second = (hold_unit(one, by) for one in sorted((pk, into)))  # By ascending id: no two wait in a ring.
    gone, stays = (first, second) if first.pk == pk else (second, first)
    FormerUnit.objects.create(
        unit=stays, predecessor=gone, name=gone.name, code=gone.code, until=clock.today(), reason=reason
    )
    if _below(stays, gone):
        stays.parent_company = None
        stays.save(update_fields=["parent_company"])
    Unit.objects.filter(parent_company=gone).update(parent_company=stays)
    _end(gone, UnitState.MERGED)
    done("unit.merge", stays.pk, subject=f"unit:{pk}", by=by, key=key, body=body)
    return stays


@transaction.atomic
def close_unit(pk: int, *, reason: str, by: User, key: UUID) -> Unit:
    """Close a unit: its offices end today."""
    body = {"unit": pk, "reason": reason}
    if made := earlier("unit.close", key, by, body):
        return Unit.objects.get(pk=made)
    unit = hold_unit(pk, by)
    _end(unit, UnitState.CLOSED)
    done("unit.close", pk, subject=f"unit:{pk}", by=by, key=key, body=body)
    return unit


def _end(unit: Unit, state: UnitState) -> None:
    """Set the last state; offices at the unit end with today, those that had not begun never do."""
    unit.state = state
    unit.save(update_fields=["state"])
    today = clock.today()
    offices = Appointment.objects.filter(union=unit.union_id)
    for not_begun in (offices.exclude(stands_in_for=None), offices):  # Stand-ins first: they name the other.
        not_begun.filter(starts__gt=today).delete()
    offices.active(today).update(ends=today)
