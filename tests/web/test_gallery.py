"""Every component in every state, on one page: in Chinese, English and 大字版, at both widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WAYS = {
    "chinese": [],
    "english": [("django_language", "en")],
    "large": [("gh_large", "1")],
}


def opened(as_, server, viewport, cookies, **options):
    page = as_(None, viewport=viewport, **options)
    page.context.add_cookies([{"name": name, "value": value, "url": server} for name, value in cookies])
    page.goto("/gallery/")
    return page


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_axe_finds_nothing(as_, server, viewport, way):
    page = opened(as_, server, viewport, WAYS[way])
    page.picture(f"gallery-{viewport}-{way}")

    found = Axe().run(page).response["violations"]

    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("way", WAYS)
def test_no_sideways_scroll_at_320_pixels(as_, server, way):
    page = opened(as_, server, "phone", WAYS[way])
    page.set_viewport_size({"width": 320, "height": 640})

    assert page.evaluate(OVERFLOW) == 0


def test_targets_are_large_enough_to_touch(as_, server):
    page = opened(as_, server, "phone", [])
    heights = page.eval_on_selector_all(".btn, .gh-input, .gh-tabs a", "all => all.map(one => one.offsetHeight)")

    assert min(height for height in heights if height) >= 44


def test_the_summary_of_errors_takes_focus(as_, server):
    page = opened(as_, server, "desktop", [])

    assert page.evaluate("document.activeElement.className") == "gh-errs"


def test_a_sum_is_echoed_in_words_as_the_server_writes_it(as_, server):
    from guildhall.foundation.screens.formats import capitals

    page = opened(as_, server, "desktop", [])
    field = page.get_by_label("申请补助（元）").first
    for text, fen in (("20000", 2_000_000), ("10,203.05", 1_020_305), ("100000008", 10_000_000_800), ("0.5", 50)):
        field.fill(text)
        assert page.locator("#id_sum-echo").inner_text() == capitals(fen)
