"""Two at once: hold the lock, see the other wait, let go, see what it is told."""

from uuid import uuid4

import pytest
from django.db import transaction

from guildhall.foundation.errors import BadInput, OutOfStep
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.programmes.models import Fund, Payee, PayoutRow
from guildhall.foundation.programmes.moves import bank, funds, payees, payouts
from guildhall.foundation.programmes.rules import NotOverYet, PayeeChanged
from guildhall.foundation.programmes.states import BudgetKind, RowState
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes.purse import FUND, YUAN, come_back, make

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_leader_and_a_stand_in_at_once_pay_once(beside):
    purse = make(3)
    payout = purse.prepared()
    with transaction.atomic():
        payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
        other = beside(payouts.approve, payout.pk, digest=payout.digest, by=purse.stand_in, key=uuid4())
        other.until_blocked()

    with pytest.raises(OutOfStep):
        other.result()
    assert Account.objects.get(kind=AccountKind.FUND).reserved == 35_000 * YUAN
    assert Transfer.objects.open().count() == 3
    payout.refresh_from_db()
    assert payout.approved_by == purse.leader


def test_the_same_approval_sent_twice_at_once_is_one(beside):
    purse = make(2)
    payout, key = purse.prepared(), uuid4()
    with transaction.atomic():
        payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=key)
        other = beside(payouts.approve, payout.pk, digest=payout.digest, by=purse.leader, key=key)
        other.until_blocked()

    assert other.result() == payout
    assert Account.objects.get(kind=AccountKind.FUND).reserved == 30_000 * YUAN


def test_two_officers_at_once_draw_up_one_list(beside):
    purse = make(2)
    with transaction.atomic():
        payouts.draw_up(purse.round.pk, by=purse.officer, key=uuid4())
        other = beside(payouts.draw_up, purse.round.pk, by=purse.officer, key=uuid4())
        other.until_blocked()

    with pytest.raises(NotOverYet):
        other.result()
    assert PayoutRow.objects.count() == 2


def test_an_account_that_changes_while_the_leader_approves_is_seen(beside):
    purse = make(2)
    payout = purse.prepared()
    with transaction.atomic():
        purse.propose(0, "62220206020099999")
        other = beside(payouts.approve, payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
        other.until_blocked()

    with pytest.raises(PayeeChanged):
        other.result()
    assert Transfer.objects.open().count() == 0


def test_two_uploads_posted_at_once_pay_once(beside):
    purse = make(2)
    payout = purse.sent()
    first = come_back(purse, payout)
    second = come_back(purse, payout, (1, f"{payout.rows.get(serial=1).slip},失败,,户名不符,20000.00"))
    with transaction.atomic():
        bank.post_return(first.pk, by=purse.first, key=uuid4())
        other = beside(bank.post_return, second.pk, by=purse.second, key=uuid4())
        other.until_blocked()

    assert {line["verdict"] for line in other.result().lines} == {"settled"}
    assert set(payout.rows.values_list("state", flat=True)) == {RowState.PAID}
    assert Account.objects.get(kind=AccountKind.FUND).posted == 70_000 * YUAN


def test_two_who_check_an_account_at_once_are_two(beside):
    purse = make(1, checked=False)
    payee = purse.propose(0)
    with transaction.atomic():
        payees.check_payee(payee.pk, by=purse.first, key=uuid4())
        other = beside(payees.check_payee, payee.pk, by=purse.second, key=uuid4())
        other.until_blocked()

    assert other.result().state == "checked"
    checked = Payee.objects.get()
    assert (checked.first_by, checked.second_by) == (purse.first, purse.second)


def test_a_budget_approved_by_two_at_once_is_credited_once(beside):
    purse = make(1, fund=0)
    decision = funds.put_in_budget(
        name="产改奖补资金", year=2024, source="市财政局", document="包财〔2024〕1号", sum_fen=5 * YUAN, by=purse.first,
        key=uuid4(),
    )  # fmt: skip
    with transaction.atomic():
        funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
        other = beside(funds.approve_budget, decision.pk, by=purse.stand_in, key=uuid4())
        other.until_blocked()

    with pytest.raises(OutOfStep):
        other.result()
    assert Account.objects.get(kind=AccountKind.FUND).posted == 5 * YUAN


def test_a_document_put_in_by_two_at_once_stands_once(beside):
    purse = make(1)
    facts = {"name": FUND, "year": 2024, "source": "市财政局", "document": "包财〔2024〕99号", "sum_fen": 5 * YUAN}
    with transaction.atomic():
        funds.put_in_budget(**facts, by=purse.first, key=uuid4())
        other = beside(funds.put_in_budget, **facts, by=purse.second, key=uuid4())
        other.until_blocked()

    with pytest.raises(BadInput):
        other.result()


def test_a_fund_closed_by_two_at_once_is_closed_once(beside):
    purse = make(1)
    fund = Fund.objects.get()
    facts = {"source": "市财政局", "document": "包财〔2024〕99号", "by": purse.first, "key": uuid4()}
    decision = funds.close_year(fund.pk, kind=BudgetKind.RETURN, **facts)
    funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
    with transaction.atomic():
        funds.close_fund(fund.pk, by=purse.first, key=uuid4())
        other = beside(funds.close_fund, fund.pk, by=purse.second, key=uuid4())
        other.until_blocked()

    with pytest.raises(OutOfStep):
        other.result()
    assert Decision.objects.filter(act="fund-close").count() == 1
