"""The meeting in a real browser: axe at both widths, the hall by the keyboard on two screens, the sums, the paper."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def faults(page, name, *args):
    from axe_playwright_python.sync_playwright import Axe
    from django.urls import reverse

    page.goto(reverse(f"assessment:{name}", args=args))
    page.picture(name)
    found = [
        f"{name} {one['id']}: {[node['html'][:200] for node in one['nodes']][:2]}"
        for one in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    return [*found, *([f"{name} scrolls sideways"] if wide else [])]


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_the_meetings_pages(drawn, as_, viewport):
    from guildhall.foundation import clock
    from guildhall.reform.assessment.moves import drawing
    from guildhall.reform.assessment.rules import code_at
    from tests.reform.assessment.hall import comes, fixed, planned

    pk = drawn.round.pk
    officer, marker = as_(drawn.officer, viewport=viewport), as_(drawn.assessor(0), viewport=viewport)
    found = faults(officer, "meeting_plan", pk)
    planned(drawn)
    found += faults(officer, "meeting_plan", pk)
    fixed(drawn)
    drawing.start(pk, by=drawn.officer, key=uuid4())
    one = comes(drawn, 1)
    found += faults(officer, "meeting_plan", pk)
    for name in ("meeting", "meeting_print", "attendance"):
        found += faults(officer, name, pk)
    for name in ("hall", "session_code", "session_desk", "session_sheet"):
        found += faults(officer, name, one.pk)
    found += faults(marker, "meeting", pk)
    found += faults(marker, "sheet", drawn.sheet(0).pk)
    marker.goto(f"/assessment/sessions/{one.pk}/here/?code={code_at(one.pk, clock.now())}")
    marker.get_by_role("button", name="签到").click()
    expect(marker.get_by_text("已签到，第 1 场。请就座。")).to_be_visible()
    found += faults(marker, "session_here", one.pk)
    assert found == []


def test_two_screens_of_the_hall_agree_and_the_keyboard_works_them(drawn, as_):
    from django.urls import reverse

    from tests.reform.assessment.hall import comes, fixed

    fixed(drawn)
    one = comes(drawn, 1)
    names = [slot.application.unit.name for slot in one.slots.select_related("application__unit").order_by("place")]
    url = reverse("assessment:hall", args=[one.pk])
    desk, wall = as_(drawn.officer), as_(drawn.officer)
    for page in (desk, wall):
        page.goto(url)
        expect(page.locator("#gh-clock")).to_have_text("8:00")
    desk.keyboard.press("Space")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(names[0])
    expect(wall.get_by_role("heading", level=1)).to_contain_text(names[0])
    expect(wall.locator("#gh-clock")).to_contain_text("7:5")
    wall.keyboard.press("n")
    expect(wall.get_by_role("heading", level=1)).to_contain_text(names[1])
    expect(desk.get_by_role("heading", level=1)).to_contain_text(names[1])
    expect(desk.locator("#gh-hallnext")).to_contain_text(names[2])
    desk.get_by_role("button", name="未到，下一家").click()
    expect(wall.get_by_role("heading", level=1)).to_contain_text(names[2])


def test_what_the_sessions_hold_is_said_while_they_are_typed(drawn, as_):
    from django.urls import reverse

    from tests.reform.assessment.hall import planned, spans

    planned(drawn, spans(24))
    page = as_(drawn.officer)
    page.goto(reverse("assessment:meeting_plan", args=[drawn.round.pk]))
    said = page.locator("[data-gh-sum]")
    expect(said).to_have_text("够 6 家，要排 12 家，还差 6 家。")
    page.get_by_label("每家几分钟").first.fill("4")
    expect(said).to_have_text("够 13 家，要排 12 家，排得下。")


def test_the_paper_is_a4_with_its_pages_counted(drawn, as_):
    from django.urls import reverse

    from tests.reform.assessment.hall import fixed

    fixed(drawn)
    page = as_(drawn.officer)
    page.goto(reverse("assessment:meeting_print", args=[drawn.round.pk]))
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="返回")).to_be_hidden()
    assert (
        page.locator(".gh-papertable thead").first.evaluate("one => getComputedStyle(one).display")
        == "table-header-group"
    )
    sheets = page.evaluate(
        "[...document.styleSheets].flatMap(s => [...s.cssRules]).map(r => r.cssText).filter(t => t.startsWith('@page'))"
    )
    assert any("a4" in text.lower() for text in sheets)
    assert any("counter(page)" in text for text in sheets)
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
