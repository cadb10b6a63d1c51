"""A house without rows, and of every table as many as a test asks for: written in sets, past the moves.

No list asks here whether its rows could have come about; only what it costs to show them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import models
from django.utils import timezone

import guildhall.reform.assessment
from guildhall.foundation import clock
from guildhall.foundation.documents.models import Document, Series
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.messages.models import Delivery, Message
from guildhall.foundation.organisations.models import Appointment, Person, Union, Unit, UnitFile, User
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import (
    Application,
    BankBatch,
    BankReturn,
    BudgetDecision,
    Fund,
    Notice,
    Objection,
    Payee,
    Payout,
    PayoutRow,
    Round,
)
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.states import RoundState, RowState
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import Entry, record_many
from guildhall.reform.assessment.models import (
    Conflict,
    EarlierFile,
    EarlierResult,
    Entrant,
    Mark,
    Meeting,
    Result,
    Review,
    Session,
    Sheet,
    SignIn,
    Step,
)
from guildhall.reform.assessment.rules import judged
from guildhall.reform.assessment.states import StepState
from guildhall.reform.pilots.models import Designation
from tests.foundation.offices import federation, holder
from tests.foundation.organisations.workbook import line, workbook

SINCE, UNTIL = date(2020, 1, 1), date(2099, 12, 31)
PROGRAMME = Path(guildhall.reform.assessment.__file__).parent / "programmes" / "pilot-assessment.yaml"


def fill(model: type[models.Model], n: int, make: Callable[[int], models.Model]) -> list[Any]:
    """The table with `n` rows, by id: the missing ones are made in one statement, each told its place."""
    model.objects.bulk_create(make(place) for place in range(model.objects.count(), n))
    return list(model.objects.order_by("pk"))


@dataclass
class House:
    """A federation with one district, and whoever asks. Each method below leaves `n` rows in its table."""

    top: Union
    district: Union
    asker: User

    @classmethod
    def found(cls, role: Role) -> "House":
        """With one person in one office, who speaks for the first unit where the office is a unit's."""
        top = federation()
        district = Union.objects.create(name="昆都仑区总工会", short="昆都仑区", kind="district", parent=top)
        district.lineage = [top.pk, district.pk]
        district.save()
        house = cls(top, district, User())
        at = {Role.DISTRICT_OFFICER: lambda: district, Role.UNIT_OFFICER: lambda: house.units(1)[0].union}
        house.asker = holder(role, at.get(role, lambda: top)())
        return house

    def units(self, n: int) -> list[Unit]:
        missing = range(Unit.objects.count(), n)
        made = Union.objects.bulk_create(
            Union(name=f"第{place}厂工会", short=f"{place}厂", kind="grassroots", parent=self.district)
            for place in missing
        )
        for union in made:
            union.lineage = [*self.district.lineage, union.pk]
        Union.objects.bulk_update(made, ["lineage"])
        unions = dict(zip(missing, made, strict=True))
        return fill(Unit, n, lambda place: Unit(
            name=f"第{place}厂", code=f"91150200TEST{place:06d}", kind="enterprise", trade="机械", headcount=100,
            union=unions[place], district=self.district,
        ))  # fmt: skip

    def users(self, n: int) -> list[User]:
        have = User.objects.count()
        people = Person.objects.bulk_create(
            Person(name=f"职工{place}", phone="13900001111") for place in range(n - have)
        )
        return fill(User, n, lambda place: User(username=f"user{place}", person=people[place - have]))

    def appointments(self, n: int) -> None:
        users, unit = self.users(n), self.units(1)[0]
        fill(Appointment, n, lambda place: Appointment(
            user=users[place], union=unit.union, role=Role.ASSESSOR, starts=SINCE + timedelta(place),
            ends=SINCE + timedelta(place), title="委员",
        ))  # fmt: skip

    def designations(self, n: int) -> None:
        units = self.units(n)
        for level in ("municipal", "district"):  # Two of each unit, and still one row.
            Designation.objects.bulk_create(
                Designation(unit=unit, kind="comprehensive", level=level, batch=1, starts=SINCE, ends=UNTIL)
                for unit in units if not unit.designations.filter(level=level).exists()
            )  # fmt: skip

    def file(self, n: int) -> None:
        content = workbook(*(line(place) for place in range(1, n + 1)))
        UnitFile.objects.create(by=self.asker, name=f"{n}家.xlsx", content=content, uploaded_at=timezone.now())

    def earlier(self, n: int) -> None:
        file = EarlierFile.objects.create(by=self.asker, name="2020.xlsx", content=b"", begun_at=timezone.now())
        units = self.units(n)
        fill(EarlierResult, n, lambda place: EarlierResult(unit=units[place], year=2020, score=80, file=file))

    # Rounds -----------------------------------------------------------------------------------------------------------

    def rounds(self, n: int, state: RoundState = RoundState.REVIEWING) -> list[Round]:
        programme, now = load_programme(PROGRAMME), clock.now()
        setup = programme.file.setup.model_dump(mode="json")
        return fill(Round, n, lambda place: Round(
            programme=programme, union=self.top, year=2000 + place, title=f"第{place}批", state=state, setup=setup,
            opens_on=SINCE, closes_on=SINCE, scoring_opens_at=now, scoring_closes_at=now + timedelta(9), notice_on=UNTIL,
        ))  # fmt: skip

    def applications(self, n: int) -> list[Application]:
        """One of each unit, in the first round."""
        of, units = self.rounds(1)[0], self.units(n)
        return fill(Application, n, lambda place: self._application(of, units[place]))

    def own_applications(self, n: int) -> list[Application]:
        """One in each round, of the first unit."""
        unit, rounds = self.units(1)[0], self.rounds(n)
        return fill(Application, n, lambda place: self._application(rounds[place], unit))

    def awaiting(self, n: int) -> None:
        """One of each unit, waiting for its district."""
        of = self.rounds(1, RoundState.PLANNED)[0]
        setup = of.setup | {"entry": "applied", "levels": [{"at": "district_or_industry"}]}
        Round.objects.filter(pk=of.pk).update(setup=setup)
        self.applications(n)
        Application.objects.update(state="awaiting", level=0)

    @staticmethod
    def _application(of: Round, unit: Unit) -> Application:
        return Application(round=of, unit=unit, union=unit.union, state="reviewing", facts={"staff": "9"})

    def notices(self, n: int) -> list[Notice]:
        rounds, now = self.rounds(n), clock.now()
        return fill(Notice, n, lambda place: Notice(
            round=rounds[place], number=f"公示{place}", title=f"第{place}批的公示", body={"lines": []}, digest="0" * 64,
            check_code=f"7Q4K-{place:04d}", published_at=now, days=[], ends_at=now + timedelta(5),
            published_by=self.asker,
        ))  # fmt: skip

    def documents(self, n: int) -> None:
        series = fill(
            Series, 1, lambda place: Series(union=self.top, name="公示", year=2024, pattern="{year}{number}")
        )[0]
        fill(Document, n, lambda place: Document(
            kind="notice", union=self.top, series=series, year=2024, ordinal=place, number=f"公示{place}", title="公示",
            subject=f"round:{place}", seals=["市总"], content={}, sheet="notice", digest="0" * 64,
            check_code=f"7Q4K-{place:04d}", issued_at=clock.now(), key=uuid4(),
        ))  # fmt: skip

    def objections(self, n: int) -> None:
        rows, notices, now = self.own_applications(n), self.notices(n), clock.now()
        fill(Objection, n, lambda place: Objection(
            notice=notices[place], application=rows[place], name="职工", contact="13900001111", receipt=f"Y{place}",
            text="与事实不符", filed_at=now, answer_by=now,
        ))  # fmt: skip

    # The assessment ---------------------------------------------------------------------------------------------------

    def entrants(self, n: int) -> list[Entrant]:
        """In the first round, which is being scored."""
        rows = self.applications(n)
        step = fill(Step, 1, lambda place: self._step(rows[0].round))[0]
        return fill(Entrant, n, lambda place: self._entrant(step, rows[place], place))

    @staticmethod
    def _step(of: Round) -> Step:
        return Step(round=of, state=StepState.SCORING, declare_until=SINCE)

    @staticmethod
    def _entrant(step: Step, row: Application, place: int) -> Entrant:
        return Entrant(step=step, application=row, number=place, group=place % 3, lot=place, computed=0, bonus=0)

    def sheets(self, n: int) -> None:
        """Of each entrant its own, with a unit on it that is fully marked."""
        entrants = self.entrants(n)
        sheets = fill(Sheet, n, lambda place: Sheet(
            step_id=entrants[place].step_id, kind="peers", entrant=entrants[place], public_id=str(place)
        ))  # fmt: skip
        self._marked(sheets, entrants)

    def sign_ins(self, n: int) -> None:
        """To one session, of each unit its own and nobody by name."""
        entrants, at = self.entrants(n), timezone.now()
        meeting = fill(Meeting, 1, lambda _place: Meeting(step_id=entrants[0].step_id, place="二楼", minutes=8))[0]
        session = fill(Session, 1, lambda _place: Session(
            meeting=meeting, number=1, starts_at=at, ends_at=at + timedelta(hours=1)
        ))[0]  # fmt: skip
        fill(SignIn, n, lambda place: SignIn(
            session=session, application_id=entrants[place].application_id, at=at, way="desk", by=self.asker, reason="没有手机"
        ))  # fmt: skip

    def own_sheets(self, n: int) -> None:
        """Of each round the expert's own."""
        rows = self.own_applications(n)
        steps = fill(Step, n, lambda place: self._step(rows[place].round))
        entrants = fill(Entrant, n, lambda place: self._entrant(steps[place], rows[place], 0))
        sheets = fill(Sheet, n, lambda place: Sheet(step=steps[place], kind="panel", expert=self.asker, public_id="1"))
        self._marked(sheets, entrants)

    @staticmethod
    def _marked(sheets: list[Sheet], entrants: list[Entrant]) -> None:
        n, items = len(sheets), list(judged(sheets[0].step.round.rules))
        reviews = fill(Review, n, lambda place: Review(sheet=sheets[place], entrant=entrants[place], position=0))
        fill(Mark, n * len(items), lambda place: Mark(
            review=reviews[place // len(items)], indicator=items[place % len(items)], value=80
        ))  # fmt: skip

    def conflicts(self, n: int) -> None:
        units, entrants = self.units(n + 1), self.entrants(1)
        fill(Conflict, n, lambda place: Conflict(
            round=entrants[0].step.round, first=units[0], second=units[place + 1], kind="declared", reason="同一集团"
        ))  # fmt: skip

    def results(self, n: int) -> None:
        entrants = self.entrants(n)
        fill(Result, n, lambda place: Result(
            application_id=entrants[place].application_id, group=place % 3, rank=place, final=80, peers=80, panel=80,
            computed=80, bonus=0, tier=0, sum_fen=100, grade=0, row={},
        ))  # fmt: skip

    # Money ------------------------------------------------------------------------------------------------------------

    def accounts(self, n: int) -> list[Account]:
        return fill(
            Account, n, lambda place: Account(name=f"账户{place}", kind="fund", owner=f"fund:{place}", posted=9)
        )

    def transfers(self, n: int) -> None:
        """From the first account to the second."""
        one, other = self.accounts(2)
        if not Decision.objects.exists():
            self.decisions(1)
        asked = Decision.objects.first()
        fill(Transfer, n, lambda place: Transfer(
            key=UUID(int=place + 1), code=0, debit=one, credit=other, amount=9, phase="posted", memo="拨入",
            decision=asked, business_at=clock.now(),
        ))  # fmt: skip

    def funds(self, n: int) -> list[Fund]:
        accounts = self.accounts(n)
        return fill(Fund, n, lambda place: Fund(
            name="产改奖补资金", year=2000 + place, union=self.top, account=accounts[place]
        ))  # fmt: skip

    def budget(self, n: int) -> None:
        funds = self.funds(n)
        fill(BudgetDecision, n, lambda place: BudgetDecision(
            fund=funds[place], kind="credit", source="市财政局", document=f"{place}号", sum_fen=9, transfer=uuid4(),
            put_in_by=self.asker, put_in_at=clock.now(),
        ))  # fmt: skip

    def payees(self, n: int) -> list[Payee]:
        units = self.units(n)
        return fill(Payee, n, lambda place: Payee(
            unit=units[place], version=1, name="厂", bank="工商银行", branch="青山支行", account="6222020602001234567",
            tail="4567", proposed_by=self.asker, proposed_at=clock.now(),
        ))  # fmt: skip

    def payouts(self, n: int) -> list[Payout]:
        """One of each round, with a payment to the first unit."""
        rows, payee, funds = self.own_applications(n), self.payees(1)[0], self.funds(n)
        payouts = fill(Payout, n, lambda place: Payout(
            number=f"P{place}", round=rows[place].round, fund=funds[place], union=self.top, drawn_by=self.asker,
            drawn_at=clock.now(),
        ))  # fmt: skip
        fill(PayoutRow, n, lambda place: PayoutRow(
            payout=payouts[place], application=rows[place], unit=rows[place].unit, serial=1, sum_fen=9, payee=payee,
            state=RowState.PAID, hold=uuid4(), settled_at=clock.now(),
        ))  # fmt: skip
        return payouts

    def batches(self, n: int) -> list[BankBatch]:
        payouts = self.payouts(n)
        return fill(BankBatch, n, lambda place: BankBatch(
            payout=payouts[place], filename=f"{place}.csv", text="流水号", digest="0" * 64, rows_count=1, sum_fen=9,
            made_by=self.asker, made_at=clock.now(),
        ))  # fmt: skip

    def returns(self, n: int) -> None:
        batches = self.batches(n)
        fill(BankReturn, n, lambda place: BankReturn(
            batch=batches[place], filename=f"{place}.csv", text="流水号", digest="0" * 64, uploaded_by=self.asker,
            uploaded_at=clock.now(),
        ))  # fmt: skip

    # Records and messages ---------------------------------------------------------------------------------------------

    def decisions(self, n: int) -> None:
        """Looks at what is masked; each in a chain of its own."""
        for place in range(Decision.objects.count(), n):
            entry = Entry(act="payee-unmask", subject=f"payee:{place}", note="核对尾号")
            record_many(f"unit:{place}", [entry], by=self.asker)

    def messages(self, n: int) -> list[Message]:
        facts = {"number": "P2024-001"}
        return fill(Message, n, lambda place: Message(
            to=self.asker, template="money.approved", facts=facts, at=clock.now() + timedelta(minutes=place), url="/"
        ))  # fmt: skip

    def deliveries(self, n: int) -> None:
        told = self.messages(n)
        fill(Delivery, n, lambda place: Delivery(message=told[place], channel="sms", address="13900001111"))
