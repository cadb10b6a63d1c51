"""The tree of unions."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, Value

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Appointment, Person, Union, User
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.rules.offices import PARENTS, WrongParent, require
from guildhall.foundation.organisations.rules.units import IntoItself, NameTaken
from guildhall.foundation.organisations.states import Right, Role, UnionKind


@transaction.atomic
def found_federation(
    *, name: str, short: str, officer: str, username: str, password: str, key: UUID, phone: str = "", email: str = ""
) -> User:
    """Begin a federation: its union, and its first officer, who appoints everybody else. Done once in a schema."""
    federation = Union.objects.create(name=name, short=short, kind=UnionKind.FEDERATION, contact=phone)
    take_place(federation)
    person = Person.objects.create(name=officer, phone=phone, email=email)
    user = User.objects.create_user(username, password, person)
    Appointment.objects.create(
        user=user, union=federation, role=Role.FEDERATION_OFFICER, starts=clock.today().replace(month=1, day=1)
    )
    body = {"name": name, "officer": officer}
    done("organisations.found", user.pk, subject=f"union:{federation.pk}", by=user, key=key, body=body)
    return user


def take_place(union: Union) -> None:
    """Write a new union's lineage: its parent's, and itself."""
    union.lineage = [*(union.parent.lineage if union.parent else []), union.pk]
    union.save(update_fields=["lineage"])


def hold_tree() -> None:
    """One change of the tree at a time: the federation's row is the lock."""
    Union.objects.select_for_update().get(kind=UnionKind.FEDERATION)


def found_under(parent: Union, *, name: str, short: str, kind: str, contact: str = "") -> Union:
    """A new union under `parent`, inside the caller's transaction. Raises `WrongParent`, `NameTaken`."""
    if parent.kind not in PARENTS[kind]:
        raise WrongParent(kind=UnionKind(kind).label, parent=parent.get_kind_display())
    if Union.objects.filter(parent=parent, name=name).exists():
        raise NameTaken(union=parent.short, name=name)
    union = Union.objects.create(name=name, short=short, kind=kind, parent=parent, contact=contact)
    take_place(union)
    return union


@transaction.atomic
def register_union(*, name: str, short: str, kind: str, parent: Union, contact: str = "", by: User, key: UUID) -> Union:
    """Register a district, industry or grassroots union under `parent`."""
    body: dict[str, Any] = {"name": name, "short": short, "kind": kind, "parent": parent.pk, "contact": contact}
    if made := earlier("union.register", key, by, body):
        return Union.objects.get(pk=made)
    parent = Union.objects.visible_to(by).pick(parent.pk)
    require(by, Right.MANAGE_UNITS, at=parent)
    hold_tree()
    union = found_under(parent, name=name, short=short, kind=kind, contact=contact)
    done("union.register", union.pk, subject=f"union:{union.pk}", by=by, key=key, body=body)
    return union


@transaction.atomic
def move_union(pk: int, *, to: Union, by: User, key: UUID) -> Union:
    """Put a union and all below it under another one: the subtree's lineage is rewritten in one statement."""
    body = {"union": pk, "to": to.pk}
    if made := earlier("union.move", key, by, body):
        return Union.objects.get(pk=made)
    hold_tree()  # First, so that both rows are read as they stay.
    union = Union.objects.visible_to(by).pick(pk)
    parent = Union.objects.visible_to(by).pick(to.pk)
    require(by, Right.MANAGE_UNITS, at=union)
    require(by, Right.MANAGE_UNITS, at=parent)
    if pk in parent.lineage:
        raise IntoItself
    if parent.kind not in PARENTS[union.kind]:
        raise WrongParent(kind=union.get_kind_display(), parent=parent.get_kind_display())
    if Union.objects.filter(parent=parent, name=union.name).exclude(pk=pk).exists():
        raise NameTaken(union=parent.short, name=union.name)
    before = union.parent_id
    Union.objects.filter(pk=pk).update(parent=parent)
    _rewrite(union, parent.lineage)
    done("union.move", pk, subject=f"union:{pk}", by=by, key=key, body=body, before=before)
    return Union.objects.get(pk=pk)


def _rewrite(top: Union, above: list[int]) -> None:
    """Replace what stands above `top` in the lineages of its subtree: found by the array index, cut, and prefixed."""
    depth = len(top.lineage) - 1
    own = F("lineage")[depth:]
    prefix = Value(above, output_field=Union._meta.get_field("lineage"))
    Union.objects.filter(lineage__contains=[top.pk]).update(lineage=Func(prefix, own, function="array_cat"))


def district(pk: int, by: User) -> Union:
    """The district union with this id in the asker's sight; `NotHere` for any other."""
    union = Union.objects.visible_to(by).pick(pk)
    if union.kind != UnionKind.DISTRICT:
        raise NotHere
    return union
