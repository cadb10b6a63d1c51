"""The 2024 round from its scoring to the last yuan, by everybody it concerns, on the running demonstration.

One walk in the order of business: each test is a stretch of it and needs the ones before; a file runs on one worker from
top to bottom.
"""

import csv
import io
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from guildhall.science.published import assess
from tests.journeys.conftest import CLOCK_S

pytestmark = pytest.mark.journey
ROUND = "2024年度产改试点单位互评考核"


@pytest.fixture(scope="module")
def people(walks_in) -> dict[str, Page]:
    """Everybody, signed in once: phones for those who mark, desks for the rest."""
    phones = {"assessor", "unit"}
    names = ("officer", "leader", "finance", "finance2", "unit", "assessor", "expert", "auditor")
    pages = {name: walks_in(name, viewport="phone" if name in phones else "desktop") for name in names}
    pages["public"] = walks_in(None, viewport="phone")
    return pages


@pytest.fixture(scope="module")
def round_url(people) -> str:
    """The address of the 2024 round."""
    page = people["officer"]
    page.goto("/rounds/")
    page.get_by_role("link", name=ROUND).first.click()
    page.wait_for_url(re.compile(r"/rounds/\d+/"))
    return re.sub(r"^https?://[^/]+", "", page.url).split("?")[0]


def pk(round_url: str) -> str:
    return round_url.strip("/").split("/")[-1]


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """The button or link of this name in the page's main part, and what it leads to."""
    main = page.locator("main, footer.gh-barefoot")
    with page.expect_navigation():
        main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first.click()


def mark_unit(page: Page) -> None:
    """One whole unit, criterion by criterion: band, number, next."""
    for value in ("88", "76", "91", "82", "79", "85"):
        page.get_by_role("spinbutton").fill(value)
        before = page.locator("#gh-crit").inner_text() + page.locator("#gh-h1").inner_text()
        page.locator("#gh-next").click()
        page.wait_for_function(
            "before => !document.querySelector('#gh-crit')"
            " || document.querySelector('#gh-crit').innerText + document.querySelector('#gh-h1').innerText !== before",
            arg=before,
        )
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('gh-mark'))")


def set_clock(page: Page, to: str) -> None:
    """The federation officer sets the demonstration's time forward."""
    page.goto("/clock/")
    page.locator("input[type=datetime-local]").fill(to)
    page.get_by_role("main").get_by_role("button", name="往后拨").click()
    expect(page.get_by_text("业务时间已拨到")).to_be_visible()


def test_an_assessor_marks_one_more_unit_on_a_phone(people):
    page = people["assessor"]
    page.goto("/assessment/sheets/")
    expect(page.get_by_role("heading", level=1)).to_have_text("分给您 8 家，已评 2 家")
    press(page, re.compile("接着评"))
    mark_unit(page)
    page.goto("/assessment/sheets/")
    expect(page.get_by_role("heading", level=1)).to_have_text("分给您 8 家，已评 3 家")
    page.picture("scoring")


def test_an_expert_marks_one_more_unit(people):
    page = people["expert"]
    page.goto("/assessment/sheets/")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"分给您 \d+ 家，已评 2 家"))
    press(page, re.compile("接着评"))
    mark_unit(page)
    page.goto("/assessment/sheets/")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"已评 3 家"))


def test_the_officer_closes_freezes_computes_and_proposes(people, round_url):
    page = people["officer"]
    page.goto(round_url)
    page.picture("round")
    set_clock(page, "2024-12-02T17:31")
    page.goto(f"/assessment/rounds/{pk(round_url)}/freezing/")
    page.get_by_role("button", name="现在锁定").or_(page.get_by_role("button", name="封存评分")).wait_for()
    if page.get_by_role("button", name="现在锁定").count():
        press(page, "现在锁定")
    page.get_by_role("button", name="封存评分").wait_for()
    reason = page.locator("textarea[name=reason]")
    if reason.count():
        reason.fill("评分期满，个别单位评分不足，已逐一催办，继续测算。")
    page.picture("freeze")
    press(page, "封存评分")
    expect(page.get_by_text("已封存").first).to_be_visible()
    press(page, "测算")
    expect(page.get_by_role("heading", name="测算结果")).to_be_visible()
    page.picture("results")
    page.goto(round_url)
    page.get_by_role("main").get_by_role("button", name="报请审定").first.wait_for()
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="报请审定").first.click()


def test_nobody_else_sees_the_result_yet(people, round_url):
    for name in ("unit", "assessor", "finance", "auditor"):
        answer = people[name].request.get(f"/assessment/rounds/{pk(round_url)}/results/")
        assert answer.status in (403, 404), name
    assert people["public"].request.get(f"/assessment/rounds/{pk(round_url)}/public/round.json").status == 404


def test_the_leader_decides_and_approves_the_budget(people, round_url):
    page = people["leader"]
    page.goto("/workbench/")
    page.picture("workbench")
    page.goto(f"{round_url}decide/")
    press(page, "审定这份结果")
    expect(page.get_by_text("已审定").first).to_be_visible()
    page.goto("/money/budget/")
    page.get_by_role("link", name=re.compile("包财行〔2024〕37号")).first.click()
    press(page, re.compile("^批准"))
    expect(page.get_by_text("已批准").first).to_be_visible()


def test_the_officer_releases_and_publishes(people, round_url):
    page = people["officer"]
    page.goto(f"{round_url}release/")
    press(page, re.compile("^公布结果$"))
    page.goto(f"{round_url}publish/")
    press(page, re.compile("^发布公示$"))
    expect(page.get_by_text("公示中").first).to_be_visible()


def test_a_unit_sees_why_it_got_its_score(people, round_url):
    page = people["unit"]
    page.goto("/workbench/")
    page.goto(f"/assessment/rounds/{pk(round_url)}/results/")
    page.locator("table tbody a").first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"第 \d+ 名"))
    expect(page.get_by_role("main")).to_contain_text("本单位打的分没有用在这里")
    page.picture("result")


def test_the_public_reads_the_notice_checks_its_code_and_objects(people):
    page = people["public"]
    page.goto("/")
    page.picture("front")
    page.get_by_role("link", name=re.compile(f"关于{ROUND}结果的公示")).first.click()
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page.get_by_role("main").inner_text())
    assert code
    page.picture("notice")
    notice = page.url
    page.goto(f"/check/?code={code[0]}")
    expect(page.get_by_role("main").get_by_text(f"关于{ROUND}结果的公示").first).to_be_visible()
    page.goto(notice)
    press(page, "提出异议")
    page.get_by_label(re.compile("姓名")).fill("一名职工")
    page.get_by_label(re.compile("联系")).fill("见信封上的地址")
    page.locator("select[name=item]").select_option(index=2)
    page.get_by_label(re.compile("事实")).fill("该单位所报竞赛人数与公示栏里的名单对不上，请核查原始名册。")
    press(page, "提出异议")
    expect(page.get_by_text(re.compile(r"\d{8}-[0-9A-F]{8}")).first).to_be_visible()


def test_the_officer_answers_and_the_notice_ends(people, round_url, demonstration):
    page = people["officer"]
    page.goto("/objections/?state=open")
    page.locator("table tbody a").first.click()
    answer = page.locator("form[action$='dismiss/'] textarea").first
    answer.fill("核对了原始名册，人数无误，量化得分不变，维持公示的结果。")
    with page.expect_navigation():
        page.locator("form[action$='dismiss/'] button").first.click()
    expect(page.get_by_text("未采纳").first).to_be_visible()
    set_clock(page, "2024-12-16T09:00")
    for _ in range(CLOCK_S // 3):
        page.goto(round_url)
        if page.get_by_text("已办结").count():
            break
        page.wait_for_timeout(3_000)
    expect(page.get_by_text("已办结").first).to_be_visible()


def test_the_fund_is_paid_out_by_four_hands(people, round_url):
    officer, finance, leader, sender = (people[name] for name in ("officer", "finance", "leader", "finance2"))
    officer.goto(f"/money/payouts/draw/{pk(round_url)}/")
    press(officer, re.compile("^拟单"))
    listed = officer.url
    finance.goto(listed)
    press(finance, "制单，交领导批准")
    leader.goto(listed)
    press(leader, "核对并批准付款")
    leader.picture("approve")
    press(leader, re.compile("^批准付款"))
    sender.goto(listed)
    press(sender, "生成银行文件")
    with sender.expect_download() as got:
        sender.get_by_role("link", name="下载银行文件").click()
    sender.set_input_files("input[type=file]", [bank_answer(got.value.path().read_text("utf-8-sig"))])
    press(sender, "上传并核对")
    press(sender, re.compile("^入账"))
    sender.goto(listed)
    expect(sender.get_by_text("分文不差")).to_be_visible()
    sender.picture("paid")
    sender.get_by_role("link", name=re.compile("^追踪")).first.click()
    sender.picture("trace")


def bank_answer(text: str) -> Any:
    """What the bank sends back: everything done."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("流水号", "状态", "银行流水号", "原因", "金额"))
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["流水号"] and row["流水号"] != "合计"]
    for n, row in enumerate(rows):
        writer.writerow((row["流水号"], "成功", f"B20241216{n:05d}", "", row["金额（元）"]))
    assert rows
    return {"name": "回单.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}


def test_anyone_recomputes_the_round(people, round_url, demonstration, tmp_path):
    page = people["public"]
    public = f"/assessment/rounds/{pk(round_url)}/public/"
    page.goto(public)
    page.picture("recompute")
    text = page.request.get(f"{public}round.json").text()
    published = json.loads(page.request.get(f"{public}outcome.json").text())
    path = tmp_path / "round.json"
    path.write_text(text, encoding="utf-8")
    printed = demonstration.command("assess", str(path))
    assert json.loads(printed.stdout) == json.loads(assess(text)) == published


def test_the_auditor_verifies_the_records(people, demonstration):
    page = people["auditor"]
    page.goto("/records/verification/")
    press(page, "现在核验")
    expect(page.get_by_role("heading", name=re.compile("记录链完整"))).to_be_visible()
    page.picture("verified")
    report = demonstration.command("records", "verify")
    assert report.returncode == 0, report.stdout + report.stderr
