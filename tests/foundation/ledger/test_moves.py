"""The acts that are the ledger's own: opening, closing, reversing, and the sweep of expired holds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import KeyReused, NoRight
from guildhall.foundation.ledger import moves, rules
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.moves import Opening, hold, open_accounts, pay, post, post_at, uuid7
from guildhall.foundation.ledger.states import AccountKind, Code
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import CLOCK
from guildhall.foundation.records.rules import NoReason
from guildhall.foundation.records.verify import verify
from tests.foundation.offices import holder


@pytest.fixture
def leader(db):
    return holder(Role.LEADER)


@pytest.fixture
def finance(db):
    return holder(Role.FINANCE_OFFICER)


@pytest.fixture
def paid(accounts, decision) -> Transfer:
    key = uuid7()
    post([pay(key, accounts["source"].pk, accounts["first"].pk, 100)], decision=decision)
    return Transfer.objects.get(pk=key)


def test_a_reversal_is_a_transfer_back_with_its_reason(paid, leader):
    key = uuid4()
    back = moves.reverse(paid, by=leader, reason="退汇", key=key)
    assert (back.debit_id, back.credit_id, back.amount, back.memo) == (paid.credit_id, paid.debit_id, 100, "退汇")
    assert (back.decision.act, back.decision.note, back.decision.actor) == ("reverse", "退汇", leader)
    assert set(Account.objects.values_list("posted", flat=True)) == {0}
    assert moves.reverse(paid, by=leader, reason="退汇", key=key) == back
    assert Decision.objects.filter(act="reverse").count() == 1
    with pytest.raises(rules.AlreadyReversed):
        moves.reverse(paid, by=leader, reason="退汇", key=uuid4())
    assert verify() == []


def test_a_reversal_that_cannot_be_paid_back_leaves_nothing_and_may_be_asked_again(paid, accounts, decision, leader):
    spent = uuid7()
    post([pay(spent, paid.credit_id, accounts["second"].pk, 60)], decision=decision)
    with pytest.raises(rules.Insufficient):
        moves.reverse(paid, by=leader, reason="退汇", key=uuid4())
    assert not Transfer.objects.filter(pk=paid.reversal).exists()
    moves.reverse(Transfer.objects.get(pk=spent), by=leader, reason="先退", key=uuid4())
    assert moves.reverse(paid, by=leader, reason="退汇", key=uuid4()).amount == 100


def test_a_hold_or_a_refusal_is_not_reversed_nor_without_reason_or_right(paid, accounts, decision, leader, finance):
    held, refused = uuid7(), uuid7()
    post(
        [
            hold(held, paid.credit_id, accounts["second"].pk, 10),
            pay(refused, accounts["second"].pk, paid.credit_id, 10),
        ],
        decision=decision,
    )
    for key in (held, refused):
        with pytest.raises(rules.NotReversible):
            moves.reverse(Transfer.objects.get(pk=key), by=leader, reason="退", key=uuid4())
    with pytest.raises(NoReason):
        moves.reverse(paid, by=leader, reason=" ", key=uuid4())
    with pytest.raises(NoRight):
        moves.reverse(paid, by=finance, reason="退", key=uuid4())


def test_opening_opens_what_is_missing(db):
    asked = [Opening(kind=AccountKind.PAYEE, owner=f"unit:{n}", name=f"单位{n}") for n in (1, 2)]
    one, two = open_accounts(asked, by=CLOCK, key=uuid4())
    more = [*reversed(asked), Opening(kind=AccountKind.PAYEE, owner="unit:3", name="单位3")]
    assert open_accounts(more, by=CLOCK, key=uuid4())[:2] == [two, one]
    assert Account.objects.count() == 3
    assert [len(each.body["accounts"]) for each in Decision.objects.filter(act="open_accounts")] == [2, 1]


def test_a_closed_account_is_refused_and_one_with_holds_stays_open(paid, accounts, decision, finance, leader):
    held = uuid7()
    post([hold(held, paid.credit_id, accounts["second"].pk, 10)], decision=decision)
    first, second = accounts["first"], accounts["second"]
    for account in (first, second):
        with pytest.raises(rules.AccountInUse):
            moves.close_account(account, by=finance, reason="年终", key=uuid4())
    post([moves.void_of(uuid7(), held)], decision=decision)
    with pytest.raises(NoRight):
        moves.close_account(second, by=leader, reason="年终", key=uuid4())
    key = uuid4()
    assert moves.close_account(second, by=finance, reason="年终", key=key).closed
    assert moves.close_account(second, by=finance, reason="年终", key=key).closed
    with pytest.raises(KeyReused):
        moves.close_account(first, by=finance, reason="年终", key=key)
    answers = post([pay(uuid7(), first.pk, second.pk, 10)], decision=decision)
    assert answers[0].code is Code.CLOSED_ACCOUNT


def test_the_sweep_frees_expired_holds_once_and_no_others(paid, accounts, decision):
    """Held with a business time in the past, since a hold is born alive."""
    first, second, now = paid.credit_id, accounts["second"].pk, clock.now()
    due, open_ended, later = uuid7(), uuid7(), uuid7()
    post_at(
        [hold(due, first, second, 10, until=now - timedelta(seconds=1)), hold(open_ended, first, second, 20),
         hold(later, first, second, 30, until=now + timedelta(hours=1))],
        decision=decision, business=now - timedelta(hours=1),
    )  # fmt: skip
    assert moves.expire_due() == 1
    assert moves.expire_due() == 0
    assert Account.objects.get(pk=first).reserved == 50
    swept = Transfer.objects.get(settles=due)
    assert (swept.phase, swept.amount, swept.decision.actor_name) == ("voided", 10, "clock")
    assert not Account.objects.disagreeing().exists()


def test_money_moves_in_a_transaction_of_its_decision(db, decision):
    assert transaction.get_connection().in_atomic_block
    with pytest.raises(ValueError, match="at most"):
        post([pay(uuid7(), 1, 2, 3)] * (rules.MOST_ITEMS + 1), decision=decision)


@pytest.mark.parametrize("role", list(Role))
def test_the_ledger_is_read_by_those_who_read_money(paid, role):
    reads = role in {Role.FEDERATION_OFFICER, Role.LEADER, Role.FINANCE_OFFICER, Role.AUDITOR}
    user = holder(role)
    assert Account.objects.visible_to(user).exists() is reads
    assert Transfer.objects.visible_to(user).exists() is reads
