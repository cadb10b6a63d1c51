"""A finished round with sums to pay, and everyone it takes to pay them, in a federation of two districts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import yaml

import guildhall.reform.assessment
from guildhall.foundation import clock
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.states import Role, UnionKind, UnitKind
from guildhall.foundation.programmes.models import Application, BankReturn, Notice, Payee, Payout, Programme, Round
from guildhall.foundation.programmes.moves import bank, funds, payees, payouts
from guildhall.foundation.programmes.registry import RESULT
from guildhall.foundation.programmes.states import RoundState, RowState, State
from tests.foundation.offices import federation, holder

YUAN = 100
SOURCE = Path(guildhall.reform.assessment.__file__).parent / "programmes" / "pilot-assessment.yaml"
FUND = "产改奖补资金"
CONFER = "test.sums"


def sums(application: Application) -> dict[str, object]:
    """The test's own domain: the sum stands with the facts."""
    return {"sum_fen": int(application.facts["sum_fen"]), "rank": application.pk, "group": 1, "tier": "一档"}


@dataclass
class Purse:
    """Who is there."""

    federation: Union
    officer: User
    leader: User
    stand_in: User
    first: User
    second: User
    auditor: User
    units: list[Unit]
    unit_officers: list[User]
    round: Round

    def account(self, unit: Unit, number: str = "6222020602001234567", **facts: str) -> dict[str, str]:
        return {"name": unit.name, "bank": "中国工商银行", "branch": "包头青山支行", "account": number, **facts}

    def propose(self, place: int, number: str = "6222020602001234567") -> Payee:
        unit = self.units[place]
        return payees.propose_payee(
            unit.pk, self.account(unit, number), reason="开户行搬迁，换账户", by=self.unit_officers[place], key=uuid4()
        )

    def check(self, payee: Payee) -> Payee:
        payees.check_payee(payee.pk, by=self.first, key=uuid4())
        return payees.check_payee(payee.pk, by=self.second, key=uuid4())

    def credit(self, fen: int) -> None:
        decision = funds.put_in_budget(
            name=FUND, year=self.round.year, source="市财政局", document=f"包财行〔2024〕{fen}号", sum_fen=fen,
            by=self.first, key=uuid4(),
        )  # fmt: skip
        funds.approve_budget(decision.pk, by=self.leader, key=uuid4())

    def drawn(self) -> Payout:
        return payouts.draw_up(self.round.pk, by=self.officer, key=uuid4())

    def prepared(self) -> Payout:
        return payouts.prepare(self.drawn().pk, by=self.first, key=uuid4())

    def approved(self) -> Payout:
        payout = self.prepared()
        return payouts.approve(payout.pk, digest=payout.digest, by=self.leader, key=uuid4())

    def sent(self) -> Payout:
        return bank.send(self.approved().pk, by=self.first, key=uuid4())


def make(n: int = 3, *, fund: int = 100_000 * YUAN, checked: bool = True) -> Purse:
    """`n` units with 20,000, 10,000, 5,000, 5,000, … yuan each; accounts checked, and the fund credited."""
    RESULT[CONFER] = sums
    top = federation()
    districts = [_union(f"{name}总工会", UnionKind.DISTRICT, top) for name in ("昆都仑区", "青山区")]
    units = [_unit(place, districts[place % 2]) for place in range(n)]
    purse = Purse(
        federation=top, officer=holder(Role.FEDERATION_OFFICER), leader=holder(Role.LEADER),
        stand_in=holder(Role.LEADER), first=holder(Role.FINANCE_OFFICER), second=holder(Role.FINANCE_OFFICER),
        auditor=holder(Role.AUDITOR), units=units,
        unit_officers=[holder(Role.UNIT_OFFICER, unit.union) for unit in units], round=_round(top),
    )  # fmt: skip
    tiers = [20_000, 10_000]
    for place, unit in enumerate(units):
        fen = (tiers[place] if place < 2 else 5_000) * YUAN
        Application.objects.create(
            round=purse.round, unit=unit, union=unit.union, state=State.CONFERRED, facts={"sum_fen": str(fen)}
        )
    _notice(purse)
    if fund:
        purse.credit(fund)
    if checked:
        for place in range(n):
            purse.check(purse.propose(place, f"62220206020012{place:05d}"))
    return purse


def _union(name: str, kind: UnionKind, parent: Union) -> Union:
    union = Union.objects.create(name=name, short=name, kind=kind, parent=parent)
    union.lineage = [*parent.lineage, union.pk]
    union.save()
    return union


def _unit(place: int, district: Union) -> Unit:
    name = f"包头市第{place + 1}机械厂有限公司"
    own = _union(f"{name}工会", UnionKind.GRASSROOTS, district)
    return Unit.objects.create(
        name=name, code=f"91150200TEST{place:06d}", kind=UnitKind.ENTERPRISE, trade="机械", headcount=100, union=own,
        district=district,
    )  # fmt: skip


def _round(top: Union) -> Round:
    document = yaml.safe_load(SOURCE.read_text(encoding="utf-8")) | {"confer": CONFER, "programme": "test-sums"}
    at = clock.now()
    programme = Programme.objects.create(
        code="test-sums", version=1, document=document, source="", digest="0" * 64, loaded_at=at
    )
    opens = datetime(2024, 9, 1, tzinfo=at.tzinfo)
    return Round.objects.create(
        programme=programme, union=top, year=2024, title="2024年度互评考核", state=RoundState.FINISHED,
        setup=document["setup"], opens_on=date(2024, 8, 1), closes_on=date(2024, 8, 20), scoring_opens_at=opens,
        scoring_closes_at=opens + timedelta(days=9), notice_on=date(2024, 10, 1), released_at=opens, finished_at=at,
    )  # fmt: skip


def _notice(purse: Purse) -> None:
    at = clock.now()
    Notice.objects.create(
        round=purse.round, number="2024-公示-001", title="关于2024年度互评考核结果的公示", body={"lines": []}, digest="0" * 64,
        check_code="7Q4K-M2XD", published_at=at, days=[], ends_at=at, published_by=purse.officer,
    )  # fmt: skip


def answered(payout: Payout, *changes: tuple[int, str]) -> bytes:
    """The bank's return file: every payment succeeds, but for the changed lines (serial, whole line)."""
    lines = ["流水号,状态,银行流水号,原因,金额"]
    instead = dict(changes)
    for row in payout.rows.filter(state=RowState.SENT).select_related("payout"):
        done = f"{row.slip},成功,ICBC{row.serial:08d},,{row.sum_fen // 100}.{row.sum_fen % 100:02d}"
        lines.append(instead.get(row.serial, done))
    return "\r\n".join(lines).encode("gb18030")


def come_back(purse: Purse, payout: Payout, *changes: tuple[int, str]) -> BankReturn:
    raw = answered(payout, *changes)
    return bank.upload_return(payout.batch.pk, "回单.csv", raw, by=purse.first, key=uuid4())


def money() -> dict[str, tuple[int, int, int]]:
    """Posted, reserved, incoming of every account, by owner."""
    return {row.owner: (row.posted, row.reserved, row.incoming) for row in Account.objects.all()}
