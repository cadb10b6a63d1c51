"""From the budget to the bank's answer, by moves; and every way the bank's answer is refused."""

from uuid import uuid4

import pytest

from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.ledger.models import Transfer
from guildhall.foundation.ledger.states import Phase
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import (
    BankReturn,
    Fund,
    Payee,
    Payout,
    PayoutRow,
)
from guildhall.foundation.programmes.moves import bank, funds, payees, payouts
from guildhall.foundation.programmes.rules import (
    NothingReady,
    ReturnUnreadable,
    batch_bytes,
)
from guildhall.foundation.programmes.states import PayoutState, ReturnState, RowState
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes.purse import FUND, YUAN, answered, come_back, make, money

pytestmark = pytest.mark.django_db


def test_a_round_is_paid_to_the_fen_and_all_sums_agree():
    purse = make(3)
    payout = purse.sent()
    batch = payout.batch
    fund = payout.fund.account
    fund.refresh_from_db()

    listed = sum(payout.rows.values_list("sum_fen", flat=True))
    held = sum(Transfer.objects.open().values_list("amount", flat=True))
    in_file = [line.split(",")[5] for line in batch.text.splitlines()[1:] if line.startswith("P2024")]
    total = next(line for line in batch.text.splitlines() if line.startswith("合计")).split(",")
    assert listed == held == fund.reserved == batch.sum_fen == 35_000 * YUAN
    assert sum(round(float(cell) * 100) for cell in in_file) == listed
    assert (total[1], total[5]) == ("3 笔", "35000.00")

    upload = bank.post_return(come_back(purse, payout).pk, by=purse.second, key=uuid4())
    payout.refresh_from_db()
    assert (upload.state, payout.state) == (ReturnState.POSTED, PayoutState.SETTLED)
    assert set(payout.rows.values_list("state", flat=True)) == {RowState.PAID}
    assert money() == {
        "source:市财政局": (-100_000 * YUAN, 0, 0),
        f"fund:{FUND}:2024": (65_000 * YUAN, 0, 0),
        **{f"unit:{row.unit_id}": (row.sum_fen, 0, 0) for row in payout.rows.all()},
    }


def test_each_act_stands_in_the_record_and_each_transfer_names_its_decision():
    purse = make(2)
    payout = purse.sent()
    bank.post_return(come_back(purse, payout).pk, by=purse.first, key=uuid4())

    acts = list(Decision.objects.filter(stream__name="fund:2024").order_by("number").values_list("act", flat=True))
    assert acts == [
        "budget", "budget-approve", "payout-draw", "payout-prepare", "payout-approve", "payout-send",
        "return-upload", "return-post",
    ]  # fmt: skip
    hold = Transfer.objects.get(key=payout.rows.first().hold)
    settled = Transfer.objects.get(key=payout.rows.first().settlement)
    assert (hold.decision.act, settled.decision.act) == ("payout-approve", "return-post")
    assert settled.settles_id == hold.key


def test_the_units_are_told_and_see_their_own_money_alone():
    purse = make(2)
    payout = purse.sent()
    bank.post_return(come_back(purse, payout).pk, by=purse.first, key=uuid4())

    own, other = purse.unit_officers
    assert [row.unit for row in PayoutRow.objects.visible_to(own)] == [purse.units[0]]
    assert list(Payout.objects.visible_to(own)) == list(Fund.objects.visible_to(own)) == []
    assert [message.template for message in Message.objects.visible_to(other)] == ["money.paid"]
    assert "10,000" in Message.objects.visible_to(other).get().title


def test_a_unit_sees_nothing_before_the_approval():
    purse = make(2)
    purse.prepared()

    assert list(PayoutRow.objects.visible_to(purse.unit_officers[0])) == []


def test_a_returned_payment_is_corrected_checked_by_two_and_paid_again():
    purse = make(2)
    payout = purse.sent()
    slip = payout.rows.get(serial=1).slip
    bank.post_return(come_back(purse, payout, (1, f"{slip},失败,,户名不符,20000.00")).pk, by=purse.first, key=uuid4())
    row = payout.rows.get(serial=1)
    assert (row.state, row.reason) == (RowState.RETURNED, "户名不符")
    assert Transfer.objects.get(key=row.settlement).phase == Phase.VOIDED
    assert money()[f"fund:{FUND}:2024"] == (90_000 * YUAN, 0, 0)

    second = purse.drawn()
    with pytest.raises(NothingReady):  # The account the bank sent it back from is no account to pay to.
        payouts.prepare(second.pk, by=purse.first, key=uuid4())
    purse.check(purse.propose(0, "62220206020088888"))
    ready = payouts.prepare(second.pk, by=purse.first, key=uuid4())
    payouts.approve(ready.pk, digest=ready.digest, by=purse.stand_in, key=uuid4())
    again = bank.send(ready.pk, by=purse.second, key=uuid4())
    bank.post_return(come_back(purse, again).pk, by=purse.first, key=uuid4())

    assert money()[f"fund:{FUND}:2024"] == (70_000 * YUAN, 0, 0)
    assert money()[f"unit:{purse.units[0].pk}"] == (20_000 * YUAN, 0, 0)


def test_unmatched_lines_are_explained_and_post_nothing():
    purse = make(4)
    payout = purse.sent()
    slips = [row.slip for row in payout.rows.all()]
    upload = come_back(
        purse, payout,
        (1, f"{slips[0]},成功,REF1,,20000.01"),
        (2, f"{slips[1]},成功,REF2,,10000.00\r\n{slips[1]},失败,,户名不符,10000.00"),
        (3, f"P2023-001-0001,成功,REF3,,5000.00\r\n{slips[2]},成功,,,5000.00"),
    )  # fmt: skip
    verdicts = [line["verdict"] for line in upload.lines]
    assert verdicts == ["wrong_sum", "twice", "twice", "unknown", "unreadable", "paid"]
    before = money()
    bank.post_return(upload.pk, by=purse.first, key=uuid4())

    assert sorted(payout.rows.values_list("serial", "state")) == [(1, "sent"), (2, "sent"), (3, "sent"), (4, "paid")]
    after = money()
    assert after[f"fund:{FUND}:2024"][0] == before[f"fund:{FUND}:2024"][0] - 5_000 * YUAN
    payout.refresh_from_db()
    assert payout.state == PayoutState.SENT


@pytest.mark.parametrize("line", ["X,成功,R,,1.00", "P2024-001-0001,成功,R,,1e999999"])
def test_a_file_that_matches_nothing_is_kept_and_posts_nothing(line):
    purse = make(1)
    payout = purse.sent()
    upload = come_back(purse, payout, (1, line))

    assert upload.state == ReturnState.EMPTY
    with pytest.raises(OutOfStep):
        bank.post_return(upload.pk, by=purse.first, key=uuid4())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04\x00\x00",
        "流水号,状态\r\nx,成功".encode(),
        b"\xff\xfe\xff",
        b'"open,quote\r\n',
        b"x" * (2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_return_file_is_refused(raw):
    purse = make(1)
    payout = purse.sent()
    with pytest.raises(ReturnUnreadable):
        bank.upload_return(payout.batch.pk, "回单.csv", raw, by=purse.first, key=uuid4())
    assert BankReturn.objects.count() == 0


def test_the_same_file_twice_is_one_upload_and_another_file_never_posts_twice():
    purse = make(2)
    payout = purse.sent()
    raw = answered(payout)
    first = bank.upload_return(payout.batch.pk, "a.csv", raw, by=purse.first, key=uuid4())
    same = bank.upload_return(payout.batch.pk, "b.csv", raw, by=purse.second, key=uuid4())
    other = bank.upload_return(payout.batch.pk, "c.csv", raw + b"\r\n", by=purse.second, key=uuid4())
    bank.post_return(first.pk, by=purse.first, key=uuid4())
    before = money()
    late = bank.post_return(other.pk, by=purse.second, key=uuid4())

    assert same == first
    assert {line["verdict"] for line in late.lines} == {"settled"}
    assert (late.state, money()) == (ReturnState.EMPTY, before)


def test_a_bank_file_runs_no_formula():
    purse = make(1, checked=False)
    unit = purse.units[0]
    type(unit).objects.filter(pk=unit.pk).update(name="=cmd|'/c calc'!A1")
    unit.refresh_from_db()
    purse.check(
        payees.propose_payee(unit.pk, purse.account(unit, bank="@SUM(1)"), by=purse.unit_officers[0], key=uuid4())
    )
    text = purse.sent().batch.text

    cells = [cell for line in text.splitlines() for cell in line.split(",")]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert batch_bytes(text).startswith(b"\xef\xbb\xbf")


def test_nobody_else_sends_or_answers():
    purse = make(1)
    payout = purse.approved()
    for nobody in (purse.leader, purse.officer, purse.auditor):
        with pytest.raises(NoRight):
            bank.send(payout.pk, by=nobody, key=uuid4())
    with pytest.raises(NotHere):
        bank.send(payout.pk, by=purse.unit_officers[0], key=uuid4())


def test_another_account_or_sum_under_a_used_key_is_refused():
    purse, key = make(1, checked=False), uuid4()
    unit = purse.units[0]
    Payee.objects.filter(unit=unit).delete()
    one = payees.propose_payee(unit.pk, purse.account(unit), by=purse.first, key=key)
    assert payees.propose_payee(unit.pk, purse.account(unit), by=purse.first, key=key) == one
    with pytest.raises(KeyReused):
        payees.propose_payee(unit.pk, purse.account(unit, "6222020602009999999"), by=purse.first, key=key)
    said = {"name": FUND, "year": 2024, "source": "市财政局", "document": "包财〔2024〕99号", "by": purse.first}
    funds.put_in_budget(**said, sum_fen=5 * YUAN, key=key)
    with pytest.raises(KeyReused):
        funds.put_in_budget(**said, sum_fen=6 * YUAN, key=key)
