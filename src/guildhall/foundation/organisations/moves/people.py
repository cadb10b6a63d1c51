"""People, their accounts, and the offices they are appointed to."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from guildhall.foundation import clock
from guildhall.foundation.acts import announce
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Appointment, Person, Union, Unit, User
from guildhall.foundation.organisations.moves.log_ins import forget
from guildhall.foundation.organisations.moves.submissions import STREAM, done, earlier
from guildhall.foundation.organisations.rules.offices import (
    KEPT_APART,
    SCORERS,
    ByOneself,
    DatesCross,
    ResetElsewhere,
    SamePerson,
    SeatTaken,
    StandsInForNobody,
    UsernameTaken,
    against_holding,
    against_seat,
    one_time_password,
    overlap,
    require,
)
from guildhall.foundation.organisations.rules.units import NotGoingOn
from guildhall.foundation.organisations.states import Right, Role, UnionKind, UnitState


class Named(NamedTuple):
    """Who scores for a unit from now on; `password` is shown once, and empty where the account stood before."""

    appointment: Appointment
    user: User
    password: str


def _manages(by: User) -> None:
    require(by, Right.MANAGE_PEOPLE, at=Union.objects.get(kind=UnionKind.FEDERATION))


@transaction.atomic
def open_account(
    *, name: str, phone: str = "", email: str = "", employer: Unit | None = None, field: str = "",
    username: str = "", password: str = "", by: User, key: UUID,
) -> tuple[User, str]:  # fmt: skip
    """A person and an account to sign in with, and its first password; the same `key` again tells no password.

    Without a `username` one is made from the account's number; without a `password` a one-time one is. Raises
    `UsernameTaken`.
    """
    _manages(by)
    body = {"name": name, "username": username, "employer": employer and employer.pk, "field": field}
    hidden = f"{phone}\n{email}"
    if made := earlier("account.open", key, by, body, hidden=hidden):
        return User.objects.get(pk=made), ""
    employer = Unit.objects.visible_to(by).pick(employer.pk) if employer else None
    person = Person.objects.create(name=name, phone=phone, email=email, employer=employer, field=field)
    one_time = not password
    password = password or one_time_password()
    user = _new_user(person, username, password, one_time=one_time)
    done("account.open", user.pk, subject=f"user:{user.pk}", by=by, key=key, body=body, hidden=hidden)
    return user, password


def _new_user(person: Person, username: str, password: str, *, one_time: bool) -> User:
    username = username or f"gh{person.pk:06d}"
    if User.objects.filter(username=username).exists():
        raise UsernameTaken(username=username)
    return User.objects.create_user(username, password, person, one_time=one_time)


@transaction.atomic
def change_person(pk: int, *, name: str, phone: str, email: str, field: str = "", by: User, key: UUID) -> User:
    """Change what is known of an account's person. The records hold that it was changed, not the numbers."""
    _manages(by)
    body = {"user": pk, "name": name, "field": field}
    hidden = f"{phone}\n{email}"
    if earlier("person.change", key, by, body, hidden=hidden):
        return User.objects.get(pk=pk)
    user = User.objects.visible_to(by).select_related("person").pick(pk)
    person = user.person
    before, person.name, person.phone, person.email, person.field = person.name, name, phone, email, field
    person.save()
    done("person.change", pk, subject=f"user:{pk}", by=by, key=key, body=body, hidden=hidden, before=before)
    return user


@transaction.atomic
def reset_password(pk: int, *, by: User, key: UUID) -> str:
    """A new password for an account, shown once. Scorers' are reset by their own unit's officer too.

    Who approves, pays or audits is not reset by an officer: whoever draws up a payment must not be able to sign in as
    the one who approves it. `guildhall password` does it on the machine itself. Raises `NotHere`, `ResetElsewhere`.
    """
    user = User.objects.select_for_update().filter(pk=pk).first()
    if user is None or not _resets(by, user):
        raise NotHere
    if user.holds(*KEPT_APART):
        raise ResetElsewhere
    if earlier("account.reset", key, by, {"user": pk}):
        return ""
    password = _give_password(user)
    done("account.reset", pk, subject=f"user:{pk}", by=by, key=key, body={"user": pk})
    return password


def _give_password(user: User) -> str:
    """A one-time password: whoever is signed in with the old one is signed out, the next one is chosen by the person."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    forget([user.pk])
    return password


@transaction.atomic
def choose_password(user: User, password: str) -> None:
    """The person's own password takes the place of the one before; where that was a one-time one, all doors open."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    announce("account.password", stream=STREAM, subject=f"user:{user.pk}", by=user, content={"user": user.pk})


@transaction.atomic
def reset_on_the_machine(username: str) -> str:
    """A new password for any account, for whoever runs the machine; recorded under the account's own name."""
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise NotHere
    password = _give_password(user)
    told = {"user": user.pk, "where": "machine"}
    announce("account.reset", stream=STREAM, subject=f"user:{user.pk}", by=user, content=told)
    return password


def _resets(by: User, user: User) -> bool:
    """Whether `by` manages people, or names scorers where the user is one and nothing else."""
    if by.may(Right.MANAGE_PEOPLE):
        return True
    own = set(by.unions_with(Right.NAME_ASSESSORS))
    return bool(user.offices) and all(office.role in SCORERS and office.union_id in own for office in user.offices)


@transaction.atomic
def appoint(
    user: User, union: Union, role: str, *, starts: date, ends: date | None = None, title: str = "",
    stands_in_for: Appointment | None = None, by: User, key: UUID,
) -> Appointment:  # fmt: skip
    """Appoint a person to an office at a union, for a time or until further notice; as a stand-in for another or not.

    Raises `NotHere`, `NoRight`, `ByOneself`, `DatesCross`, `OfficeElsewhere`, `OfficeTwice`, `AuditorAlone`,
    `StandsInForNobody`, `SeatTaken`.
    """
    body: dict[str, Any] = {
        "user": user.pk, "union": union.pk, "role": str(role), "starts": starts, "ends": ends, "title": title,
        "stands_in_for": stands_in_for and stands_in_for.pk,
    }  # fmt: skip
    if made := earlier("office.appoint", key, by, body):
        return Appointment.objects.get(pk=made)
    union = Union.objects.visible_to(by).pick(union.pk)
    require(by, Right.MANAGE_PEOPLE, at=union)
    user = User.objects.visible_to(by).select_for_update(of=("self",)).select_related("person").pick(user.pk)
    if user.pk == by.pk:
        raise ByOneself
    appointment = Appointment(
        user=user, union=union, role=role, starts=starts, ends=ends, title=title, stands_in_for=stands_in_for
    )
    _check(appointment, by)
    _seat(appointment)
    subject = f"appointment:{appointment.pk}"
    done("office.appoint", appointment.pk, subject=subject, by=by, key=key, body=body, name=user.person.name)
    return appointment


def _check(wanted: Appointment, by: User) -> None:
    """Raise what speaks against an appointment: dates, seat, what the person holds besides, whom it stands in for."""
    if wanted.ends and wanted.ends < wanted.starts:
        raise DatesCross(starts=wanted.starts, ends=wanted.ends)
    unit = Unit.objects.filter(union=wanted.union).first()
    goes_on = unit is None or unit.state == UnitState.ACTIVE
    refusal = against_seat(wanted.role, wanted.union.kind, wanted.union.short, goes_on=goes_on)
    if refusal is None:
        held = [
            office
            for office in Appointment.objects.filter(user=wanted.user).exclude(pk=wanted.pk)
            if overlap(wanted.starts, wanted.ends, office.starts, office.ends)
        ]
        same = ((office.union_id, office.role) == (wanted.union.pk, wanted.role) for office in held)
        refusal = against_holding(wanted.user.person.name, wanted.role, same, [office.role for office in held])
    if refusal:
        raise refusal
    if wanted.stands_in_for:
        _check_standing_in(wanted, Appointment.objects.visible_to(by).pick(wanted.stands_in_for.pk))


def _check_standing_in(wanted: Appointment, principal: Appointment) -> None:
    """A stand-in holds another person's office, at the same union, to a day that is named."""
    alike = (principal.union_id, principal.role) == (wanted.union.pk, wanted.role)
    then = overlap(wanted.starts, wanted.ends, principal.starts, principal.ends)
    if not (alike and then and wanted.ends and principal.user_id != wanted.user.pk):
        raise StandsInForNobody


def _seat(appointment: Appointment) -> None:
    """Write an appointment; where the database finds a second assessor or deputy at a time, raise `SeatTaken`."""
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as fault:
        if "appointment_one_scorer_at_a_time" not in str(fault):
            raise
        role = Role(appointment.role).label
        raise SeatTaken(union=appointment.union.short, role=role) from fault


@transaction.atomic
def end_appointment(pk: int, *, on: date, by: User, key: UUID) -> Appointment:
    """End an office with the day `on`, its last one. A later day than before is checked as an appointment is.

    Raises `DatesCross` for a day before its first, and for a later end what `appoint` raises.
    """
    body = {"appointment": pk, "on": on}
    if earlier("office.end", key, by, body):
        return Appointment.objects.get(pk=pk)
    rows = Appointment.objects.visible_to(by).select_for_update(of=("self",)).select_related("union")
    appointment = rows.pick(pk)
    require(by, Right.MANAGE_PEOPLE, at=appointment.union)
    if on < appointment.starts:
        raise DatesCross(starts=appointment.starts, ends=on)
    before, appointment.ends = appointment.ends, on
    if before and on > before:
        if appointment.user_id == by.pk:
            raise ByOneself
        _check(appointment, by)
    _seat(appointment)  # A later end may reach into the next one's time.
    done("office.end", pk, subject=f"appointment:{pk}", by=by, key=key, body=body, before=before)
    return appointment


@transaction.atomic
def name_scorer(
    unit_pk: int, role: str, *, name: str, phone: str, email: str = "", username: str = "", password: str = "",
    by: User, key: UUID,
) -> Named:  # fmt: skip
    """Name a unit's assessor or its deputy, from today on, by the unit's own officer; the one before ends yesterday.

    Raises `NotHere` for another unit, `SamePerson` where one would be both.
    """
    if role not in SCORERS:
        raise ValueError(f"{role} is not named by a unit")
    body, hidden = {"unit": unit_pk, "role": str(role), "name": name}, f"{phone}\n{email}"
    units = Unit.objects.visible_to(by).named_by(by).select_related("union")
    unit = units.select_for_update(of=("self",)).pick(unit_pk)  # The unit's row is the lock of both seats.
    if made := earlier("scorer.name", key, by, body, hidden=hidden):
        appointment = Appointment.objects.select_related("user__person").get(pk=made)
        return Named(appointment, appointment.user, "")
    if unit.state != UnitState.ACTIVE:
        raise NotGoingOn(unit=unit.name, state=unit.get_state_display())
    user, password = _scorer(unit, role, name, phone, email, username, password)
    appointment = _replace(unit, role, user)
    done(
        "scorer.name", appointment.pk, subject=f"unit:{unit.pk}", by=by, key=key, body=body, hidden=hidden, user=user.pk
    )
    return Named(appointment, user, password)


def _scorer(unit: Unit, role: str, name: str, phone: str, email: str, username: str, password: str) -> tuple[User, str]:
    """The account of this person at the unit: one that stands (same name and phone), or a new one and its password."""
    staff = Person.objects.filter(employer=unit, name=name, user__is_active=True).select_related("user")
    known = next((person for person in staff if person.phone == phone), None)  # Sealed, so compared here.
    if known is None:
        person = Person.objects.create(name=name, phone=phone, email=email, employer=unit)
        given = password or one_time_password()
        return _new_user(person, username, given, one_time=not password), given
    if email and known.email != email:
        known.email = email
        known.save(update_fields=["email"])
    other = next(one for one in SCORERS if one != role)
    if Appointment.objects.active().filter(union=unit.union_id, role=other, user=known.user).exists():
        raise SamePerson(name=name, role=other.label)
    return known.user, ""


def _replace(unit: Unit, role: str, user: User) -> Appointment:
    """End the present scorer's office with yesterday and seat the new one; one who began today never held it."""
    today = clock.today()
    held = Appointment.objects.filter(union=unit.union_id, role=role)
    present = held.active(today).first()
    if present and present.user_id == user.pk:
        return present
    held.filter(starts__gte=today).delete()
    held.active(today).update(ends=today - timedelta(days=1))
    appointment = Appointment(user=user, union=unit.union, role=role, starts=today)
    _seat(appointment)
    return appointment
