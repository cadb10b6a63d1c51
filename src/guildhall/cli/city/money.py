"""The fund of 2023 paid out and closed, and what waits in 2024."""

import csv
import io

from guildhall.cli.city.rounds import at, key
from guildhall.cli.city.tree import Tree
from guildhall.foundation import clock
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.programmes.models import Fund, Payee, Payout, Round
from guildhall.foundation.programmes.moves import bank, funds, payees, payouts
from guildhall.foundation.programmes.rules.bank import DONE, FAILED, RETURN_HEAD
from guildhall.foundation.programmes.states import BudgetKind, PayeeState

FUND = "产改奖补资金"
MILLION = 100_000_000
BANKS = (
    ("中国工商银行", "昆区支行"),
    ("中国农业银行", "青山支行"),
    ("中国建设银行", "高新支行"),
    ("内蒙古银行", "九原支行"),
)


def fill_2023(tree: Tree) -> None:
    """A million yuan for 2023, put in by finance and approved by the leader."""
    decision = funds.put_in_budget(
        name=FUND, year=2023, source="市财政产改专项", document="包财行〔2023〕41号", sum_fen=MILLION,
        by=tree.office["finance"], key=key("budget:2023"),
    )  # fmt: skip
    funds.approve_budget(decision.pk, by=tree.office["leader"], key=key("approve-budget:2023"))


def account(n: int, version: int = 1) -> str:
    """An account number that no bank gives out."""
    return f"0000{n:06d}{version:02d}{n * 7919 % 10**7:07d}"


def register(tree: Tree, units: list[Unit]) -> None:
    """Each unit's account, proposed by its officer and checked by both officers of finance; written in bulk."""
    first, second, moment = tree.office["finance"], tree.office["finance2"], clock.now()
    rows = []
    for n, unit in enumerate(units, 1):
        name, branch = BANKS[n % len(BANKS)]
        rows.append(
            Payee(
                unit=unit, version=1, state=PayeeState.CHECKED, name=unit.name, bank=name, branch=branch,
                account=account(n), tail=account(n)[-4:], proposed_by=tree.officers[unit.pk], proposed_at=moment,
                first_by=first, first_at=moment, second_by=second, second_at=moment,
            )
        )  # fmt: skip
    Payee.objects.bulk_create(rows)


def answer(batch_text: str, failed: set[str]) -> bytes:
    """The bank's return file for a batch: all done but the slips that came back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(RETURN_HEAD)
    for n, row in enumerate(csv.DictReader(io.StringIO(batch_text))):
        slip = row["流水号"]
        if not slip or slip == "合计":
            continue
        back = slip in failed
        state, reason = (FAILED, "账户已销户") if back else (DONE, "")
        writer.writerow([slip, state, "" if back else f"B{20231115}{n:05d}", reason, row["金额（元）"]])
    return out.getvalue().encode()


def pay(tree: Tree, of: Round, name: str, failing: int) -> Payout:
    """One payout list from its drawing to the bank's answer; `failing` payments come back."""
    office = tree.office
    drawn = payouts.draw_up(of.pk, by=office["officer"], key=key(f"draw:{name}"))
    listed = payouts.prepare(drawn.pk, by=office["finance"], key=key(f"prepare:{name}"))
    payouts.approve(listed.pk, digest=listed.digest, by=office["leader"], key=key(f"approve:{name}"))
    sent = bank.send(listed.pk, by=office["finance2"], key=key(f"send:{name}"))
    batch = sent.batch
    slips = [row["流水号"] for row in csv.DictReader(io.StringIO(batch.text))]
    failed = set(slips[:failing])
    upload = bank.upload_return(
        batch.pk, f"回单-{name}.csv", answer(batch.text, failed), by=office["finance2"], key=key(f"return:{name}")
    )
    bank.post_return(upload.pk, by=office["finance2"], key=key(f"post:{name}"))
    return sent


def pay_2023(tree: Tree, of: Round) -> None:
    """Paid in two lists: one payment came back, its account was corrected and it was paid again; the year is closed."""
    at(2023, 11, 10)
    register(tree, [row.unit for row in of.applications.select_related("unit").order_by("unit")])
    at(2023, 11, 15)
    first = pay(tree, of, "2023-1", failing=1)
    at(2023, 11, 20)
    back = first.rows.select_related("unit").filter(state="returned").first()
    if back:
        correct(tree, back.unit)
        pay(tree, of, "2023-2", failing=0)
    at(2023, 12, 29)
    fund = Fund.objects.get(name=FUND, year=2023)
    closing = funds.close_year(
        fund.pk, kind=BudgetKind.CARRY_OVER, source=FUND, document="包工财〔2023〕88号", by=tree.office["finance"],
        key=key("close:2023"),
    )  # fmt: skip
    funds.approve_budget(closing.pk, by=tree.office["leader"], key=key("approve-close:2023"))


def correct(tree: Tree, unit: Unit) -> None:
    """A new account in place of a closed one, checked by two."""
    facts: payees.AccountFacts = {
        "name": unit.name, "bank": "中国建设银行", "branch": "东河支行", "account": account(unit.pk, 2),
    }  # fmt: skip
    changed = payees.propose_payee(
        unit.pk, facts, reason="原账户已销户。", by=tree.officers[unit.pk], key=key(f"payee:{unit.pk}")
    )
    payees.check_payee(changed.pk, by=tree.office["finance"], key=key(f"check1:{unit.pk}"))
    payees.check_payee(changed.pk, by=tree.office["finance2"], key=key(f"check2:{unit.pk}"))


def wait_2024(tree: Tree) -> None:
    """What waits: the year's budget for the leader, two accounts for finance to check."""
    carried = Fund.objects.get(name=FUND, year=2024).account.posted
    funds.put_in_budget(
        name=FUND, year=2024, source="市财政产改专项", document="包财行〔2024〕37号", sum_fen=MILLION - carried,
        by=tree.office["finance"], key=key("budget:2024"),
    )  # fmt: skip
    for unit in (tree.units[5], tree.units[200]):
        facts: payees.AccountFacts = {
            "name": unit.name, "bank": "中国农业银行", "branch": "昆区支行", "account": account(unit.pk, 3),
        }  # fmt: skip
        payees.propose_payee(
            unit.pk, facts, reason="开户行变更。", by=tree.officers[unit.pk], key=key(f"payee-2024:{unit.pk}")
        )
