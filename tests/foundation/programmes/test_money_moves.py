"""From the budget to the bank's answer, by moves; and every way it is refused."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.rules import Insufficient
from guildhall.foundation.ledger.states import AccountKind, Phase
from guildhall.foundation.messages.models import Message
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import (
    BankBatch,
    BankReturn,
    BudgetDecision,
    Fund,
    Payee,
    Payout,
    PayoutRow,
)
from guildhall.foundation.programmes.moves import bank, funds, payees, payouts
from guildhall.foundation.programmes.rules import (
    AccountNumberOff,
    FundHolds,
    FundLeft,
    ListChanged,
    NoFund,
    NothingReady,
    NotOverYet,
    PayeeChanged,
    PayeeNameOff,
    ReturnUnreadable,
    SamePerson,
    batch_bytes,
)
from guildhall.foundation.programmes.states import BudgetKind, PayoutState, ReturnState, RowState, Waits
from guildhall.foundation.records.models import Decision
from tests.foundation.offices import holder
from tests.foundation.programmes.purse import FUND, YUAN, make

pytestmark = pytest.mark.django_db


def answered(payout: Payout, *changes: tuple[int, str]) -> bytes:
    """The bank's return file: every payment succeeds, but for the changed lines (serial, whole line)."""
    lines = ["流水号,状态,银行流水号,原因,金额"]
    instead = dict(changes)
    for row in payout.rows.filter(state=RowState.SENT).select_related("payout"):
        done = f"{row.slip},成功,ICBC{row.serial:08d},,{row.sum_fen // 100}.{row.sum_fen % 100:02d}"
        lines.append(instead.get(row.serial, done))
    return "\r\n".join(lines).encode("gb18030")


def come_back(purse, payout: Payout, *changes: tuple[int, str]) -> BankReturn:
    raw = answered(payout, *changes)
    return bank.upload_return(payout.batch.pk, "回单.csv", raw, by=purse.first, key=uuid4())


def money() -> dict[str, tuple[int, int, int]]:
    return {row.owner: (row.posted, row.reserved, row.incoming) for row in Account.objects.all()}


# The whole road --------------------------------------------------------------------------------------------------------


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


# Budget ----------------------------------------------------------------------------------------------------------------


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


# Accounts --------------------------------------------------------------------------------------------------------------


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


# Lists -----------------------------------------------------------------------------------------------------------------


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


# The bank --------------------------------------------------------------------------------------------------------------


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


def test_a_file_that_matches_nothing_is_kept_and_posts_nothing():
    purse = make(1)
    payout = purse.sent()
    upload = come_back(purse, payout, (1, "X,成功,R,,1.00"))

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
