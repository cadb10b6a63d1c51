"""The assessment's moves: each does what it says once, and refuses the rest with nothing written."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from guildhall.foundation import clock
from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import applications, rounds
from guildhall.foundation.records.models import Decision
from guildhall.reform.assessment.models import Conflict, Entrant, Mark, Result, Review, Sheet
from guildhall.reform.assessment.moves import auditing, clockwork, conflicts, drawing, freezing, reminding
from guildhall.reform.assessment.moves import scoring as marking
from guildhall.reform.assessment.rules import FlatSheet, MarkOutOfRange, SheetIncomplete, UnknownIndicator, judged
from guildhall.reform.assessment.states import SheetState, StepState
from guildhall.reform.assessment.views import waiting
from tests.reform.assessment.town import LEAVES, drawn, mark, undisputed

pytestmark = pytest.mark.django_db


def first(town, n=0):
    sheet = town.sheet(n)
    return sheet, sheet.reviews.order_by("position").first(), town.assessor(n)


def close(town, **until):
    at = clock.now() + timedelta(**(until or {"minutes": -1}))
    Round.objects.filter(pk=town.round.pk).update(scoring_closes_at=at)


def test_a_drawing_gives_each_unit_three_reviewers_of_other_groups_and_districts(drawn):
    entrants = Entrant.objects.select_related("application__unit")
    assert entrants.count() == 12
    for review in Review.objects.filter(sheet__kind="peers").select_related(
        "sheet__entrant__application__unit", "entrant__application__unit"
    ):
        own, other = review.sheet.entrant, review.entrant
        assert own.group != other.group
        assert own.application.unit.district_id != other.application.unit.district_id
    assert {entrant.reviews.filter(sheet__kind="peers").count() for entrant in entrants} == {3}
    assert {entrant.reviews.filter(sheet__kind="panel").count() for entrant in entrants} == {2}


def test_nobody_but_the_officer_draws_and_twice_is_once(reviewing):
    with pytest.raises(NoRight):
        drawing.draw(reviewing.round.pk, by=reviewing.unit_officer(0), key=uuid4())
    undisputed(reviewing)
    key = uuid4()
    drawing.draw(reviewing.round.pk, by=reviewing.officer, key=key)
    before = reviewing.step.seed_digest
    drawing.draw(reviewing.round.pk, by=reviewing.officer, key=key)
    assert reviewing.step.seed_digest == before
    with pytest.raises(OutOfStep):
        drawing.draw(reviewing.round.pk, by=reviewing.officer, key=uuid4())


def test_a_drawing_waits_until_the_day_of_declarations_is_over(reviewing):
    with pytest.raises(drawing.DeclarationsRunning):
        drawing.draw(reviewing.round.pk, by=reviewing.officer, key=uuid4())
    assert not Entrant.objects.exists()
    assert reviewing.step.state == StepState.PLANNED
    drawn(reviewing)
    assert reviewing.step.state == StepState.ASSIGNED


def test_a_drawing_waits_for_the_answers_to_declarations(reviewing):
    one, other = reviewing.units[0].pk, reviewing.units[5].pk
    conflict = conflicts.declare(
        reviewing.round.pk, one, other, reason="正在打合同官司", by=reviewing.unit_officer(0), key=uuid4()
    )
    undisputed(reviewing)
    with pytest.raises(drawing.DeclarationsOpen):
        drawing.draw(reviewing.round.pk, by=reviewing.officer, key=uuid4())
    conflicts.answer(conflict.pk, approve=True, by=reviewing.officer, key=uuid4())
    drawing.draw(reviewing.round.pk, by=reviewing.officer, key=uuid4())
    met = Review.objects.filter(sheet__entrant=reviewing.entrant(0), entrant=reviewing.entrant(5))
    assert not met.exists()
    assert not Review.objects.filter(sheet__entrant=reviewing.entrant(5), entrant=reviewing.entrant(0)).exists()


def test_declarations_have_a_number_a_date_and_no_other_hand(reviewing):
    pk, own, chair = reviewing.round.pk, reviewing.units[0].pk, reviewing.unit_officer(0)
    for n in range(2, 7):
        conflicts.declare(pk, own, reviewing.units[n].pk, reason="互为主要客户", by=chair, key=uuid4())
    with pytest.raises(conflicts.TooManyDeclared):
        conflicts.declare(pk, own, reviewing.units[7].pk, reason="互为主要客户", by=chair, key=uuid4())
    with pytest.raises(NotHere):
        conflicts.declare(pk, reviewing.units[1].pk, own, reason="互为主要客户", by=chair, key=uuid4())
    reviewing.step.__class__.objects.update(declare_until=clock.today() - timedelta(days=1))
    with pytest.raises(conflicts.DeclaredLate):
        conflicts.declare(
            pk, reviewing.units[1].pk, own, reason="互为主要客户", by=reviewing.unit_officer(1), key=uuid4()
        )
    assert Conflict.objects.count() == 5


def test_an_infeasible_drawing_names_every_condition_and_writes_nothing(reviewing):
    for n in range(1, 12):
        conflicts.pin(reviewing.round.pk, reviewing.units[0].pk, reviewing.units[n].pk, apart=True, reason="全部都要回避",
                      by=reviewing.officer, key=uuid4())  # fmt: skip
    undisputed(reviewing)
    with pytest.raises(drawing.AssignmentInfeasible) as caught:
        drawing.draw(reviewing.round.pk, by=reviewing.officer, key=uuid4())
    assert "可评对象不足" in str(caught.value)
    assert not Entrant.objects.exists()
    assert reviewing.step.state == StepState.PLANNED


def test_a_recalled_drawing_leaves_nothing(drawn):
    drawing.recall(drawn.round.pk, by=drawn.officer, key=uuid4())
    assert not Sheet.objects.exists()
    assert drawn.step.seed == drawn.step.seed_digest == ""


def test_the_clock_starts_scoring_at_its_time_and_tells_assessors_and_experts(drawn):
    clockwork.fall_due()
    assert drawn.step.state == StepState.SCORING
    told = set(Message.objects.filter(template="assessment.scoring").values_list("to", flat=True))
    assert {drawn.assessor(0).pk, drawn.who("替补0").pk, drawn.who("专家0").pk} <= told
    clockwork.fall_due()
    assert Message.objects.filter(template="assessment.scoring").count() == len(told)


@pytest.mark.parametrize("value", ["101", "-1", "9.5", "abc", "", "１００", "1e2", "0100"])
def test_a_mark_out_of_range_is_refused_and_nothing_is_written(scoring, value):
    sheet, review, by = first(scoring)
    with pytest.raises(MarkOutOfRange):
        marking.save_marks(sheet.pk, review.pk, {"talks": ("80", ""), "studios": (value, "")}, by=by)
    assert not Mark.objects.exists()


def test_the_refusal_of_a_mark_names_the_indicator_in_the_readers_language(scoring):
    sheet, review, by = first(scoring)
    with translation.override("en"), pytest.raises(MarkOutOfRange) as refused:
        marking.save_marks(sheet.pk, review.pk, {"talks": ("101", "")}, by=by)
    leaf = judged(scoring.step.round.rules)["talks"]
    assert (refused.value.facts["label"], leaf.label.en != leaf.label.zh) == (leaf.label.en, True)


def test_a_unit_without_the_reasons_it_needs_is_in_no_mean(scoring):
    sheet, review, by = first(scoring)
    marking.save_marks(sheet.pk, review.pk, dict.fromkeys(LEAVES[1:], (80, "")), by=by)
    marking.save_marks(sheet.pk, review.pk, {LEAVES[0]: (20, "")}, by=by)
    close(scoring)
    clockwork.fall_due()
    assert scoring.step.criterion_means(len(LEAVES)) == {}


def test_marks_are_only_of_the_sheets_own_units_and_judged_indicators(scoring):
    sheet, review, by = first(scoring)
    other = Review.objects.exclude(sheet=sheet).first()
    with pytest.raises(NotHere):
        marking.save_marks(sheet.pk, other.pk, {"talks": (80, "")}, by=by)
    with pytest.raises(NotHere):
        marking.save_marks(other.sheet_id, other.pk, {"talks": (80, "")}, by=by)
    with pytest.raises(UnknownIndicator):
        marking.save_marks(sheet.pk, review.pk, {"lectures": (80, "")}, by=by)
    assert not Mark.objects.exists()


def test_two_screens_on_one_unit_find_out_about_each_other(scoring):
    sheet, review, by = first(scoring)
    marking.save_marks(sheet.pk, review.pk, {"talks": (80, "")}, by=by, version=0)
    with pytest.raises(marking.SheetChanged):
        marking.save_marks(sheet.pk, review.pk, {"talks": (70, "")}, by=scoring.who("替补0"), version=0)
    same = marking.save_marks(sheet.pk, review.pk, {"talks": (80, "")}, by=by, version=0)
    assert same.version == 1


def test_a_late_mark_is_refused_though_the_lock_is_late(scoring):
    sheet, review, by = first(scoring)
    close(scoring)
    with pytest.raises(marking.ScoringClosed):
        marking.save_marks(sheet.pk, review.pk, {"talks": (80, "")}, by=by)
    with pytest.raises(marking.ScoringClosed):
        marking.submit(sheet.pk, by=by, key=uuid4())
    assert Sheet.objects.get(pk=sheet.pk).state == SheetState.OPEN


def test_a_sheet_is_submitted_whole_once_and_by_the_deputy_too(scoring):
    sheet, review, by = first(scoring)
    marking.save_marks(sheet.pk, review.pk, dict.fromkeys(LEAVES, (80, "")), by=by)
    with pytest.raises(SheetIncomplete) as caught:
        marking.submit(sheet.pk, by=by, key=uuid4())
    assert sheet.reviews.order_by("position").last().entrant.application.unit.name in str(caught.value)
    mark(scoring, sheet)
    key = uuid4()
    marking.submit(sheet.pk, by=scoring.who("替补0"), key=key)
    marking.submit(sheet.pk, by=scoring.who("替补0"), key=key)
    assert Decision.objects.filter(act="submit", subject=f"sheet:{sheet.pk}").count() == 1
    with pytest.raises(OutOfStep):
        marking.save_marks(sheet.pk, review.pk, {"talks": (61, "")}, by=by)


def test_an_extreme_mark_needs_its_reason_and_a_flat_sheet_is_refused(scoring):
    sheet, review, by = first(scoring)
    for one in sheet.reviews.all():
        marking.save_marks(sheet.pk, one.pk, dict.fromkeys(LEAVES, (95, "台账十二个月齐全，看过")), by=by)
    with pytest.raises(FlatSheet):
        marking.submit(sheet.pk, by=by, key=uuid4())
    marking.save_marks(sheet.pk, review.pk, {"talks": (59, "太短")}, by=by)
    with pytest.raises(SheetIncomplete):
        marking.submit(sheet.pk, by=by, key=uuid4())


def test_the_deadline_locks_and_only_an_extension_for_all_reopens(scoring):
    sheet, review, by = first(scoring)
    mark(scoring, sheet)
    close(scoring)
    clockwork.fall_due()
    assert Sheet.objects.get(pk=sheet.pk).state == SheetState.LOCKED
    rounds.extend_scoring(
        scoring.round.pk, clock.now() + timedelta(days=2), reason="多数单位没有评完", by=scoring.officer, key=uuid4()
    )
    with pytest.raises(freezing.StillScoring):
        freezing.freeze(scoring.round.pk, reason="不等了，继续测算", by=scoring.officer, key=uuid4())
    marking.save_marks(sheet.pk, review.pk, {"talks": (66, "")}, by=by)
    assert Sheet.objects.get(pk=sheet.pk).state == SheetState.OPEN
    assert not Sheet.objects.filter(state=SheetState.LOCKED).exists()


def test_reminders_go_three_and_one_working_days_before_to_those_who_have_not_submitted(scoring):
    sheet, _review, by = first(scoring)
    mark(scoring, sheet)
    marking.submit(sheet.pk, by=by, key=uuid4())
    clockwork.fall_due()
    assert not Message.objects.filter(template="assessment.reminder").exists()
    close(scoring, days=1)
    clockwork.fall_due()
    clockwork.fall_due()
    told = Message.objects.filter(template="assessment.reminder")
    assert told.filter(to=scoring.assessor(1)).count() == 1
    assert not told.filter(to=by).exists()


def test_an_officer_reminds_the_picked_once_a_day(scoring):
    own, foreign = scoring.sheet(0).pk, 10**9
    with pytest.raises(NotHere):
        reminding.remind(scoring.round.pk, [own, foreign], by=scoring.officer, key=uuid4())
    assert reminding.remind(scoring.round.pk, [own], by=scoring.officer, key=uuid4()) == 2
    assert reminding.remind(scoring.round.pk, [own], by=scoring.officer, key=uuid4()) == 0


def test_a_substitute_comes_from_the_same_group_and_takes_what_is_unmarked(scoring):
    groups = {n: scoring.entrant(n).group for n in range(12)}
    absent = 0
    with pytest.raises(marking.SubstituteUnfit):
        other = next(n for n in groups if groups[n] != groups[absent])
        marking.substitute(scoring.round.pk, scoring.entrant(absent).pk, scoring.entrant(other).pk,
                           reason="互评人住院", by=scoring.officer, key=uuid4())  # fmt: skip
    taken = 0
    for n in (n for n in groups if groups[n] == groups[absent] and n != absent):
        try:
            taken += marking.substitute(scoring.round.pk, scoring.entrant(absent).pk, scoring.entrant(n).pk,
                                        reason="互评人住院", by=scoring.officer, key=uuid4())  # fmt: skip
        except marking.SubstituteUnfit:
            continue
    assert taken == Review.objects.filter(assigned_to=scoring.sheet(absent)).count() > 0


def test_freezing_names_units_with_too_few_and_computing_twice_is_the_same(scoring):
    for sheet in Sheet.objects.filter(step=scoring.step, kind="panel"):
        mark(scoring, sheet)
    for n in range(8):
        mark(scoring, scoring.sheet(n))
        marking.submit(scoring.sheet(n).pk, by=scoring.assessor(n), key=uuid4())
    with pytest.raises(freezing.StillScoring):
        freezing.freeze(scoring.round.pk, by=scoring.officer, key=uuid4())
    close(scoring)
    with pytest.raises(freezing.TooFewReviews):
        freezing.freeze(scoring.round.pk, by=scoring.officer, key=uuid4())
    freezing.freeze(scoring.round.pk, reason="四家停产，不再等候", by=scoring.officer, key=uuid4())
    freezing.compute(scoring.round.pk, by=scoring.officer, key=uuid4())
    assert freezing.recomputed(scoring.step)
    with pytest.raises(OutOfStep):
        freezing.compute(scoring.round.pk, by=scoring.officer, key=uuid4())
    assert Result.objects.count() == 12


def test_each_look_at_the_seed_is_the_auditors_and_recorded(drawn):
    with pytest.raises(NoRight):
        auditing.unseal(drawn.round.pk, reason="核对分组是否公正", by=drawn.officer, key=uuid4())
    key = uuid4()
    for _ in range(2):
        seen = auditing.unseal(drawn.round.pk, reason="核对分组是否公正", by=drawn.who("审计"), key=key)
    assert seen.seed == drawn.step.seed
    assert len(seen.assigned) == 16
    assert Decision.objects.filter(act="unseal").count() == 1


def test_a_cancelled_round_starts_and_takes_nothing(scoring):
    sheet, review, by = first(scoring)
    rounds.cancel_round(scoring.round.pk, reason="上级文件调整", by=scoring.who("沈怀山"), key=uuid4())
    clockwork.fall_due()
    with pytest.raises(OutOfStep):
        marking.save_marks(sheet.pk, review.pk, {"talks": (80, "")}, by=by)
    with pytest.raises(OutOfStep):
        reminding.remind(scoring.round.pk, [sheet.pk], by=scoring.officer, key=uuid4())


def test_a_cancelled_round_takes_no_conflicts(reviewing):
    pk, (own, other, third) = reviewing.round.pk, reviewing.units[:3]
    said = {"reason": "正在同一项目上竞标", "key": uuid4()}
    declared = conflicts.declare(pk, own.pk, third.pk, by=reviewing.unit_officer(0), **said)
    rounds.cancel_round(pk, reason="上级文件调整", by=reviewing.who("沈怀山"), key=uuid4())
    said["key"] = uuid4()
    with pytest.raises(OutOfStep):
        conflicts.declare(pk, own.pk, other.pk, by=reviewing.unit_officer(0), **said)
    with pytest.raises(OutOfStep):
        conflicts.pin(pk, own.pk, other.pk, apart=True, by=reviewing.officer, **said)
    with pytest.raises(OutOfStep):
        conflicts.answer(declared.pk, approve=True, by=reviewing.officer, key=uuid4())
    assert Conflict.objects.count() == 1


def test_a_unit_that_left_declares_nothing_and_is_asked_for_nothing(reviewing):
    pk, (own, other) = reviewing.round.pk, reviewing.units[:2]
    titles = [one.url for one in waiting.speaking(reviewing.unit_officer(0))]
    assert any("declarations" in one for one in titles)
    row = reviewing.round.applications.get(unit=own)
    applications.withdraw(row.pk, reason="单位合并注销", by=reviewing.officer, key=uuid4())
    said = {"reason": "正在同一项目上竞标", "key": uuid4()}
    with pytest.raises(NotHere):
        conflicts.declare(pk, own.pk, other.pk, by=reviewing.unit_officer(0), **said)
    with pytest.raises(NotHere):
        conflicts.pin(pk, own.pk, other.pk, apart=True, by=reviewing.officer, **said)
    assert list(waiting.speaking(reviewing.unit_officer(0))) == []


def test_a_pin_taken_away_twice_by_one_submission_is_taken_away_once(reviewing):
    pinned = conflicts.pin(reviewing.round.pk, reviewing.units[0].pk, reviewing.units[5].pk, apart=True,
                           reason="法定代表人是亲属", by=reviewing.officer, key=uuid4())  # fmt: skip
    key = uuid4()
    for _ in range(2):
        conflicts.unpin(pinned.pk, by=reviewing.officer, key=key)
    assert Decision.objects.filter(act="unpin").count() == 1
    with pytest.raises(NotHere):
        conflicts.unpin(pinned.pk, by=reviewing.officer, key=uuid4())


def test_a_pin_of_another_pair_under_a_used_key_is_refused(reviewing):
    pk, by, key = reviewing.round.pk, reviewing.officer, uuid4()
    units = [unit.pk for unit in reviewing.units]
    conflicts.pin(pk, units[0], units[5], apart=True, reason="法定代表人是亲属", by=by, key=key)
    conflicts.pin(pk, units[5], units[0], apart=True, reason="法定代表人是亲属", by=by, key=key)
    with pytest.raises(KeyReused):
        conflicts.pin(pk, units[0], units[7], apart=True, reason="法定代表人是亲属", by=by, key=key)
    assert Conflict.objects.count() == 1


def stand_in_for(town, absent):
    """A unit of the absent one's group, the review it could take over, and the unit reviewed there."""
    group = town.entrant(absent).group
    for n in (n for n in range(12) if n != absent and town.entrant(n).group == group):
        for review in marking._taken(town.step, town.sheet(absent), town.sheet(n)):
            return n, review, review.entrant.application.unit
    raise AssertionError("nobody can stand in")
