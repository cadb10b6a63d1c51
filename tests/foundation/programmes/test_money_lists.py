"""Payout lists: what waits, what is refused, and what the database itself keeps."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from guildhall.foundation.errors import BadInput, NoRight, OutOfStep
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.rules import Insufficient
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import (
    BankBatch,
    Payout,
    PayoutRow,
)
from guildhall.foundation.programmes.moves import bank, payees, payouts
from guildhall.foundation.programmes.rules import (
    ListChanged,
    NothingReady,
    NotOverYet,
    PayeeChanged,
    SamePerson,
    batch_bytes,
)
from guildhall.foundation.programmes.states import PayoutState, RowState, Waits
from guildhall.foundation.records.models import Decision
from tests.foundation.offices import holder
from tests.foundation.programmes.purse import YUAN, make, money

pytestmark = pytest.mark.django_db


def test_a_payment_without_a_checked_account_waits_and_comes_into_the_next_list():
    purse = make(3)
    change = purse.propose(1, "62220206020099999")
    payout = purse.prepared()
    waiting = payout.rows.get(unit=purse.units[1])

    assert (waiting.state, waiting.waits, waiting.payee) == (RowState.WAITING, Waits.UNCHECKED, None)
    assert sorted(payout.rows.values_list("state", flat=True)) == ["ready", "ready", "waiting"]
    purse.check(change)
    second = purse.prepared()
    assert [row.sum_fen for row in second.rows.all()] == [10_000 * YUAN]
    with pytest.raises(NotOverYet):
        purse.drawn()


def test_a_list_of_which_everything_waits_is_not_prepared():
    purse = make(2, checked=False)
    payout = purse.drawn()
    with pytest.raises(NothingReady):
        payouts.prepare(payout.pk, by=purse.first, key=uuid4())
    payout.refresh_from_db()
    assert payout.state == PayoutState.DRAWN
    assert set(payout.rows.values_list("state", flat=True)) == {RowState.DRAWN}


def test_an_account_changed_after_the_preparation_stops_the_approval():
    purse = make(2)
    payout = purse.prepared()
    purse.propose(0, "62220206020099999")
    with pytest.raises(PayeeChanged) as refusal:
        payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
    assert purse.units[0].name in str(refusal.value)
    assert Transfer.objects.open().count() == 0

    payouts.send_back(payout.pk, reason="账户变更，重新制单", by=purse.leader, key=uuid4())
    again = payouts.prepare(payout.pk, by=purse.second, key=uuid4())
    payouts.approve(again.pk, digest=again.digest, by=purse.leader, key=uuid4())
    assert sorted(payout.rows.values_list("state", flat=True)) == [RowState.HELD, RowState.WAITING]


def test_an_account_changed_after_the_approval_is_not_sent_and_its_money_freed():
    purse = make(2)
    payout = purse.approved()
    change = purse.propose(0, "62220206020099999")
    payout = bank.send(payout.pk, by=purse.first, key=uuid4())

    assert (payout.batch.rows_count, payout.batch.sum_fen) == (1, 10_000 * YUAN)
    assert payout.rows.get(unit=purse.units[0]).state == RowState.RETURNED
    assert Account.objects.get(kind=AccountKind.FUND).reserved == 10_000 * YUAN
    purse.check(change)
    assert [row.payee for row in purse.prepared().rows.all()] == [change]


def test_the_last_payment_of_a_list_may_be_freed_before_it_is_sent():
    purse = make(1)
    payout = purse.approved()
    purse.propose(0, "62220206020099999")
    payout = bank.send(payout.pk, by=purse.first, key=uuid4())

    assert payout.state == PayoutState.SETTLED
    assert not BankBatch.objects.exists()
    assert Account.objects.get(kind=AccountKind.FUND).reserved == 0


def test_the_preparer_does_not_approve():
    purse = make(2)
    both = holder(Role.FINANCE_OFFICER)
    both.appointments.create(union=purse.federation, role=Role.LEADER, starts="2020-01-01")
    payout = payouts.prepare(purse.drawn().pk, by=both, key=uuid4())
    with pytest.raises(SamePerson):
        payouts.approve(payout.pk, digest=payout.digest, by=both, key=uuid4())
    for nobody in (purse.first, purse.officer):
        with pytest.raises(NoRight):
            payouts.approve(payout.pk, digest=payout.digest, by=nobody, key=uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(approved_by=both)
    assert Transfer.objects.open().count() == 0


def test_more_than_the_fund_holds_is_refused_by_the_database_and_nothing_is_half_written():
    purse = make(3, fund=35_000 * YUAN - 1)
    payout = purse.prepared()
    before = (money(), Decision.objects.count(), Transfer.objects.count())
    with pytest.raises(Insufficient):
        payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())

    payout.refresh_from_db()
    assert payout.state == PayoutState.PREPARED
    assert set(payout.rows.values_list("state", flat=True)) == {RowState.READY}
    assert (money(), Decision.objects.count(), Transfer.objects.count()) == before
    purse.credit(1)
    payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
    fund = Account.objects.get(kind=AccountKind.FUND)
    assert (fund.posted, fund.reserved, fund.available) == (35_000 * YUAN, 35_000 * YUAN, 0)


def test_the_database_itself_keeps_the_fund_above_zero():
    make(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(kind=AccountKind.FUND).update(reserved=100_001 * YUAN)


def test_what_is_approved_is_what_was_shown():
    purse = make(2)
    payout = purse.prepared()
    with pytest.raises(ListChanged):
        payouts.approve(payout.pk, digest="0" * 64, by=purse.leader, key=uuid4())
    PayoutRow.objects.filter(serial=2).update(sum_fen=99_999 * YUAN)
    with pytest.raises(ListChanged):
        payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
    assert Transfer.objects.open().count() == 0


def test_the_same_submission_again_changes_nothing():
    purse = make(2)
    payout = purse.prepared()
    key = uuid4()
    payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=key)
    before = (money(), Decision.objects.count())
    payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=key)
    assert (money(), Decision.objects.count()) == before
    with pytest.raises(OutOfStep):
        payouts.approve(payout.pk, digest=payout.digest, by=purse.stand_in, key=uuid4())
    sent, again = (bank.send(payout.pk, by=purse.first, key=key_) for key_ in [uuid4()] * 2)
    assert sent.batch == again.batch
    assert batch_bytes(sent.batch.text) == batch_bytes(again.batch.text)


def test_a_dropped_list_frees_its_payments_for_another():
    purse = make(2)
    payouts.drop(purse.drawn().pk, reason="名单要重新核对", by=purse.officer, key=uuid4())

    assert purse.drawn().rows.count() == 2


def test_one_application_is_claimed_by_one_payment():
    purse = make(1)
    first = purse.drawn().rows.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutRow.objects.create(
            payout=first.payout, application=first.application, unit=first.unit, serial=2, sum_fen=1, hold=uuid4()
        )


def test_an_account_that_stands_again_is_paid_though_a_payment_to_it_was_freed_before_it_was_sent():
    purse = make(1)
    payout = purse.approved()
    change = purse.propose(0, "62220206020099999")
    bank.send(payout.pk, by=purse.first, key=uuid4())
    payees.refuse_payee(change.pk, reason="开户许可证与账号不符", by=purse.first, key=uuid4())

    row = purse.prepared().rows.get()
    assert (row.state, row.waits) == (RowState.READY, Waits.NONE)


def test_a_reason_longer_than_its_place_is_refused_and_the_list_stands():
    purse = make(1)
    payout = purse.prepared()
    with pytest.raises(BadInput):
        payouts.send_back(payout.pk, reason="长" * 401, by=purse.leader, key=uuid4())
