"""Two at once on one sheet: the second waits, and is told what the first did."""

from uuid import uuid4

import pytest
from django.db import transaction

from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.programmes.moves import applications, rounds
from guildhall.reform.assessment.models import Sheet
from guildhall.reform.assessment.moves import drawing, freezing
from guildhall.reform.assessment.moves import scoring as marking
from tests.reform.assessment.town import mark, undisputed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mark_beside_the_submission_waits_and_is_refused(scoring, beside):
    sheet = scoring.sheet(0)
    mark(scoring, sheet)
    review = sheet.reviews.first()
    with transaction.atomic():
        marking.submit(sheet.pk, by=scoring.assessor(0), key=uuid4())
        other = beside(marking.save_marks, sheet.pk, review.pk, {"talks": (61, "")}, by=scoring.who("替补0"))
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()


def test_assessor_and_deputy_submit_once(scoring, beside):
    sheet = scoring.sheet(0)
    mark(scoring, sheet)
    with transaction.atomic():
        marking.submit(sheet.pk, by=scoring.assessor(0), key=uuid4())
        other = beside(marking.submit, sheet.pk, by=scoring.who("替补0"), key=uuid4())
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()
    assert Sheet.objects.get(pk=sheet.pk).submitted_by == scoring.assessor(0)


def test_groups_are_drawn_once(reviewing, beside):
    pk, by = undisputed(reviewing).round.pk, reviewing.officer
    with transaction.atomic():
        drawing.draw(pk, by=by, key=uuid4())
        other = beside(drawing.draw, pk, by=by, key=uuid4())
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()


def test_a_unit_that_leaves_beside_the_freeze_waits_and_is_refused(scored, beside):
    leaving = scored.entrant(0).application_id
    with transaction.atomic():
        freezing.freeze(scored.round.pk, by=scored.officer, key=uuid4())
        other = beside(applications.withdraw, leaving, reason="企业已经停产", by=scored.unit_officer(0), key=uuid4())
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()


def test_a_cancelled_round_is_not_drawn_beside_it(reviewing, beside):
    with transaction.atomic():
        rounds.cancel_round(reviewing.round.pk, reason="上级文件调整", by=reviewing.who("沈怀山"), key=uuid4())
        other = beside(drawing.draw, reviewing.round.pk, by=reviewing.officer, key=uuid4())
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()
