"""Rounds at their edges: who left, who is a sister, what a year without a table leaves alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.programmes.moves import applications, rounds
from guildhall.reform.assessment.models import Review
from guildhall.reform.assessment.moves import clockwork, freezing
from guildhall.reform.assessment.moves import scoring as marking
from tests.reform.assessment.test_moves import close, stand_in_for
from tests.reform.assessment.town import LEAVES

pytestmark = pytest.mark.django_db


def test_a_substitute_is_not_handed_a_sister_company_under_one_parent(scoring):
    n, review, reviewed = stand_in_for(scoring, 0)
    own = scoring.entrant(n).application.unit
    parent = next(unit for unit in scoring.units if unit.pk not in (own.pk, reviewed.pk))
    Unit.objects.filter(pk__in=(own.pk, reviewed.pk)).update(parent_company=parent)
    taken = marking._taken(scoring.step, scoring.sheet(0), scoring.sheet(n))
    assert review.pk not in {one.pk for one in taken}


def test_a_unit_that_left_stands_in_for_nobody(scoring):
    n, _review, _unit = stand_in_for(scoring, 0)
    applications.withdraw(scoring.entrant(n).application_id, reason="企业已经停产", by=scoring.officer, key=uuid4())
    with pytest.raises(marking.SubstituteUnfit):
        marking.substitute(scoring.round.pk, scoring.entrant(0).pk, scoring.entrant(n).pk, reason="互评人住院",
                           by=scoring.officer, key=uuid4())  # fmt: skip


def test_the_time_is_not_extended_after_the_freeze(computed):
    later = clock.now() + timedelta(days=30)
    with pytest.raises(OutOfStep):
        rounds.extend_scoring(computed.round.pk, later, reason="多数单位没有评完", by=computed.officer, key=uuid4())
    assert not Message.objects.filter(template="programmes.extended").exists()


def test_a_sheet_with_one_unit_compares_nothing_and_counts_for_nobody(scoring):
    for n in range(12):
        sheet = scoring.sheet(n)
        for review in list(sheet.reviews.order_by("position"))[: 1 if n == 0 else 3]:
            value = 70 + review.position
            marking.save_marks(sheet.pk, review.pk, dict.fromkeys(LEAVES, (value, "")), by=scoring.assessor(n))
    alone = scoring.sheet(0).reviews.order_by("position").first().entrant
    close(scoring)
    clockwork.fall_due()
    assert alone in freezing.short_units(scoring.step)


def test_a_deadline_in_a_year_without_a_table_holds_no_other_round_up(scoring):
    close(scoring, days=1200)
    clockwork.fall_due()
    assert not Message.objects.filter(template="assessment.reminder").exists()


def test_what_a_substitute_takes_over_stands_behind_all_it_has(scoring):
    n, _review, _unit = stand_in_for(scoring, 0)
    Review.objects.get(sheet=scoring.sheet(n), position=1).delete()
    marking.substitute(scoring.round.pk, scoring.entrant(0).pk, scoring.entrant(n).pk, reason="互评人住院",
                       by=scoring.officer, key=uuid4())  # fmt: skip
    places = list(scoring.sheet(n).reviews.values_list("position", flat=True))
    assert len(set(places)) == len(places)


def test_sister_companies_are_counted_among_the_derived_conflicts(reviewing):
    from guildhall.reform.assessment.views.conflicts import derived

    one, other, parent = reviewing.units[0], reviewing.units[5], reviewing.units[9]
    Unit.objects.filter(pk__in=(one.pk, other.pk)).update(parent_company=parent)
    counted = {row.unit_id: row.family for row in derived(reviewing.step)}
    assert (counted[one.pk], counted[other.pk], counted[parent.pk]) == (2, 2, 2)
