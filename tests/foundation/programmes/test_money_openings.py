"""Opening balances put in from a form or a file; and what hinders the closing of a year."""

import io
import re
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from guildhall.foundation.errors import BadInput, KeyReused, NoRight, OutOfStep
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.programmes.models import BudgetDecision, Fund
from guildhall.foundation.programmes.moves import bank, funds, payouts
from guildhall.foundation.programmes.rules import FundHolds, OpenedAlready, SamePerson
from guildhall.foundation.programmes.states import BudgetKind, BudgetState
from guildhall.foundation.records.verify import verify
from tests.foundation.organisations.workbook import workbook
from tests.foundation.programmes.purse import FUND, YUAN, come_back, make, money
from tests.foundation.programmes.test_money_pages import act, see

pytestmark = pytest.mark.django_db
HEADS = ("资金", "年度", "资金来源", "文号", "期初余额")
FACTS = {"name": "职工技术创新资金", "year": 2024, "source": "2023年结余", "document": "包工财〔2024〕3号"}


def opening(purse, **changes):
    facts = {**FACTS, "sum_fen": 5 * YUAN, **changes}
    with transaction.atomic():
        return funds.put_in_budget(**facts, opening=True, by=purse.first, key=uuid4())


def test_an_opening_balance_is_carried_over_into_the_fund_once_the_leader_approves():
    purse = make(1, fund=0)
    decision = opening(purse)
    assert (decision.kind, decision.closes, str(decision.what)) == (BudgetKind.CARRY_OVER, False, "期初结转")
    assert decision.fund.account.posted == 0
    for by, refusal in ((purse.second, NoRight), (purse.auditor, NoRight)):
        with pytest.raises(refusal), transaction.atomic():
            funds.approve_budget(decision.pk, by=by, key=uuid4())
    key = uuid4()
    for _ in range(2):
        funds.approve_budget(decision.pk, by=purse.leader, key=key)
    assert money()["fund:职工技术创新资金:2024"] == (5 * YUAN, 0, 0)
    assert money()["source:2023年结余"] == (-5 * YUAN, 0, 0)
    assert not Fund.objects.filter(year=2025).exists()
    assert verify() == []


def test_a_fund_is_opened_once_and_not_beside_a_year_that_was_kept_here():
    purse = make(1, fund=0)
    first = opening(purse)
    with pytest.raises(OpenedAlready):
        opening(purse, document="包工财〔2024〕4号")
    funds.refuse_budget(first.pk, reason="金额写错了", by=purse.leader, key=uuid4())
    again = opening(purse, document="包工财〔2024〕5号", sum_fen=6 * YUAN)
    assert again.state == BudgetState.PUT_IN
    earlier = opening(purse, year=2023, document="包工财〔2023〕5号")
    assert earlier.fund.year == 2023
    funds.put_in_budget(
        **{**FACTS, "year": 2022, "document": "甲〔2022〕1号"}, sum_fen=YUAN, by=purse.first, key=uuid4()
    )
    with pytest.raises(OpenedAlready):
        opening(purse, name=FACTS["name"], year=2025, document="包工财〔2025〕5号")


def test_the_same_key_for_a_grant_and_an_opening_is_refused():
    purse, key = make(1, fund=0), uuid4()
    funds.put_in_budget(**FACTS, sum_fen=YUAN, opening=True, by=purse.first, key=key)
    with pytest.raises(KeyReused), transaction.atomic():
        funds.put_in_budget(**FACTS, sum_fen=YUAN, by=purse.first, key=key)


def send(*rows):
    return SimpleUploadedFile("期初.xlsx", workbook(*rows, heads=HEADS))


def row(n=1, **changes):
    facts = dict(zip(HEADS, (f"资金{n}", 2024, "2023年结余", f"包工财〔2024〕{n}号", f"{n},000.50"), strict=True))
    return list({**facts, **changes}.values())


def token_of(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert found
    return found[1]


def test_a_workbook_becomes_a_decision_a_row_each_waiting_for_its_approval():
    purse = make(1, fund=0)
    page = act(purse.first, "openings", status=200, file=send(row(1), row(2), row(3, 年度=2023)))
    text = page.content.decode()
    assert "3 行都没有问题" in text
    assert not BudgetDecision.objects.exists()
    token = token_of(text.partition("put-in/")[2])
    for _ in range(2):
        act(purse.first, "openings_put_in", key=token)
    found = list(BudgetDecision.objects.order_by("pk"))
    assert [(str(one.fund), one.sum_fen, one.state, str(one.what)) for one in found] == [
        ("资金1 2024", 100_050, "put_in", "期初结转"),
        ("资金2 2024", 200_050, "put_in", "期初结转"),
        ("资金3 2023", 300_050, "put_in", "期初结转"),
    ]
    assert Account.objects.filter(posted__gt=0).count() == 0
    act(purse.leader, "approve_budget", found[0].pk)
    assert money()["fund:资金1:2024"] == (100_050, 0, 0)
    assert "期初结转" in see(purse.leader, "decision", found[1].pk)


def test_a_wrong_row_puts_nothing_in_and_is_marked():
    purse = make(1, fund=0)
    page = act(
        purse.first, "openings", status=422, file=send(row(1), row(2, 期初余额="很多"), row(3, 年度="去年"))
    ).content.decode()
    assert "2 行有错，什么也没有登记" in page
    token = re.search(r"openings/([0-9a-f-]{36})/errors", page)[1]
    act(purse.first, "openings_put_in", key=token, status=422)
    assert not BudgetDecision.objects.exists()
    client = Client()
    client.force_login(purse.first)
    content = b"".join(client.get(reverse("money:openings_errors", args=[token])).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    red = [cell.comment.text.partition("。")[0] for line in sheet for cell in line if cell.comment]
    assert red == ["不是数字", "不是年度"]


@pytest.mark.parametrize(("changes", "said"), [
    ({"期初余额": 0}, "不是合理的金额"), ({"期初余额": "1.005"}, "不是合理的金额"), ({"期初余额": "-5"}, "不是合理的金额"),
    ({"文号": ""}, "没有填"), ({"资金": "资"}, "只有 1 个字"), ({"资金": "@SUM(A1)"}, "像公式"), ({"年度": 24}, "不是年度"),
])  # fmt: skip
def test_each_wrong_cell_says_why(changes, said):
    purse = make(1, fund=0)
    assert said in act(purse.first, "openings", status=422, file=send(row(1, **changes))).content.decode()


def test_a_fund_twice_in_a_file_is_wrong_and_a_later_refusal_puts_none_in():
    purse = make(1, fund=0)
    twice = act(purse.first, "openings", status=422, file=send(row(1), row(1, 文号="另一个文号")))
    assert "同一项资金、同一年" in twice.content.decode()
    opening(purse, name="资金2", document="旧文〔2024〕1号")
    page = act(purse.first, "openings", status=200, file=send(row(1), row(2))).content.decode()
    act(purse.first, "openings_put_in", key=token_of(page.partition("put-in/")[2]), status=409)
    assert BudgetDecision.objects.count() == 1


def test_finance_alone_puts_openings_in():
    purse = make(1, fund=0)
    for who in (purse.leader, purse.officer, purse.auditor):
        see(who, "openings", status=403)
        with pytest.raises(NoRight), transaction.atomic():
            funds.put_in_openings([{**FACTS, "sum_fen": YUAN}], by=who, key=uuid4())


def test_the_form_takes_one_too():
    purse = make(1, fund=0)
    act(purse.first, "put_in", sum_fen="12.00", opening="on", **FACTS)
    decision = BudgetDecision.objects.get()
    assert str(decision.what) == "期初结转"
    assert "期初结转" in see(purse.leader, "budget")


# The year's end ---------------------------------------------------------------------------------------------------------


def close(purse, fund, kind=BudgetKind.CARRY_OVER, document="包工发〔2024〕99号"):
    with transaction.atomic():
        return funds.close_year(
            fund.pk, kind=kind, source="市总工会", document=document, by=purse.first, key=uuid4()
        )  # fmt: skip


def test_each_open_payment_list_hinders_the_closing_and_is_named():
    purse = make(1)
    payout = purse.drawn()
    fund = payout.fund
    for move in (
        lambda: payouts.prepare(payout.pk, by=purse.first, key=uuid4()),
        lambda: payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4()),
        lambda: bank.send(payout.pk, by=purse.first, key=uuid4()),
    ):
        with pytest.raises(FundHolds) as refused:
            close(purse, fund)
        payout.refresh_from_db()
        assert f"付款清单 {payout.number}（{payout.get_state_display()}）" in str(refused.value)
        assert payout.number in see(purse.first, "close_year", fund.pk)
        move()
        payout.refresh_from_db()
    with pytest.raises(FundHolds):
        close(purse, fund)
    bank.post_return(come_back(purse, payout).pk, by=purse.first, key=uuid4())
    assert "办结以后才能结账" not in see(purse.first, "close_year", fund.pk)
    close(purse, fund)


def test_a_decision_not_yet_answered_hinders_too_another_closing_among_them():
    purse = make(1)
    fund = Fund.objects.get()
    credit = funds.put_in_budget(
        name=FUND,
        year=fund.year,
        source="市财政局",
        document="追加〔2024〕8号",
        sum_fen=YUAN,
        by=purse.first,
        key=uuid4(),
    )
    with pytest.raises(FundHolds) as refused:
        close(purse, fund)
    assert "追加〔2024〕8号（待批准）" in str(refused.value)
    funds.approve_budget(credit.pk, by=purse.leader, key=uuid4())
    first = close(purse, fund)
    assert first.sum_fen == 100_001 * YUAN
    with pytest.raises(FundHolds):
        close(purse, fund, kind=BudgetKind.RETURN, document="包工发〔2024〕100号")


def test_a_list_drawn_after_the_proposal_hinders_its_approval():
    purse = make(1)
    fund = Fund.objects.get()
    decision = close(purse, fund)
    payout = purse.drawn()
    with pytest.raises(FundHolds) as refused, transaction.atomic():
        funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
    assert payout.number in str(refused.value)
    payouts.drop(payout.pk, reason="年底不再付款", by=purse.officer, key=uuid4())
    funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
    assert money()[f"fund:{FUND}:{fund.year + 1}"] == (100_000 * YUAN, 0, 0)


def test_a_closed_year_takes_nothing_more_and_the_next_one_pays_from_what_was_carried_over():
    purse = make(1)
    fund = Fund.objects.get()
    decision = close(purse, fund)
    with pytest.raises(SamePerson), transaction.atomic():
        purse.first.appointments.create(union=purse.federation, role="leader", starts="2020-01-01")
        funds.approve_budget(decision.pk, by=type(purse.first).objects.get(pk=purse.first.pk), key=uuid4())
    funds.approve_budget(decision.pk, by=purse.leader, key=uuid4())
    funds.close_fund(fund.pk, by=purse.first, key=uuid4())
    for again in (lambda: opening(purse, name=FUND, year=fund.year), lambda: close(purse, fund)):
        with pytest.raises((OutOfStep, OpenedAlready)):
            again()
    with pytest.raises(OpenedAlready):
        opening(purse, name=FUND, year=fund.year + 1)
    after = Fund.objects.get(year=fund.year + 1)
    assert after.account.available == 100_000 * YUAN
    assert "提出，交领导批准" not in see(purse.first, "close_year", fund.pk)
    with pytest.raises(BadInput):
        close(purse, after, kind=BudgetKind.CREDIT)
