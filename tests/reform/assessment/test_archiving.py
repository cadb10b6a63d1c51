"""What the assessment lays into a round's archive: all that the result comes from, and nobody's name."""

import json

import pytest

from guildhall.reform.assessment.models import Sheet
from guildhall.reform.assessment.moves.archiving import papers
from guildhall.science import published

pytestmark = pytest.mark.django_db


def test_the_result_can_be_computed_again_from_what_is_laid_in(released):
    files = dict(papers(released.round))

    assert set(files) == {"published.json", "outcome.json"}
    assert json.loads(published.assess(files["published.json"].decode())) == json.loads(files["outcome.json"])


def test_it_names_no_unit_and_no_person_and_holds_no_seed(released):
    said = b"\n".join(data for _name, data in papers(released.round)).decode()
    step = released.step
    secrets = [
        step.seed,
        step.key_salt,
        *(unit.name for unit in released.units),
        *(unit.code for unit in released.units),
    ]
    judges = {sheet.submitted_by for sheet in Sheet.objects.filter(step=step)} - {None}
    secrets += [user.person.name for user in judges]

    assert judges
    assert [one for one in secrets if one and one in said] == []


def test_before_the_freeze_there_is_nothing(scoring):
    assert papers(scoring.round) == []
