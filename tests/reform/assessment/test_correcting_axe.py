"""axe finds nothing on the correction's pages and the second list, at either width."""

from uuid import uuid4

import pytest

from guildhall.foundation.programmes.models import Notice
from guildhall.foundation.programmes.moves import correcting
from tests.foundation.programmes.test_axe import faults
from tests.reform.assessment.test_correcting import noticed, objected, said, worst

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
__all__ = ["noticed"]


@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_the_second_list_and_its_ways_there(noticed, as_, viewport):
    own, pk = worst(noticed), noticed.round.pk
    objection = objected(noticed, own.application)
    page, found = as_(noticed.officer, viewport=viewport), []
    found += faults(page, f"/objections/{objection.pk}/") + faults(page, f"/objections/{objection.pk}/correct/")
    correcting.correct(objection.pk, {"adopted": "900"}, by=noticed.officer, **said())
    found += faults(page, f"/rounds/{pk}/publish-again/")
    second = correcting.publish_again(pk, by=noticed.officer, key=uuid4())
    found += faults(page, f"/rounds/applications/{own.application_id}/")
    for notice in (Notice.objects.get(edition=1), second):
        found += faults(as_(None, viewport=viewport), f"/notices/{notice.pk}/")
    assert found == []
