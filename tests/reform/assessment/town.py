"""A small town: a federation, twelve units in six districts, experts; its round is led by moves to where a test begins.

Each stage is built once a process and then copied in, as `tests.city` does it.
"""

import pickle
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from stdnum.cn import uscc

import guildhall.reform.assessment as room
from guildhall.foundation import clock
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.moves.people import appoint, name_scorer, open_account
from guildhall.foundation.organisations.moves.unions import found_federation, register_union
from guildhall.foundation.organisations.moves.units import register_unit
from guildhall.foundation.organisations.states import Role, UnionKind
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import applications as cycle
from guildhall.foundation.programmes.moves import rounds
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.schema import Setup
from guildhall.reform.assessment.models import Entrant, Sheet, Step
from guildhall.reform.assessment.moves import drawing, freezing, scoring
from tests.city import tables

PROGRAMME = Path(room.__file__).parent / "programmes" / "pilot-assessment.yaml"
NAMES = ["青岩机械制造", "鹿原物流", "石门热电", "河西镇总工会", "云川铝业", "南苑职业学校",
         "北岭光伏科技", "金河羊绒制品", "云鹿稀土永磁", "白塔化工", "东河供水", "昆北重工"]  # fmt: skip
FACTS = {
    "staff": 1000, "workers": 600, "members": 950, "budget": 800_000, "spent": 640_000, "reports_due": 12,
    "reports_on_time": 11, "lecture_heads": 1500, "teams": 40, "teams_with_members": 33, "competitors": 700,
    "adopted": 12, "trainings": 1300, "promotions": 40, "training_fund": 500_000, "training_spent": 350_000,
    "proposals": 20, "proposals_answered": 19, "seats": 60, "worker_seats": 22, "award_level": 1, "cases_adopted": 0,
    "veto": 0,
}  # fmt: skip
LEAVES = ("leadership", "talks", "studios", "mentorship", "skill_pay", "new_forms")


def code(number: int) -> str:
    """A valid 统一社会信用代码."""
    body = f"91150200MA{number:07d}"
    return body + uscc.calc_check_digit(body)


@dataclass
class Town:
    """People by office, units by name, and the round."""

    officer: User
    users: dict[str, User] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    round: Round | None = None

    def person(self, name: str, role: Role, at: Union, employer: Unit | None = None) -> User:
        by = self.officer
        user, _ = open_account(
            name=name, username=f"{role.value}-{len(self.users)}", password="longenough-1", employer=employer,
            by=by, key=uuid4(),
        )  # fmt: skip
        if name != "无职":
            appoint(user, at, role, starts=clock.today() - timedelta(days=1), by=by, key=uuid4())
        self.users[name] = user
        return user

    def who(self, name: str) -> User:
        return User.objects.get(pk=self.users[name].pk)

    @property
    def step(self) -> Step:
        return Step.objects.select_related("round__programme", "round__union").get(round=self.round)

    def entrant(self, n: int) -> Entrant:
        return Entrant.objects.get(step=self.step, application__unit=self.units[n])

    def sheet(self, n: int) -> Sheet:
        return Sheet.objects.get(entrant=self.entrant(n))

    def unit_officer(self, n: int) -> User:
        return self.who(f"主席{n}")

    def assessor(self, n: int) -> User:
        return self.who(f"互评人{n}")

    def marker(self, sheet: Sheet) -> User:
        if sheet.expert_id:
            return User.objects.get(pk=sheet.expert_id)
        unit = sheet.entrant.application.unit_id
        return self.assessor([one.pk for one in self.units].index(unit))


def found(units: int = 12, experts: int = 4) -> Town:
    """The federation, its offices, and units two to a district."""
    officer = found_federation(name="包头市总工会", short="市总", officer="陆青禾", username="officer",
                               password="longenough-1", key=uuid4(), phone="0472-5550158")  # fmt: skip
    town, top = Town(officer), Union.objects.get(kind=UnionKind.FEDERATION)
    town.users["陆青禾"] = officer
    for name, role in (("沈怀山", Role.LEADER), ("审计", Role.AUDITOR), ("财务", Role.FINANCE_OFFICER)):
        town.person(name, role, top)
    for n in range(experts):
        town.person(f"专家{n}", Role.EXPERT, top)
    districts = [
        register_union(name=f"{name}总工会", short=name, kind=UnionKind.DISTRICT, parent=top, by=officer, key=uuid4())
        for name in ("昆都仑区", "青山区", "东河区", "九原区", "石拐区", "土右旗")[: (units + 1) // 2]
    ]
    for n in range(units):
        district = districts[n // 2]
        unit = register_unit(
            name=NAMES[n], code=code(n), kind="enterprise", ownership="private", trade="制造", headcount=1000,
            workers=600, above=district, district=district, by=officer, key=uuid4(),
        )  # fmt: skip
        town.units.append(unit)
        chair = town.person(f"主席{n}", Role.UNIT_OFFICER, unit.union, unit)
        for role, name in ((Role.ASSESSOR, f"互评人{n}"), (Role.DEPUTY, f"替补{n}")):
            named = name_scorer(unit.pk, role, name=name, phone=f"1380000{n:04d}", username=f"{role.value}{n}",
                                password="longenough-1", by=User.objects.get(pk=chair.pk), key=uuid4())  # fmt: skip
            town.users[name] = named.user
    town.person("区干部", Role.DISTRICT_OFFICER, districts[0])
    town.officer = User.objects.get(pk=officer.pk)
    return town


def setup_of(base: Setup, **changes: Any) -> Setup:
    """The programme's own set-up for a small round: each reviews three, three groups, few seats."""
    tiers = [
        {"name": {"zh": "一档", "en": "First"}, "seats": 2, "sum_fen": 2_000_000},
        {"name": {"zh": "二档", "en": "Second"}, "seats": 4, "sum_fen": 1_000_000},
    ]
    whole = base.model_dump(mode="json")
    whole["peers"] |= {"reviews_each": 3, "fewest": 3}
    whole["panel"] = {"experts_each": 2}
    whole["outcome"] |= {"tiers": tiers, "fund_fen": 10_000_000}
    for key, value in changes.items():
        whole[key] = value if not isinstance(value, dict) else whole[key] | value
    return Setup.model_validate(whole)


def planned(town: Town, **changes: Any) -> Town:
    """A round that starts today and is scored from now to ten days on."""
    programme, now = load_programme(PROGRAMME), clock.now()
    dates: rounds.Dates = {
        "opens_on": now.date() - timedelta(days=3), "closes_on": now.date() - timedelta(days=2),
        "scoring_opens_at": now - timedelta(hours=1), "scoring_closes_at": now + timedelta(days=10),
        "notice_on": now.date() + timedelta(days=20),
    }  # fmt: skip
    town.round = rounds.plan_round(programme, year=now.year, title=f"{now.year}年度互评考核", dates=dates,
                                   setup=setup_of(programme.file.setup, **changes), by=town.officer, key=uuid4())  # fmt: skip
    return town


def reviewing(town: Town) -> Town:
    """Opened, facts entered, accepted, and under review."""
    assert town.round is not None
    pk, by = town.round.pk, town.officer
    rounds.open_round(pk, town.units, by=by, key=uuid4())
    Step.objects.filter(round=pk).update(declare_until=clock.today())
    facts = {
        row.pk: {**FACTS, "spent": 500_000 + 20_000 * n, "adopted": n + 1, "promotions": 10 + 5 * n}
        for n, row in enumerate(town.round.applications.order_by("pk"))
    }
    cycle.report_many(pk, facts, by=by, key=uuid4())
    cycle.accept_all(pk, by=by, key=uuid4())
    rounds.close_round(pk, by=by, key=uuid4())
    rounds.start_review(pk, by=by, key=uuid4())
    town.round = Round.objects.get(pk=pk)
    return town


def undisputed(town: Town) -> Town:
    """The day until which conflicts may be declared is over."""
    Step.objects.filter(round=town.round).update(declare_until=clock.today() - timedelta(days=1))
    return town


def drawn(town: Town) -> Town:
    """Groups dealt and sheets assigned."""
    undisputed(town)
    drawing.draw(town.round.pk, by=town.officer, key=uuid4())
    return town


def scoring_on(town: Town) -> Town:
    """The sheets are open."""
    drawing.start(town.round.pk, by=town.officer, key=uuid4())
    return town


def mark(town: Town, sheet: Sheet, level: int = 0) -> None:
    """Mark every unit of a sheet; a fixed pattern around 75 that differs by unit, criterion and assessor."""
    for review in sheet.reviews.select_related("entrant"):
        marks = {
            key: (62 + (review.entrant.number * 7 + n * 5 + sheet.pk * 3 + level) % 31, "")
            for n, key in enumerate(LEAVES)
        }
        scoring.save_marks(sheet.pk, review.pk, marks, by=town.marker(sheet))


def scored(town: Town) -> Town:
    """Every sheet marked and submitted."""
    for sheet in Sheet.objects.filter(step=town.step).select_related("entrant__application"):
        mark(town, sheet)
        scoring.submit(sheet.pk, by=town.marker(sheet), key=uuid4())
    return town


def computed(town: Town) -> Town:
    """Frozen and computed."""
    freezing.freeze(town.round.pk, by=town.officer, key=uuid4())
    freezing.compute(town.round.pk, by=town.officer, key=uuid4())
    return town


def released(town: Town) -> Town:
    """Proposed, decided and released."""
    rounds.propose_result(town.round.pk, by=town.officer, key=uuid4())
    rounds.decide(town.round.pk, by=town.who("沈怀山"), key=uuid4())
    rounds.release(town.round.pk, by=town.officer, key=uuid4())
    town.round = Round.objects.get(pk=town.round.pk)
    return town


STAGES = {
    "planned": None, "reviewing": reviewing, "drawn": drawn, "scoring": scoring_on, "scored": scored, "computed": computed,
    "released": released,
}  # fmt: skip
KEPT: dict[str, tuple[bytes, dict[str, bytes]]] = {}
"""Each stage's people and its tables' rows."""


def at(stage: str) -> Town:
    """The town at this stage of its round, in this test's transaction."""
    if stage in KEPT:
        return _laid_out(*KEPT[stage])
    names = list(STAGES)
    town = planned(found()) if stage == names[0] else STAGES[stage](at(names[names.index(stage) - 1]))
    rows = {}
    with connection.cursor() as cursor:
        for table in tables():
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                rows[table] = b"".join(copy)
    KEPT[stage] = pickle.dumps(town), {table: text for table, text in rows.items() if text}
    return town


def _laid_out(kept: bytes, rows: dict[str, bytes]) -> Town:
    with connection.cursor() as cursor:
        for table, text in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(text)
        cursor.execute("SELECT pg_get_serial_sequence(t, 'id'), t FROM unnest(%s::text[]) t WHERE EXISTS (SELECT FROM "
                       "pg_attribute WHERE attrelid = t::regclass AND attname = 'id' AND attnum > 0)", [list(rows)])  # fmt: skip
        for sequence, table in cursor.fetchall():
            if sequence:
                cursor.execute(f"SELECT setval('{sequence}', (SELECT max(id) FROM {table}))")  # noqa: S608
    return pickle.loads(kept)  # noqa: S301  Our own, of this process.
