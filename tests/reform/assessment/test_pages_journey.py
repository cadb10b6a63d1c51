"""Every page of the assessment in a real browser at both widths: axe finds nothing and nothing scrolls sideways."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WIDTHS = ("desktop", "phone")


def walk(as_, who, viewport, town, names):
    from axe_playwright_python.sync_playwright import Axe

    page, faults = as_(who, viewport=viewport), []
    for name, *args in names:
        page.goto(reverse(f"assessment:{name}", args=args or [town.round.pk]))
        page.picture(f"{name}-{viewport}")
        found = Axe().run(page).response["violations"]
        faults += [f"{name}: {one['id']}: {[node['html'][:300] for node in one['nodes']][:2]}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            faults.append(f"{name} scrolls sideways")
    return faults


@pytest.mark.parametrize("viewport", WIDTHS)
def test_before_the_drawing(reviewing, as_, viewport):
    from uuid import uuid4

    from guildhall.reform.assessment.moves.conflicts import declare

    declare(reviewing.round.pk, reviewing.units[0].pk, reviewing.units[5].pk, reason="正在打合同官司",
            by=reviewing.unit_officer(0), key=uuid4())  # fmt: skip
    faults = walk(as_, reviewing.officer, viewport, reviewing, [("conflicts",), ("derived",), ("drawing",)])
    faults += walk(as_, reviewing.unit_officer(0), viewport, reviewing, [("declarations",)])
    assert faults == []


@pytest.mark.parametrize("viewport", WIDTHS)
def test_while_scoring_runs(scoring, as_, viewport):
    names = [
        ("drawing",),
        ("groups",),
        ("progress",),
        ("freezing",),
        ("substitute", scoring.round.pk, scoring.entrant(0).pk),
    ]
    faults = walk(as_, scoring.officer, viewport, scoring, names)
    faults += walk(as_, scoring.who("审计"), viewport, scoring, [("sealed",)])
    review = scoring.sheet(0).reviews.first()
    faults += walk(as_, scoring.assessor(0), viewport, scoring, [("materials", review.sheet_id, review.pk)])
    faults += walk(as_, None, viewport, scoring, [("public",)])
    assert faults == []


@pytest.mark.parametrize("viewport", WIDTHS)
def test_after_the_release(released, as_, viewport):
    from guildhall.reform.assessment.models import Result

    result = Result.objects.filter(rank__gt=1).order_by("group", "rank").first()
    chair = next(released.unit_officer(n) for n in range(12) if released.units[n].pk == result.application.unit_id)
    faults = walk(as_, released.officer, viewport, released, [("results",), ("analysis",), ("freezing",)])
    faults += walk(as_, chair, viewport, released, [("result", released.round.pk, result.pk)])
    faults += walk(as_, None, viewport, released, [("public",)])
    assert faults == []
