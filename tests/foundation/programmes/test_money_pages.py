"""The pages of money: who sees them, what stands on them, and how many queries they cost."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import BankReturn, BudgetDecision, Fund, Payee, Payout, PayoutRow
from guildhall.foundation.programmes.moves import bank, payouts
from guildhall.foundation.programmes.registry import RESULT
from guildhall.foundation.programmes.states import PayoutState, RowState
from guildhall.foundation.programmes.views import work
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.states import chain_label
from tests.foundation.offices import holder
from tests.foundation.programmes.purse import CONFER, YUAN, Purse, come_back, make

pytestmark = pytest.mark.django_db

LISTS = ("payouts", "batches", "returns", "budget", "payees", "accounts", "transfers")


def see(user, name: str, *args: object, status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"money:{name}", args=args))
    assert answer.status_code == status, (name, answer.status_code)
    return b"".join(answer.streaming_content).decode(errors="ignore") if answer.streaming else answer.content.decode()


def act(user, page: str, /, *args: object, status: int = 302, **data: object):
    client = Client()
    client.force_login(user)
    answer = client.post(reverse(f"money:{page}", args=args), {"key": uuid4(), **data})
    assert answer.status_code == status, (page, answer.status_code)
    return answer


def settled(n: int = 3) -> tuple[Purse, Payout]:
    purse = make(n, fund=400_000 * YUAN)
    payout = purse.sent()
    bank.post_return(come_back(purse, payout).pk, by=purse.first, key=uuid4())
    payout.refresh_from_db()
    return purse, payout


# The road, page by page -------------------------------------------------------------------------------------------------


def test_a_list_goes_from_the_officer_to_the_bank_and_back_by_pages():
    purse = make(3)
    assert "35,000.00" in see(purse.officer, "draw", purse.round.pk)
    act(purse.officer, "draw", purse.round.pk)
    payout = Payout.objects.get()
    assert "制单，交领导批准" in see(purse.first, "payout", payout.pk)
    act(purse.first, "prepare", payout.pk)
    page = see(purse.leader, "approve", payout.pk)
    assert "叁万伍仟元整" in page
    assert all(unit.name in page for unit in purse.units)
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest
    act(purse.leader, "approve", payout.pk, digest=digest[1])
    act(purse.first, "send", payout.pk)
    payout.refresh_from_db()
    file = see(purse.first, "file", payout.batch.pk)
    assert file.startswith("\ufeff")
    assert file.count("P2024-001-") == 3

    upload = come_back(purse, payout)
    assert "3 行都可以入账" in see(purse.first, "return", upload.pk)
    act(purse.first, "post", upload.pk)
    payout.refresh_from_db()
    assert payout.state == PayoutState.SETTLED
    page = see(purse.first, "payout", payout.pk)
    assert page.count("35,000.00") >= 3
    assert "分文不差" in page
    assert "20,000" in see(purse.unit_officers[0], "received")


def test_a_return_file_is_uploaded_by_a_form_and_refused_clearly():
    purse = make(1)
    payout = purse.sent()
    client = Client()
    client.force_login(purse.first)

    def send(name: str, raw: bytes):
        file = SimpleUploadedFile(name, raw)
        return client.post(reverse("money:upload", args=[payout.batch.pk]), {"key": uuid4(), "file": file})

    assert send("回单.xlsm", b"PK\x03\x04").status_code == 422
    assert send("回单.csv", b"PK\x03\x04\x00").status_code == 422
    assert BankReturn.objects.count() == 0
    good = f"流水号,状态,银行流水号,原因,金额\n{payout.rows.get().slip},成功,R1,,20000.00\n".encode("utf-8-sig")
    assert send("回单.csv", good).status_code == 302
    assert BankReturn.objects.get().lines[0]["verdict"] == "paid"


def test_an_account_is_registered_checked_and_shown_masked():
    purse = make(1, checked=False)
    unit, own = purse.units[0], purse.unit_officers[0]
    assert "还没有登记收款账户" in see(own, "received")
    data = {"name": unit.name, "bank": "中国银行", "branch": "包头分行", "account": "6217 0000 1111 6621"}
    bad = act(own, "propose_payee", unit.pk, status=422, **(data | {"account": "66"}))
    assert "8 到 32 位" in bad.content.decode()
    act(own, "propose_payee", unit.pk, **data)
    payee = Payee.objects.get()
    for officer in (purse.first, purse.second):
        act(officer, "check_payee", payee.pk)
    page = see(purse.first, "payee", payee.pk)
    assert "…6621" in page
    assert "6217000011116621" not in page
    shown = act(purse.first, "unmask_payee", payee.pk, status=200, reason="与银行电话核对")
    assert "6217000011116621" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_budget_is_put_in_and_approved_by_pages_and_the_year_closed():
    purse = make(1, fund=0)
    data = {"name": "产改奖补资金", "year": 2024, "source": "市财政局", "document": "包财〔2024〕1号"}
    act(purse.first, "put_in", sum_fen="12,000.50", **data)
    decision = BudgetDecision.objects.get()
    assert "壹万贰仟元伍角整" in see(purse.leader, "decision", decision.pk)
    act(purse.leader, "approve_budget", decision.pk)
    fund = Fund.objects.get()
    assert "12,000.50" in see(purse.first, "budget")
    see(purse.first, "close_year", fund.pk)
    act(purse.first, "close_year", fund.pk, kind="return", source="市财政局", document="包工发〔2024〕9号")
    act(purse.leader, "approve_budget", BudgetDecision.objects.latest("pk").pk)
    act(purse.first, "close_fund", fund.pk)
    fund.refresh_from_db()
    assert fund.closed_at


# A yuan's way ------------------------------------------------------------------------------------------------------------


def test_a_yuan_is_traced_from_the_budget_to_the_bank_and_back():
    purse, payout = settled()
    row = payout.rows.get(serial=1)
    page = see(purse.auditor, "trace", row.hold)
    for part in (
        "市财政局", "产改奖补资金 2024", payout.number, row.unit.name, "一档", "2024-公示-001", row.bank_reference,
        chain_label("fund:2024"), "20,000.00",
    ):  # fmt: skip
        assert part in page, part
    back = see(purse.auditor, "trace", row.settlement)
    assert row.unit.name in back
    assert "一档" in back
    credit = BudgetDecision.objects.get()
    assert "包财行" in see(purse.auditor, "trace", credit.transfer)


def test_every_account_adds_up_on_its_page():
    purse, _payout = settled()
    for account in Account.objects.all():
        page = see(purse.auditor, "account", account.pk)
        assert "分文不差" in page
    fund = Account.objects.get(kind=AccountKind.FUND)
    page = see(purse.auditor, "account", fund.pk)
    assert all(part in page for part in ("400,000.00", "35,000.00", "365,000.00"))


def test_a_list_whose_sums_differ_says_so():
    purse, payout = settled(2)
    PayoutRow.objects.filter(payout=payout, serial=1).update(sum_fen=1)

    assert "金额不一致" in see(purse.first, "payout", payout.pk)


# Who sees what ------------------------------------------------------------------------------------------------------------


def test_lists_are_the_federations_and_received_is_the_units_own():
    purse, payout = settled(2)
    own, other = purse.unit_officers
    district = holder(Role.DISTRICT_OFFICER, purse.units[0].district)
    for name in LISTS:
        for reader in (purse.officer, purse.leader, purse.first, purse.auditor):
            see(reader, name)
        for nobody in (own, district):
            see(nobody, name, status=403)
    assert purse.units[0].name not in see(other, "received").replace(other.person.name, "")
    see(district, "received", status=403)
    for name, pk in (
        ("payout", payout.pk), ("approve", payout.pk), ("upload", payout.batch.pk), ("file", payout.batch.pk),
        ("return", BankReturn.objects.get().pk), ("decision", BudgetDecision.objects.get().pk),
        ("account", Account.objects.first().pk), ("trace", payout.rows.first().hold), ("close_year", Fund.objects.get().pk),
        ("payee", Payee.objects.get(unit=purse.units[1]).pk), ("propose_payee", purse.units[1].pk),
    ):  # fmt: skip
        see(own, name, pk, status=404)


def test_a_forged_id_is_not_there_and_writes_nothing():
    purse = make(2)
    payout, own = purse.prepared(), purse.unit_officers[0]
    before = (Decision.objects.count(), Transfer.objects.count())
    for name, pk in (
        ("prepare", payout.pk), ("approve", payout.pk), ("send_back", payout.pk), ("drop", payout.pk), ("send", payout.pk),
        ("post", 1), ("approve_budget", BudgetDecision.objects.get().pk), ("refuse_budget", 1), ("close_fund", 1),
        ("close_fund", Fund.objects.get().pk), ("check_payee", Payee.objects.get(unit=purse.units[1]).pk),
        ("refuse_payee", 99_999), ("unmask_payee", Payee.objects.get(unit=purse.units[1]).pk), ("draw", 99_999),
    ):  # fmt: skip
        act(own, name, pk, status=404, reason="冒用别人的编号", digest=payout.digest)
    act(purse.first, "approve", payout.pk, status=403, digest=payout.digest)
    act(purse.auditor, "prepare", payout.pk, status=403)
    assert (Decision.objects.count(), Transfer.objects.count()) == before


def test_the_file_with_account_numbers_is_for_finance_alone():
    purse = make(1)
    batch = purse.sent().batch
    for reader in (purse.officer, purse.leader, purse.auditor):
        see(reader, "file", batch.pk, status=403)
        assert "6222020602" not in see(reader, "upload", batch.pk)


def test_a_signed_out_reader_is_sent_to_sign_in():
    make(1)
    for name in LISTS:
        assert Client().get(reverse(f"money:{name}")).status_code == 302


# Work and cost ------------------------------------------------------------------------------------------------------------


def test_each_finds_what_waits_on_the_workbench():
    purse = make(2, checked=False)

    def said(user) -> list[str]:
        return [str(one.title) for one in work.waiting(user)]

    assert said(purse.officer) == ["拟付款清单：2024年度互评考核"]
    payee = purse.propose(0)
    assert said(purse.first) == ["1 个收款账户待核对"]
    purse.check(payee)
    payout = purse.drawn()
    assert said(purse.officer) == []
    assert said(purse.first) == ["1 批共 3 万元待制单"]
    payouts.prepare(payout.pk, by=purse.first, key=uuid4())
    payout.refresh_from_db()
    assert said(purse.leader) == ["批准付款 2 万元"]
    payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
    assert said(purse.first) == [f"发送银行：{payout.number}"]
    bank.send(payout.pk, by=purse.first, key=uuid4())
    assert said(purse.first) == [f"等回单：{payout.number}"]
    payout.refresh_from_db()
    upload = come_back(purse, payout)
    assert "1 份回单待核对" in said(purse.second)
    bank.post_return(upload.pk, by=purse.second, key=uuid4())
    assert said(purse.first) == []
    assert payout.rows.filter(state=RowState.WAITING).count() == 1
    assert said(purse.officer) == ["拟付款清单：2024年度互评考核"]


def queries(user, name: str, *args: object) -> int:
    client = Client()
    client.force_login(user)
    client.get(reverse(f"money:{name}", args=args))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(f"money:{name}", args=args)).status_code == 200
    return len(seen)


def grow(payout: Payout, n: int) -> None:
    """`n` lists in all, each with its batch, return and budget decision: the same again under other numbers."""
    batch, back, decision = payout.batch, payout.batch.returns.get(), BudgetDecision.objects.get()
    for place in range(2, n + 1):
        for row, changes in (
            (payout, {"number": f"P2024-{place:03d}"}),
            (batch, {"payout": payout}),
            (back, {"batch": batch}),
            (decision, {"document": f"包财行〔2023〕{place}号", "transfer": uuid4()}),
        ):
            row.pk, row._state.adding = None, True
            for field, value in changes.items():
                setattr(row, field, value)
            row.save()


QUERIES = {
    "payouts": 6, "batches": 6, "returns": 6, "budget": 7, "payees": 6, "accounts": 6, "transfers": 6, "payout": 9,
    "account": 9, "trace": 10, "upload": 6, "return": 5,
}  # fmt: skip


@pytest.mark.parametrize("n", [3, 60])
def test_pages_cost_the_same_with_three_rows_and_with_sixty(n):
    purse, payout = settled(n)
    pages = [
        ("payout", payout.pk), ("account", payout.fund.account_id), ("trace", payout.rows.first().hold),
        ("upload", payout.batch.pk), ("return", payout.batch.returns.get().pk),
    ]  # fmt: skip
    grow(Payout.objects.get(), n)

    found = {name: queries(purse.first, name) for name in LISTS} | {
        name: queries(purse.first, name, pk) for name, pk in pages
    }
    assert found == QUERIES
    assert max(found.values()) <= 12


def test_every_list_is_exported_without_whole_account_numbers():
    purse, _payout = settled(2)
    client = Client()
    client.force_login(purse.first)
    for name in LISTS:
        answer = client.get(reverse(f"money:{name}"), {"export": "xlsx"})
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_the_workbench_sums_what_a_list_still_pays():
    purse = make(2)
    purse.propose(0, "62220206020099999")
    payout = purse.prepared()
    payouts.send_back(payout.pk, reason="一家账户变更，重新制单", by=purse.leader, key=uuid4())

    assert next(str(one.title) for one in work.waiting(purse.first)) == "1 批共 1 万元待制单"


def test_an_account_that_is_refused_keeps_what_was_filled_in():
    purse = make(1)
    data = purse.account(purse.units[0], name="包头市别的厂") | {"reason": "开户行搬迁，换账户"}
    answer = act(purse.unit_officers[0], "propose_payee", purse.units[0].pk, status=422, **data)

    assert "不一致" in answer.text
    assert data["branch"] in answer.text


def test_the_trace_names_the_tier_and_the_best_one_too(monkeypatch):
    purse, payout = settled()
    best = {"sum_fen": 1, "rank": 1, "group": 0, "tier": 0}
    monkeypatch.setitem(RESULT, CONFER, lambda application: best)

    page = see(purse.auditor, "trace", payout.rows.get(serial=1).hold)
    assert f"{purse.round.rules.outcome.tiers[0].name.zh} · 第 1 名" in page


def test_a_budget_that_is_refused_keeps_what_was_filled_in():
    purse = make(1)
    known = BudgetDecision.objects.get()
    data = {"name": known.fund.name, "year": known.fund.year, "source": "市财政局", "document": known.document}
    answer = act(purse.first, "put_in", status=422, **data, sum_fen="100")

    assert "已经登记过" in answer.text
    assert f'value="{known.document}"' in answer.text
