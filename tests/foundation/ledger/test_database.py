"""What the database refuses by itself, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from guildhall.foundation.ledger.models import Account
from guildhall.foundation.ledger.moves import post
from guildhall.foundation.ledger.rules import hold, pay, uuid7

REFUSED = """
update ledger_transfer set amount = 1
update ledger_transfer set memo = 'x' where false
delete from ledger_transfer
truncate ledger_transfer
delete from ledger_account
truncate ledger_account, ledger_transfer cascade
update ledger_account set id = id + 100
update ledger_account set owner = 'mine'
update ledger_account set posted = -1 where owner = 'second'
update ledger_account set reserved = 1 where owner = 'second'
update ledger_account set posted = -51 where owner = 'credit'
update ledger_account set reserved = -1 where owner = 'second'
update ledger_account set incoming = -1 where owner = 'second'
update ledger_account set closed = true where owner = 'first'
update ledger_account set floor = 1 where owner = 'second'
"""
ROW = """
insert into ledger_transfer
    (key, code, asked, debit_id, credit_id, amount, phase, settles_id, expires_at, business_at, decision_id)
select gen_random_uuid(), {code}, {asked}, {debit}, {credit}, {amount}, {phase}, {settles}, {expires}, now(), {decision}
from ledger_transfer where settles_id is null limit 1
"""
SOUND = {
    "code": "0", "asked": "null", "debit": "debit_id", "credit": "credit_id", "amount": "5", "phase": "'posted'",
    "settles": "null", "expires": "null", "decision": "decision_id",
}  # fmt: skip
ODD = [
    {"debit": "null"}, {"credit": "null"}, {"amount": "null"}, {"amount": "0"}, {"amount": "1000000000000001"},
    {"phase": "null"}, {"phase": "'other'"}, {"decision": "null"}, {"credit": "debit_id"}, {"asked": "'x'"},
    {"phase": "'voided'"}, {"phase": "'pending'", "settles": "key"}, {"expires": "now() + interval '1 day'"},
    {"phase": "'pending'", "expires": "now()"}, {"code": "6"},
    {"code": "6", "debit": "null", "credit": "null", "amount": "null", "phase": "null"},
]  # fmt: skip


@pytest.fixture
def moved(accounts, decision):
    post(
        [pay(uuid7(), accounts["source"].pk, accounts["first"].pk, 5),
         hold(uuid7(), accounts["first"].pk, accounts["source"].pk, 3)], decision=decision,
    )  # fmt: skip
    run("set constraints all immediate")  # TRUNCATE does not even ask the triggers while checks are due.
    return accounts


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", REFUSED.strip().splitlines())
def test_edits_and_overdrafts_are_refused(moved, statement):
    with pytest.raises(IntegrityError):
        run(statement)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_row_that_is_neither_a_transfer_nor_an_answer_is_refused(moved, odd):
    run(ROW.format(**SOUND))
    with pytest.raises(IntegrityError, match="transfer_"):
        run(ROW.format(**SOUND | odd))


def test_a_hold_is_settled_by_one_row(moved):
    settles = SOUND | {"settles": "(select key from ledger_transfer where phase = 'pending')"}
    run(ROW.format(**settles))
    with pytest.raises(IntegrityError, match="transfer_settles_once"):
        run(ROW.format(**settles))


def test_a_transfer_names_a_decision_that_exists(moved):
    with pytest.raises(IntegrityError, match="decision"), transaction.atomic():
        run(ROW.format(**SOUND | {"decision": "1234567890"}))
        run("set constraints all immediate")


def test_sums_that_do_not_follow_from_transfers_are_found(moved):
    assert not Account.objects.disagreeing().exists()
    Account.objects.filter(owner="first").update(posted=6)
    assert [account.owner for account in Account.objects.disagreeing()] == ["first"]


def test_one_account_a_kind_and_owner(moved):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(kind="fund", owner="first", name="二")


def test_a_saved_account_cannot_carry_stale_sums(moved):
    """A plain `save` writes every column, and the database refuses the ones that name the account."""
    with pytest.raises(IntegrityError), transaction.atomic():
        moved["first"].save()
