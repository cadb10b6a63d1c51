"""Log-ins for many units at once: issued from a file, or reset; their one-time passwords are made by the worker."""

import base64
import secrets
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep
from guildhall.foundation.organisations.models import (
    Appointment,
    LogInLine,
    LogInSheet,
    Person,
    Union,
    Unit,
    User,
)
from guildhall.foundation.organisations.moves.imports import MovedOn, NothingToWrite
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.moves.unions import hold_tree
from guildhall.foundation.organisations.rules.columns import headings, required
from guildhall.foundation.organisations.rules.log_ins import (
    FIELDS,
    KEEP_HOURS,
    Held,
    Lapsed,
    NobodyPicked,
    OwnPassword,
    Seats,
    ShownOnce,
    Slip,
    StillMaking,
    judge,
    to_write,
)
from guildhall.foundation.organisations.rules.offices import (
    KEPT_APART,
    ResetElsewhere,
    UsernameTaken,
    one_time_password,
    require,
)
from guildhall.foundation.organisations.rules.sheets import MOST_BYTES, BadFile, read
from guildhall.foundation.organisations.rules.verdicts import Judged, Row
from guildhall.foundation.organisations.states import Right, Role, UnionKind, UnitState
from guildhall.foundation.screens import formats

TASK: Final = "guildhall.foundation.organisations.jobs.make_passwords"
LOCK: Final = "organisations.log_ins"
AT_ONCE: Final = 10
"""How many passwords are made in one transaction: so often the page can count on."""
ROUNDS: Final = 100_000
"""Rounds of PBKDF2 for a one-time password. Drawn at random from 59 bits, it needs none of the slowness that a chosen one
does; the first sign-in puts a chosen one, hashed slowly, in its place."""


def _manages(by: User) -> None:
    require(by, Right.MANAGE_PEOPLE, at=Union.objects.get(kind=UnionKind.FEDERATION))


@transaction.atomic
def check_log_ins(name: str, content: bytes, *, by: User, key: UUID) -> LogInSheet:
    """Keep a file of union chairs for its preview, if it can be read at all; nobody gets anything. Raises `BadFile`."""
    _manages(by)
    if len(content) > MOST_BYTES:
        raise BadFile(name=name, why=_("超过 %(n)d MB。") % {"n": MOST_BYTES // 1024**2})
    read(content, name, headings(FIELDS), required(FIELDS))
    body = {"name": name, "bytes": len(content)}
    if made := earlier("log-ins.check", key, by, body):
        return LogInSheet.objects.get(pk=made)
    kept = base64.b64encode(content).decode()
    sheet = LogInSheet.objects.create(by=by, name=name[-120:], content=kept, begun_at=clock.now())
    done("log-ins.check", sheet.pk, subject=f"log-ins:{sheet.pk}", by=by, key=key, body=body)
    return sheet


def checked(sheet: LogInSheet, by: User) -> Judged:
    """What the file would give whom, as things stand now."""
    table = read(base64.b64decode(sheet.content), sheet.name, headings(FIELDS), required(FIELDS))
    return Judged(table, judge(table, _seats(by)))


def _seats(by: User) -> Seats:
    """The units the asker sees, their officers and staff with accounts: four queries."""
    units = list(Unit.objects.visible_to(by))
    codes = {unit.pk: unit.code for unit in units}
    by_union = {unit.union_id: unit.code for unit in units}
    held: dict[str, list[Held]] = defaultdict(list)
    offices = Appointment.objects.filter(role=Role.UNIT_OFFICER, user__is_active=True, union__in=by_union)
    for union, name, starts, ends in offices.values_list("union", "user__person__name", "starts", "ends"):
        held[by_union[union]].append(Held(name, starts, ends))
    people = Person.objects.filter(employer__in=codes, user__is_active=True).select_related("user")
    return Seats(
        units={unit.code: unit.name for unit in units if unit.state == UnitState.ACTIVE},
        gone={
            unit.code: _("“%(unit)s”%(state)s") % {"unit": unit.name, "state": unit.get_state_display()}
            for unit in units
            if unit.state != UnitState.ACTIVE
        },
        held=held,
        staff={(codes[one.employer_id], one.name, one.phone): one.user.username for one in people if one.employer_id},
    )


@transaction.atomic
def issue_log_ins(pk: int, *, expected: int, by: User, key: UUID) -> LogInSheet:
    """Open an account and give the office for each good row of a checked file, all or none; wrong rows are left.

    The passwords follow from the worker: until then nobody signs in. `expected` is how many rows the asker saw would be
    written. Raises `MovedOn`, `NothingToWrite`, `OutOfStep`.
    """
    hold_tree()  # Two files with the same unit wait for one another: the second one finds its officer.
    sheet = LogInSheet.objects.visible_to(by).select_for_update(of=("self",)).pick(pk)
    if earlier("log-ins.issue", key, by, {"sheet": pk}):
        return sheet
    _manages(by)
    if sheet.written_at or not sheet.name:
        raise OutOfStep(state=_("已写入"), move=_("再写入"))
    found = checked(sheet, by)
    if not found.to_write:
        raise NothingToWrite
    if found.to_write != expected:
        raise MovedOn(before=expected, now=found.to_write)
    told = _give(sheet, to_write(found.rows))
    sheet.written_at, sheet.content = clock.now(), ""
    sheet.save(update_fields=["written_at", "content"])
    done("log-ins.issue", pk, subject=f"log-ins:{pk}", by=by, key=key, body={"sheet": pk}, given=told)
    transaction.on_commit(wake_the_worker)
    return sheet


def _give(sheet: LogInSheet, rows: list[Row]) -> list[dict[str, Any]]:
    """Persons, accounts and offices, a statement for each kind; what each row came to, for the record."""
    units = Unit.objects.in_bulk([row.values["code"] for row in rows], field_name="code")
    fresh = [row for row in rows if "account" not in row.values]
    opened = _open(fresh, units)
    names = [row.values["account"] for row in rows if isinstance(row.values.get("account"), str)]
    known = {user.username: user for user in User.objects.filter(username__in=names)}
    holder = {id(row): user for row, user in zip(fresh, opened, strict=True)}
    for row in rows:
        account = row.values.get("account")
        if account is not None:
            holder[id(row)] = known[account] if isinstance(account, str) else holder[id(account)]
    offices = Appointment.objects.bulk_create(
        Appointment(user=holder[id(row)], union_id=units[row.values["code"]].union_id, role=Role.UNIT_OFFICER,
                    starts=row.values["starts"])
        for row in rows
    )  # fmt: skip
    LogInLine.objects.bulk_create(
        LogInLine(sheet=sheet, user=user, unit=units[row.values["code"]])
        for row, user in zip(fresh, opened, strict=True)
    )
    return [
        {"unit": office.union_id, "appointment": office.pk, "user": office.user_id, "name": row.values["name"],
         "starts": office.starts, "new": row in fresh}
        for row, office in zip(rows, offices, strict=True)
    ]  # fmt: skip


def _open(rows: list[Row], units: dict[str, Unit]) -> list[User]:
    """New persons with accounts that nobody can sign in to yet."""
    people = Person.objects.bulk_create(
        Person(name=row.values["name"], phone=row.values["phone"], employer=units[row.values["code"]]) for row in rows
    )
    names = [f"gh{person.pk:06d}" for person in people]
    if taken := User.objects.filter(username__in=names).first():
        raise UsernameTaken(username=taken.username)
    return User.objects.bulk_create(
        User(username=name, person=person, password=make_password(None), must_change_password=True)
        for name, person in zip(names, people, strict=True)
    )


@transaction.atomic
def reset_log_ins(users: Collection[int], *, by: User, key: UUID) -> LogInSheet:
    """New one-time passwords for many accounts: the old ones, and who is signed in with them, end at once.

    Raises `NotHere` for one out of scope, `ResetElsewhere` for whoever approves, pays or audits, `OwnPassword`,
    `NobodyPicked`.
    """
    _manages(by)
    asked = sorted(set(users))
    body = {"users": asked}
    if made := earlier("log-ins.reset", key, by, body):
        return LogInSheet.objects.get(pk=made)
    if not asked:
        raise NobodyPicked
    if by.pk in asked:
        raise OwnPassword
    held = User.objects.visible_to(by).filter(pk__in=asked, is_active=True)
    found = list(held.select_for_update(of=("self",)).order_by("pk"))
    if len(found) != len(asked):
        raise NotHere
    if kept_apart(asked):
        raise ResetElsewhere
    forget(asked)
    User.objects.filter(pk__in=asked).update(password=make_password(None), must_change_password=True)
    now = clock.now()
    sheet = LogInSheet.objects.create(by=by, begun_at=now, written_at=now)
    units = _unit_of(asked)
    LogInLine.objects.bulk_create(LogInLine(sheet=sheet, user=one, unit_id=units.get(one.pk)) for one in found)
    done("log-ins.reset", sheet.pk, subject=f"log-ins:{sheet.pk}", by=by, key=key, body=body)
    transaction.on_commit(wake_the_worker)
    return sheet


def kept_apart(users: Iterable[int]) -> set[int]:
    """Those of `users` whose passwords no other officer resets."""
    offices = Appointment.objects.active().filter(user__in=users, role__in=KEPT_APART)
    return set(offices.values_list("user", flat=True))


def _unit_of(users: Iterable[int]) -> dict[int, int]:
    """For each user who holds an office at a unit, that unit."""
    offices = Appointment.objects.active().filter(user__in=users, union__unit__isnull=False).order_by("-pk")
    return dict(offices.values_list("user", "union__unit"))


def forget(users: Iterable[int]) -> None:
    """Passwords that still wait on a sheet are no longer those of these accounts: nothing of them is kept or made."""
    waiting = LogInLine.objects.filter(user__in=users).exclude(made_at__isnull=False, password="")
    waiting.update(password="", made_at=clock.now())


def wake_the_worker() -> None:
    """Ask for the passwords now, not with the next minute."""
    try:
        app.configure_task(TASK, queueing_lock=LOCK).defer(timestamp=int(time.time()))
    except AlreadyEnqueued:
        return  # It waits already, and will see what was written.


def make_passwords() -> int:
    """Make the passwords that sheets wait for, a few at a time, and erase what lay too long; returns how many it made."""
    made = 0
    while fresh := _make_some():
        made += fresh
    _erase_old()
    return made


@transaction.atomic
def _make_some() -> int:
    """The next few: each is hashed with its account, and stands sealed on its sheet until it is shown."""
    waiting = LogInLine.objects.filter(made_at=None).select_for_update(skip_locked=True, of=("self",))
    lines = list(waiting.order_by("pk")[:AT_ONCE])
    users = User.objects.select_for_update().order_by("pk").in_bulk([line.user_id for line in lines])
    for line in lines:
        line.password, line.made_at = one_time_password(), clock.now()
        user = users[line.user_id]
        user.password, user.must_change_password = hashed(line.password), True
    User.objects.bulk_update(users.values(), ["password", "must_change_password"])
    LogInLine.objects.bulk_update(lines, ["password", "made_at"])
    return len(lines)


def hashed(password: str) -> str:
    """A random password as the database keeps it."""
    return PBKDF2PasswordHasher().encode(password, secrets.token_hex(11), iterations=ROUNDS)


def _erase_old() -> None:
    before = clock.now() - timedelta(hours=KEEP_HOURS)
    LogInLine.objects.filter(made_at__lt=before).exclude(password="").update(password="")


@transaction.atomic
def show_log_ins(pk: int, *, by: User, key: UUID) -> list[Slip]:
    """The one-time passwords of a sheet, this once: from now on only their hashes are kept.

    Raises `ShownOnce`, also where the same submission comes again, `StillMaking`, `Lapsed`.
    """
    sheet = LogInSheet.objects.visible_to(by).select_for_update(of=("self",)).pick(pk)
    _manages(by)
    if sheet.written_at is None:
        raise OutOfStep(state=_("待写入"), move=_("取单"))
    if sheet.shown_at:
        raise ShownOnce(at=formats.moment(sheet.shown_at))
    lines = sheet.lines.select_for_update(of=("self",)).order_by("unit__district__short", "unit__name", "pk")
    found = list(lines.select_related("user__person", "unit__district"))
    if left := sum(line.made_at is None for line in found):
        raise StillMaking(left=left)
    if found and not any(line.password for line in found):
        raise Lapsed(hours=KEEP_HOURS)
    earlier("log-ins.show", key, by, {"sheet": pk})
    sheet.lines.update(password="")
    sheet.shown_at = clock.now()
    sheet.save(update_fields=["shown_at"])
    done("log-ins.show", pk, subject=f"log-ins:{pk}", by=by, key=key, body={"sheet": pk}, log_ins=len(found))
    return [_slip(line) for line in found]


def _slip(line: LogInLine) -> Slip:
    unit, user = line.unit, line.user
    place = (unit.name, unit.district.short) if unit else ("", "")
    return Slip(*place, name=user.person.name, username=user.username, password=line.password)


def with_chairs(units: QuerySet[Unit], by: User) -> QuerySet[Unit]:
    """The units with their officer, in force or to come: `chair` (a user's id), the name, and how the log-in stands."""
    office = (
        Appointment.objects.visible_to(by)
        .filter(union=OuterRef("union"), role=Role.UNIT_OFFICER, user__is_active=True)
        .filter(Q(ends=None) | Q(ends__gte=clock.today()))
        .order_by("-starts", "-pk")
    )
    told = {"chair": "user", "chair_name": "user__person__name", "username": "user__username",
            "signed_in": "user__last_login", "must_change": "user__must_change_password"}  # fmt: skip
    return units.annotate(**{name: Subquery(office.values(field)[:1]) for name, field in told.items()})


def unshown(by: User) -> QuerySet[LogInSheet]:
    """The asker's sheets whose passwords are all made and wait to be fetched."""
    lines = LogInLine.objects.filter(sheet=OuterRef("pk"))
    sheets = LogInSheet.objects.visible_to(by).filter(shown_at=None).exclude(written_at=None)
    return sheets.filter(Exists(lines.exclude(password=""))).exclude(Exists(lines.filter(made_at=None)))
