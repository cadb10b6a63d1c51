"""axe finds nothing on the cycle's pages, at either width and in 大字版, and no page scrolls sideways."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from guildhall.foundation.programmes.models import Archive, Round
from guildhall.foundation.programmes.moves import objections
from guildhall.foundation.programmes.moves.archive import ask_for_archive
from guildhall.foundation.programmes.states import RoundState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
TEXT = "申报的竞赛人数与台账不一致，台账只有六百人。"


def faults(page, url) -> list[str]:
    page.goto(url)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in Axe().run(page).response["violations"]]
    return [f"{url} {fault}" for fault in [*found, *(["scrolls sideways"] if wide else [])]]


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_planned_round(city, of, as_, viewport):
    page = as_(city.officer, viewport=viewport)
    steps = [
        reverse("rounds:setup", args=[of.pk, step]) for step in ("dates", "indicators", "scores", "tiers", "notice")
    ]
    others = [reverse(f"rounds:{name}", args=[of.pk]) for name in ("page", "check", "records")]

    assert [fault for url in [*steps, *others, "/rounds/", "/rounds/plan/"] for fault in faults(page, url)] == []


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_an_open_round(city, of, order, as_, viewport):
    order.opened(city, of)
    row = of.applications.order_by("pk").first()
    urls = [reverse(f"rounds:{name}", args=[of.pk]) for name in ("applications", "facts_import")]
    urls += [reverse(f"rounds:{name}", args=[row.pk]) for name in ("application", "facts")]
    page, unit = as_(city.officer, viewport=viewport), as_(city.unit_officer, viewport=viewport)

    assert [fault for url in urls for fault in faults(page, url)] == []
    assert faults(unit, urls[2]) == []


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_decision_on_its_way(city, of, order, as_, viewport):
    order.proposed(city, of)

    assert faults(as_(city.leader, viewport=viewport), reverse("rounds:decide", args=[of.pk])) == []
    assert faults(as_(city.officer, viewport=viewport), reverse("rounds:extend", args=[of.pk])) == []


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_notice_and_an_objection(city, of, order, as_, viewport):
    notice = order.published(city, of)
    row = of.applications.order_by("pk").first()
    objection = objections.file_objection(
        notice.pk, application_pk=row.pk, text=TEXT, name="王秀兰", contact="139", by=None, key=uuid4()
    )
    public = [reverse("notices:page", args=[notice.pk]), reverse("objections:file", args=[notice.pk])]
    public += [f"{public[0]}?tier=0", reverse("objections:receipt"), reverse("notices:index")]
    office = [reverse("objections:page", args=[objection.pk]), reverse("objections:index")]
    office.append(reverse("rounds:notice", args=[of.pk]))
    visitor, officer = as_(None, viewport=viewport), as_(city.officer, viewport=viewport)

    assert [fault for url in public for fault in faults(visitor, url)] == []
    assert [fault for url in office for fault in faults(officer, url)] == []


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_an_archive_being_made(city, of, order, as_, viewport):
    order.published(city, of)
    Round.objects.filter(pk=of.pk).update(state=RoundState.FINISHED)
    asked = ask_for_archive(of.pk, by=city.officer, key=uuid4())
    Archive.objects.filter(pk=asked.pk).update(done=3, total=12)

    assert faults(as_(city.officer, viewport=viewport), reverse("rounds:archive", args=[of.pk])) == []


def test_a_set_up_adds_up_while_it_is_typed(city, of, as_):
    page = as_(city.officer)
    page.goto(reverse("rounds:setup", args=[of.pk, "tiers"]))
    page.get_by_label("第 3 档名额").fill("300")

    assert page.locator("[data-gh-budget]").inner_text() == "合计 1,560,000 元，名额 304 个，超出资金 560,000 元"
    page.get_by_role("button", name="保存，下一步").click()
    assert "差 560,000 元" in page.locator(".gh-errs").inner_text()
    assert page.get_by_label("第 3 档名额").input_value() == "300"

    page.goto(reverse("rounds:setup", args=[of.pk, "indicators"]))
    page.get_by_label("“工作室作用”的分值").fill("8")
    assert page.locator("[data-gh-total]").inner_text() == "合计 101 分，应当是 100 分"
