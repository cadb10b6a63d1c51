"""axe finds nothing on a reviewer's sheets and on the officer's page of the steps, at either width."""

from uuid import uuid4

import pytest
from django.urls import reverse

from guildhall.foundation.programmes.models import StepSheet
from guildhall.foundation.programmes.moves import applications, reviewing, rounds
from tests.foundation.programmes import calling
from tests.foundation.programmes.test_axe import faults
from tests.foundation.programmes.test_review_pages import BALLOT, CHECKLIST, DESK, PANEL, autumn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
__all__ = ["autumn"]


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_sheets_and_steps(city, tmp_path, as_, viewport):
    of = calling.called(city, tmp_path, levels=[], review=[CHECKLIST, DESK, PANEL, BALLOT], selection={"kind": "each"})
    sent = calling.submitted(of, city.unit, city.unit_officer)
    row = applications.accept(sent.pk, by=city.officer, key=uuid4())
    rounds.close_round(of.pk, by=city.officer, key=uuid4())
    rounds.start_review(of.pk, by=city.officer, key=uuid4())
    page, expert = as_(city.officer, viewport=viewport), as_(city.expert, viewport=viewport)
    found = []
    for place, who in enumerate((city.officer, city.officer, city.expert, city.expert)):
        row.step = place
        row.save(update_fields=["step"])
        reviewing.assign(of.pk, place, {row.pk: [who.pk]}, by=city.officer, key=uuid4())
        sheet = StepSheet.objects.get(step=place)
        reads = page if who == city.officer else expert
        found += faults(reads, reverse("rounds:sheet", args=[sheet.pk]))
        found += faults(reads, reverse("rounds:sheets"))
        found += faults(page, reverse("rounds:steps", args=[of.pk]))
    assert found == []
