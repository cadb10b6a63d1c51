"""The small city all tests share, built by moves: two districts, every office filled in both, so each test has a neighbour to leak to.

Twelve units: five in each district, two of the industry union (one lies in each district). All are pilots; the first one
holds a municipal and a district designation.
"""

import pickle
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from stdnum.cn import uscc

from guildhall.foundation import clock
from guildhall.foundation.clock import models as clock_models
from guildhall.foundation.clock.models import CalendarDay
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.states import Role, UnionKind
from guildhall.reform.pilots import moves as pilots
from guildhall.reform.pilots.models import Designation

PASSWORD = "tram-lamp-42"
SINCE = date(2024, 1, 1)
NAMES = (
    "云鹿稀土永磁", "赛汗特种陶瓷", "敖包电缆", "长胜焊接材料", "青穗乳业",
    "石门数控刀具", "朔方风电叶片", "金河羊绒", "北岭光伏", "鹿原物流",
    "天驹快递", "塞北云仓供应链",
)  # fmt: skip
OWNERSHIP = ("private", "private", "municipal", "central", "regional", "private")


def code(number: int) -> str:
    """A right 统一社会信用代码, a different one for each number."""
    stem = f"91150203{number:09d}"
    return stem + uscc.calc_check_digit(stem)


@dataclass
class City:
    """Everybody and everything by name. `district` and `next_district` are the same office one district over, and so on."""

    federation: Union
    kundulun: Union
    jiuyuan: Union
    industry: Union
    officer: User
    second_officer: User
    leader: User
    stand_in: User
    finance: User
    second_finance: User
    auditor: User
    district: User
    next_district: User
    industry_officer: User
    experts: list[User] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    unit_officers: list[User] = field(default_factory=list)
    assessors: list[User] = field(default_factory=list)
    deputies: dict[int, User] = field(default_factory=dict)
    pilots: list[Designation] = field(default_factory=list)

    @cached_property
    def unit(self) -> Unit:
        """The first unit of 昆都仑; `next_unit` is the first of 九原."""
        return self.units[0]

    @cached_property
    def next_unit(self) -> Unit:
        return self.units[5]

    @cached_property
    def industry_unit(self) -> Unit:
        return self.units[10]

    @cached_property
    def unit_officer(self) -> User:
        return self.unit_officers[0]

    @cached_property
    def next_unit_officer(self) -> User:
        return self.unit_officers[5]

    @cached_property
    def assessor(self) -> User:
        return self.assessors[0]

    @cached_property
    def next_assessor(self) -> User:
        return self.assessors[5]

    @cached_property
    def deputy(self) -> User:
        return self.deputies[0]

    @cached_property
    def expert(self) -> User:
        return self.experts[0]

    @property
    def secret(self) -> str:
        """A name that stands in 昆都仑 alone: what the neighbour must not see."""
        return self.unit.name

    def who(self, name: str | User | None) -> User | None:
        """A person by attribute; "visitor" is nobody."""
        if name is None or isinstance(name, User):
            return name
        return None if name == "visitor" else getattr(self, name)

    def client(self, as_: str | User | None) -> Client:
        """A browser without scripts on which the person is signed in."""
        client = Client()
        if user := self.who(as_):
            client.force_login(User.objects.get(pk=user.pk))
        return client

    def ask(
        self,
        verb: str,
        url_name: str,
        *,
        as_: str | User | None,
        args: tuple[Any, ...] = (),
        data: Any = None,
        **extra: Any,
    ) -> HttpResponse:
        """One request. A POST gets a fresh `key` unless `data` brings one."""
        data = dict(data or {})
        if verb == "POST":
            data.setdefault("key", str(uuid4()))
        ask = getattr(self.client(as_), verb.lower())
        return ask(reverse(url_name, args=args), data, **extra)


def build() -> City:
    """The city, by moves alone."""
    officer = moves.found_federation(
        name="测试市总工会", short="市总", officer="苏云岚", username="officer", password=PASSWORD, key=uuid4()
    )
    federation = Union.objects.get(kind=UnionKind.FEDERATION)
    unions = [
        moves.register_union(name=f"{short}总工会", short=short, kind=kind, parent=federation, by=officer, key=uuid4())
        for short, kind in (("昆都仑区", "district"), ("九原区", "district"), ("交通运输产业", "industry"))
    ]
    places = {"kundulun": unions[0], "jiuyuan": unions[1], "industry": unions[2]}
    people = {name: _seat(officer, name, *seat) for name, seat in _offices(federation, *unions).items()}
    city = City(federation=federation, officer=officer, **places, **people)
    city.experts = [_seat(officer, f"expert{n}", f"专家{n}", Role.EXPERT, federation) for n in range(1, 5)]
    for number, name in enumerate(NAMES):
        _settle(city, number, name)
    return city


def _offices(federation: Union, kundulun: Union, jiuyuan: Union, industry: Union) -> dict[str, tuple[str, Role, Union]]:
    return {
        "second_officer": ("乔望舒", Role.FEDERATION_OFFICER, federation),
        "leader": ("贺长庚", Role.LEADER, federation),
        "stand_in": ("纳静川", Role.LEADER, federation),
        "finance": ("陆青禾", Role.FINANCE_OFFICER, federation),
        "second_finance": ("段云峥", Role.FINANCE_OFFICER, federation),
        "auditor": ("韦知秋", Role.AUDITOR, federation),
        "district": ("齐慕白", Role.DISTRICT_OFFICER, kundulun),
        "next_district": ("齐慕北", Role.DISTRICT_OFFICER, jiuyuan),
        "industry_officer": ("郎天佑", Role.INDUSTRY_OFFICER, industry),
    }


def _seat(officer: User, username: str, name: str, role: Role, union: Union, employer: Unit | None = None) -> User:
    """A person, an account and an office. The leader's stand-in stands in till the year's end."""
    user, _ = moves.open_account(
        name=name,
        username=username,
        password=PASSWORD,
        phone=f"0472-{username}",
        employer=employer,
        by=officer,
        key=uuid4(),
    )
    principal = union.appointments.filter(role=role).first() if username == "stand_in" else None
    ends = date(2099, 12, 31) if principal else None
    moves.appoint(user, union, role, starts=SINCE, ends=ends, stands_in_for=principal, by=officer, key=uuid4())
    return user


def _settle(city: City, number: int, name: str) -> None:
    """One unit with its officer, its assessor, a deputy at every other one, and its designation."""
    district = city.kundulun if number < 5 or number == 10 else city.jiuyuan
    above = city.industry if number >= 10 else district
    unit = moves.register_unit(
        name=name, code=code(number + 1), kind="enterprise", ownership=OWNERSHIP[number % 6], trade="制造业",
        headcount=100 + number, workers=60, above=above, district=district, by=city.officer, key=uuid4(),
    )  # fmt: skip
    officer = _seat(city.officer, f"unit{number}", f"主席{number}", Role.UNIT_OFFICER, unit.union, unit)
    city.units.append(unit)
    city.unit_officers.append(officer)
    for role, wanted in ((Role.ASSESSOR, True), (Role.DEPUTY, number % 2 == 0)):
        if wanted:
            named = moves.name_scorer(
                unit.pk, role, name=f"{role.label}{number}", phone=f"1390000{number:04d}", username=f"{role}{number}",
                password=PASSWORD, by=officer, key=uuid4(),
            )  # fmt: skip
            if role == Role.ASSESSOR:
                city.assessors.append(named.user)
            else:
                city.deputies[number] = named.user
    for level in ("municipal", "district") if number == 0 else ("municipal",):
        project = number % 3 == 2
        city.pilots.append(
            pilots.designate(
                unit.pk,
                kind="project" if project else "comprehensive",
                theme="skills" if project else "",
                level=level,
                batch=number % 3 + 1,
                starts=SINCE,
                ends=date(2099, 12, 31),
                by=city.officer,
                key=uuid4(),
            )
        )


BUILT: dict[date, tuple[bytes, dict[str, bytes]]] = {}
"""A city of each date of business that tests were on, and its tables' rows: built once, then copied in."""


def tables() -> list[str]:
    """The house's own tables, without those that the migrations fill."""
    models = apps.get_models(include_auto_created=True)
    return [
        model._meta.db_table
        for model in models
        if model.__module__.startswith("guildhall.") and model is not CalendarDay
    ]


def keep(city: City) -> None:
    """Remember the city's rows; a sealed one is kept as it is stored."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables():
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                rows[table] = b"".join(copy)
    BUILT[clock.today()] = pickle.dumps(city), {table: text for table, text in rows.items() if text}


def lay_out() -> City:
    """The remembered city in this test's transaction: one COPY a table."""
    kept, rows = BUILT[clock.today()]
    with connection.cursor() as cursor:
        for table, text in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(text)
        cursor.execute("SELECT pg_get_serial_sequence(t, 'id'), t FROM unnest(%s::text[]) t WHERE EXISTS (SELECT FROM "
                       "pg_attribute WHERE attrelid = t::regclass AND attname = 'id' AND attnum > 0)", [list(rows)])  # fmt: skip
        for sequence, table in cursor.fetchall():
            if sequence:
                cursor.execute(f"SELECT setval('{sequence}', (SELECT max(id) FROM {table}))")  # noqa: S608
    city: City = pickle.loads(kept)  # noqa: S301  Our own, of this process.
    return city


def ready() -> City:
    """The small city in this test's transaction, built or laid out."""
    clock_models.forget()
    if clock.today() in BUILT:
        return lay_out()
    city = build()
    keep(city)
    return city
