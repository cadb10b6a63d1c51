"""Budgets and accounts: put in by one, approved and checked by others."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from guildhall.foundation.errors import BadInput, KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import (
    BudgetDecision,
    Fund,
    Payee,
)
from guildhall.foundation.programmes.moves import bank, funds, payees
from guildhall.foundation.programmes.rules import (
    AccountNumberOff,
    FundHolds,
    FundLeft,
    FundMoved,
    NoFund,
    PayeeNameOff,
    SamePerson,
)
from guildhall.foundation.programmes.states import BudgetKind
from guildhall.foundation.records.models import Decision
from tests.foundation.offices import holder
from tests.foundation.programmes.purse import FUND, YUAN, come_back, make, money

pytestmark = pytest.mark.django_db


def test_no_money_is_there_before_another_person_approves_it():
    purse = make(1, fund=0)
    decision = funds.put_in_budget(
        name=FUND,
        year=2024,
        source="市财政局",
        document="包财〔2024〕1号",
        sum_fen=5 * YUAN,
        by=purse.first,
        key=uuid4(),
    )
    assert decision.fund.account.posted == 0
    with pytest.raises(NoFund):
        purse.drawn()
    with pytest.raises(NoRight):
        funds.approve_budget(decision.pk, by=purse.second, key=uuid4())

    key = uuid4()
    funds.approve_budget(decision.pk, by=purse.leader, key=key)
    funds.approve_budget(decision.pk, by=purse.leader, key=key)
    assert Account.objects.get(kind=AccountKind.FUND).posted == 5 * YUAN
    with pytest.raises(OutOfStep):
        funds.approve_budget(decision.pk, by=purse.stand_in, key=uuid4())


def test_who_puts_a_budget_in_does_not_approve_it_whatever_offices_they_hold():
    purse = make(1, fund=0)
    both = holder(Role.FINANCE_OFFICER)
    both.appointments.create(union=purse.federation, role=Role.LEADER, starts="2020-01-01")
    decision = funds.put_in_budget(
        name=FUND, year=2024, source="市财政局", document="包财〔2024〕1号", sum_fen=5 * YUAN, by=both, key=uuid4()
    )
    with pytest.raises(SamePerson):
        funds.approve_budget(decision.pk, by=both, key=uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetDecision.objects.filter(pk=decision.pk).update(approved_by=both)


def test_a_refused_budget_moves_nothing_and_its_document_may_come_again():
    purse = make(1, fund=0)
    facts = {"name": FUND, "year": 2024, "source": "市财政局", "document": "包财〔2024〕1号", "sum_fen": 5 * YUAN}
    first = funds.put_in_budget(**facts, by=purse.first, key=uuid4())
    funds.refuse_budget(first.pk, reason="文号写错了", by=purse.leader, key=uuid4())
    again = funds.put_in_budget(**facts, by=purse.first, key=uuid4())

    assert again.pk != first.pk
    assert Account.objects.get(kind=AccountKind.FUND).posted == 0


def test_the_year_is_closed_by_a_decision_and_the_remainder_carried_over():
    purse = make(1)
    payout = purse.approved()
    fund = payout.fund
    close = {"source": "市总工会", "document": "包工发〔2024〕99号", "by": purse.first}
    with pytest.raises(FundHolds):
        funds.close_year(fund.pk, kind=BudgetKind.CARRY_OVER, **close, key=uuid4())
    bank.send(payout.pk, by=purse.first, key=uuid4())
    payout.refresh_from_db()
    bank.post_return(come_back(purse, payout).pk, by=purse.first, key=uuid4())
    with pytest.raises(FundLeft):
        funds.close_fund(fund.pk, by=purse.first, key=uuid4())

    decision = funds.close_year(fund.pk, kind=BudgetKind.CARRY_OVER, **close, key=uuid4())
    funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
    closed = funds.close_fund(fund.pk, by=purse.first, key=uuid4())

    assert decision.sum_fen == 80_000 * YUAN
    assert closed.closed_at is not None
    assert closed.account.closed is True
    assert money()[f"fund:{FUND}:2025"] == (80_000 * YUAN, 0, 0)
    assert money()[f"fund:{FUND}:2024"] == (0, 0, 0)


def test_the_remainder_goes_back_to_its_source():
    purse = make(1)
    fund = Fund.objects.get()
    decision = funds.close_year(
        fund.pk, kind=BudgetKind.RETURN, source="市财政局", document="包工发〔2024〕99号", by=purse.first, key=uuid4()
    )
    funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())

    assert money()["source:市财政局"] == (0, 0, 0)


def test_an_account_is_checked_by_two_who_did_not_propose_it():
    purse = make(1, checked=False)
    payee = payees.propose_payee(purse.units[0].pk, purse.account(purse.units[0]), by=purse.first, key=uuid4())
    with pytest.raises(SamePerson):
        payees.check_payee(payee.pk, by=purse.first, key=uuid4())
    payees.check_payee(payee.pk, by=purse.second, key=uuid4())
    with pytest.raises(SamePerson):
        payees.check_payee(payee.pk, by=purse.second, key=uuid4())
    payee.refresh_from_db()
    assert payee.state == "proposed"

    payees.check_payee(payee.pk, by=holder(Role.FINANCE_OFFICER), key=uuid4())
    payee.refresh_from_db()
    assert payee.state == "checked"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "包头市别的厂"}, PayeeNameOff),
        ({"account": "12345"}, AccountNumberOff),
        ({"account": "=HYPERLINK(1)"}, AccountNumberOff),
    ],
)
def test_an_account_in_another_name_or_without_a_number_is_refused(changes, refusal):
    purse = make(1, checked=False)
    unit = purse.units[0]
    with pytest.raises(refusal):
        payees.propose_payee(unit.pk, purse.account(unit) | changes, by=purse.first, key=uuid4())
    assert Payee.objects.count() == 0


def test_an_account_number_is_encrypted_at_rest_and_read_for_a_reason_on_record():
    purse = make(1)
    payee = Payee.objects.get()
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("select account from programmes_payee")
        stored = cursor.fetchone()[0]
    assert "6222" not in stored

    number = payees.unmask_payee(payee.pk, reason="与银行电话核对", by=purse.first, key=uuid4())
    entry = Decision.objects.get(act="payee-unmask")
    assert number == payee.account == "6222020602001200000"
    assert (entry.actor, entry.note) == (purse.first, "与银行电话核对")
    with pytest.raises(NoRight):
        payees.unmask_payee(payee.pk, reason="想看一看账号", by=purse.officer, key=uuid4())
    assert not any(payee.account in str(row.body) for row in Decision.objects.told())


def test_another_units_account_is_not_there():
    purse = make(2, checked=False)
    stranger, unit = purse.unit_officers[1], purse.units[0]
    with pytest.raises(NotHere):
        payees.propose_payee(unit.pk, purse.account(unit), by=stranger, key=uuid4())
    payee = purse.propose(0)
    assert list(Payee.objects.visible_to(stranger)) == []
    with pytest.raises(NotHere):
        payees.check_payee(payee.pk, by=stranger, key=uuid4())


def test_a_key_used_for_one_account_is_refused_for_another():
    purse = make(2, checked=False)
    first, second = purse.propose(0), purse.propose(1)
    key = uuid4()
    payees.check_payee(first.pk, by=purse.first, key=key)
    with pytest.raises(KeyReused):
        payees.check_payee(second.pk, by=purse.first, key=key)


def test_an_empty_closing_that_money_came_in_before_is_refused_too():
    purse = make(1)
    fund, said = Fund.objects.get(), {"source": "市财政局", "kind": BudgetKind.RETURN, "by": purse.first}
    whole = funds.close_year(fund.pk, **said, document="包工发〔2024〕99号", key=uuid4())
    funds.approve_budget(whole.pk, by=purse.leader, key=uuid4())
    empty = funds.close_year(fund.pk, **said, document="包工发〔2024〕100号", key=uuid4())
    assert empty.sum_fen == 0
    purse.credit(5 * YUAN)
    with pytest.raises(FundMoved):
        funds.approve_budget(empty.pk, by=purse.leader, key=uuid4())


def test_a_change_of_a_standing_account_needs_its_reason_after_a_refused_one_too():
    purse = make(1)
    unit = purse.units[0]
    change = purse.propose(0, "62220206020099999")
    payees.refuse_payee(change.pk, reason="开户许可证与账号不符", by=purse.first, key=uuid4())
    with pytest.raises(BadInput):
        payees.propose_payee(unit.pk, purse.account(unit), by=purse.unit_officers[0], key=uuid4())
