"""Scoring in a real browser: a phone that loses its network, the keyboard alone, and what axe says."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def axe(page) -> list[str]:
    """What axe finds: WCAG 2.2 AA and best practice."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}" for one in found]


def test_a_phone_marks_on_without_a_network_and_sends_when_it_is_back(scoring, as_):
    from guildhall.reform.assessment.models import Mark, Sheet

    sheet = scoring.sheet(0)
    page = as_(scoring.assessor(0), viewport="phone")
    page.goto("/assessment/sheets/")
    expect(page.get_by_role("heading", level=1)).to_have_text("分给您 3 家，已评 0 家")
    page.picture("overview")
    assert axe(page) == []
    page.get_by_role("link", name="接着评").click()
    page.get_by_text("优90–100").click()
    expect(page.get_by_role("spinbutton")).to_have_value("92")
    for _ in range(4):
        page.get_by_role("button", name="加 1 分").click()
    page.get_by_role("button", name="下一项").click()
    expect(page.get_by_text("还差理由，至少 10 个字。")).to_be_visible()
    page.picture("reason")
    assert axe(page) == []
    page.get_by_label("95 分以上请写理由").fill("季度调度记录齐全，责任人签字")
    expect(page.locator("#gh-saved")).to_contain_text("已保存", timeout=5000)
    page.get_by_role("button", name="下一项").click()
    expect(page.locator("#gh-crit")).to_be_focused()

    page.context.set_offline(True)
    for value in ("81", "77", "73", "69", "88"):
        page.get_by_role("spinbutton").fill(value)
        page.locator("#gh-next").click()
    expect(page.locator("#gh-saved")).to_contain_text("没有网络，已存在本机")
    expect(page.get_by_text("第 2 家")).to_be_visible()
    page.picture("offline")
    page.get_by_role("spinbutton").fill("64")
    page.context.set_offline(False)
    expect(page.locator("#gh-saved")).to_contain_text("已保存", timeout=20_000)
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('gh-mark'))", timeout=20_000)
    assert Mark.objects.filter(review__sheet=sheet).count() == 7
    assert Sheet.objects.get(pk=sheet.pk).state == "open"


def test_two_devices_see_both_versions(scoring, as_):
    from guildhall.reform.assessment.models import Mark

    first = scoring.sheet(0).reviews.order_by("position").first()
    url = f"/assessment/sheets/{first.sheet_id}/units/{first.pk}/?item=talks"
    phone, desk = as_(scoring.assessor(0), viewport="phone"), as_(scoring.who("替补0"))
    phone.goto(url)
    desk.goto(url)
    phone.get_by_role("spinbutton").fill("80")
    expect(phone.locator("#gh-saved")).to_contain_text("已保存", timeout=5000)
    desk.get_by_role("spinbutton").fill("70")
    expect(desk.get_by_role("heading", name="另一台设备刚刚改过这一项")).to_be_visible(timeout=5000)
    desk.picture("conflict")
    assert axe(desk) == []
    desk.get_by_role("button", name="用这里的").click()
    expect(desk.locator("#gh-saved")).to_contain_text("已保存", timeout=5000)
    assert Mark.objects.get(review=first, indicator="talks").value == 70


def test_the_keyboard_alone_marks_a_sheet_and_submits_it(scoring, as_):
    from guildhall.reform.assessment.models import Sheet

    page = as_(scoring.assessor(0))
    page.goto("/assessment/sheets/")
    page.get_by_role("link", name="接着评").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#gh-mark")
    for n in range(18):
        expect(page.locator("#gh-dots")).to_have_attribute(
            "aria-label", f"6 项中已评 {n % 6} 项，正在评第 {n % 6 + 1} 项"
        )
        while page.evaluate("document.activeElement.id") != "gh-value":
            page.keyboard.press("Tab")
        page.keyboard.type(str(61 + (n * 7) % 33))
        page.keyboard.press("Enter")
        if n == 7:
            page.picture("keyboard")
            assert axe(page) == []
    page.wait_for_url("**/check/")
    page.picture("check")
    assert axe(page) == []
    while page.evaluate("document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已提交").first).to_be_visible()
    page.picture("submitted")
    assert Sheet.objects.get(entrant=scoring.entrant(0)).state == "submitted"
