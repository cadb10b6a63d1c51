"""The money of the city with affairs: a fund, accounts, and payout lists at each step."""

from typing import Any
from uuid import uuid4

from guildhall.foundation.ledger.models import Account
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import (
    Payee,
    Payout,
)
from guildhall.foundation.programmes.moves import (
    bank,
    funds,
    payees,
    payouts,
)
from guildhall.foundation.programmes.states import RowState


def fresh(user: User) -> User:
    """The user as a new request reads it."""
    return User.objects.get(pk=user.pk)


def pay(affairs: Any) -> None:
    """One list at each stage: what waits for an account comes into the next one."""
    city, of = affairs.city, affairs.rounds["paid"]
    officer, leader, finance = (fresh(one) for one in (city.officer, city.leader, city.finance))
    grant = of.programme.file.grant
    for name, year, approved in ((grant.fund, of.year, True), (grant.fund, of.year + 1, False)):
        decision = funds.put_in_budget(name=name, year=year, source="市财政局", document=f"包财行〔{year}〕7号",
                                       sum_fen=100_000_000, by=finance, key=uuid4())  # fmt: skip
        if approved:
            funds.approve_budget(decision.pk, by=leader, key=uuid4())
        affairs.things[f"decision {approved}"] = decision
    for stage, places in (("sent", (0, 5)), ("approved", (1,)), ("prepared", (2,)), ("drawn", ())):
        for place in places:
            _account(affairs, place)
        payout = payouts.draw_up(of.pk, by=officer, key=uuid4())
        if stage != "drawn":
            payout = payouts.prepare(payout.pk, by=finance, key=uuid4())
        if stage in ("sent", "approved"):
            payouts.approve(payout.pk, digest=payout.digest, by=leader, key=uuid4())
        if stage == "sent":
            payout = bank.send(payout.pk, by=finance, key=uuid4())
            _come_back(affairs, payout)
        affairs.payouts[stage] = Payout.objects.get(pk=payout.pk)
    affairs.things["proposed"] = _proposed(affairs, 3)
    payees.unmask_payee(affairs.things["0"].pk, reason="与银行核对尾号", by=finance, key=uuid4())
    affairs.things["fund"] = affairs.payouts["sent"].fund
    affairs.things["account"] = Account.objects.get(owner=f"unit:{city.unit.pk}")


def _proposed(affairs: Any, place: int) -> Payee:
    city, unit = affairs.city, affairs.city.units[place]
    account = {"name": unit.name, "bank": "中国银行", "branch": "包头分行", "account": f"62170000111{place:05d}"}
    return payees.propose_payee(unit.pk, account, by=fresh(city.unit_officers[place]), key=uuid4())


def _account(affairs: Any, place: int) -> None:
    payee = _proposed(affairs, place)
    for officer in (affairs.city.finance, affairs.city.second_finance):
        payees.check_payee(payee.pk, by=fresh(officer), key=uuid4())
    affairs.things[str(place)] = payee


def _come_back(affairs: Any, payout: Payout) -> None:
    lines = ["流水号,状态,银行流水号,原因,金额"]
    for row in payout.rows.filter(state=RowState.SENT).select_related("payout"):
        lines.append(f"{row.slip},成功,ICBC{row.serial:08d},,{row.sum_fen // 100}.{row.sum_fen % 100:02d}")
    raw = "\r\n".join(lines).encode("gb18030")
    kept = bank.upload_return(payout.batch.pk, "回单.csv", raw, by=fresh(affairs.city.finance), key=uuid4())
    affairs.things["return"] = kept
