"""After an upheld objection: one item corrected beside the released result, nobody else touched, a second list."""

from datetime import timedelta
from uuid import uuid4

import pytest

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput
from guildhall.foundation.programmes.models import Application, Notice
from guildhall.foundation.programmes.moves import correcting, notices, objections, rounds
from guildhall.foundation.programmes.moves.correcting import NothingCorrected, NothingNew, ObjectionsWait
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.states import State
from guildhall.reform.assessment.models import Result
from guildhall.reform.assessment.moves import freezing

pytestmark = pytest.mark.django_db


@pytest.fixture
def noticed(scored):
    """Computed, decided, released and in notice."""
    pk, officer = scored.round.pk, scored.officer
    freezing.freeze(pk, by=officer, reason="个别单位不足，继续测算", key=uuid4())
    freezing.compute(pk, by=officer, key=uuid4())
    rounds.propose_result(pk, by=officer, key=uuid4())
    rounds.decide(pk, by=scored.who("沈怀山"), key=uuid4())
    rounds.release(pk, by=officer, key=uuid4())
    notices.publish(pk, by=officer, key=uuid4())
    return scored


def objected(town, application):
    notice = Notice.objects.get()
    return objections.file_objection(
        notice.pk, application_pk=application.pk, text="采纳项数与台账不符，请核对原件。", name="职工", contact="信箱",
        by=None, key=uuid4(),
    )  # fmt: skip


def said(text="核对台账，确有出入，予以更正。"):
    return {"answer": text, "clause": "第九条", "key": uuid4()}


def worst(town):
    return (
        Result.objects.filter(application__round=town.round).order_by("-rank", "group").select_related("application")[0]
    )


def test_a_correction_places_the_item_anew_and_moves_nobody_else(noticed):
    own = worst(noticed)
    others = {row.pk: (row.rank, row.tier, row.sum_fen, row.final) for row in Result.objects.exclude(pk=own.pk)}
    objection = objected(noticed, own.application)
    correcting.correct(objection.pk, {"adopted": "900", "spent": "1000000"}, by=noticed.officer, **said())
    item = Application.objects.select_related("round__programme").get(pk=own.application_id)
    assert item.state == State.HELD
    after = result_of(item)
    assert after["rank"] < own.rank
    assert {row.pk: (row.rank, row.tier, row.sum_fen, row.final) for row in Result.objects.exclude(pk=own.pk)} == others
    assert Result.objects.get(pk=own.pk).final == own.final
    assert item.facts["adopted"] != "900"


def test_the_second_list_says_what_changed_and_the_first_stays(noticed, forward):
    own, first = worst(noticed), Notice.objects.get()
    body = first.body
    objection = objected(noticed, own.application)
    with pytest.raises(ObjectionsWait):
        correcting.publish_again(noticed.round.pk, by=noticed.officer, key=uuid4())
    correcting.correct(objection.pk, {"adopted": "900"}, by=noticed.officer, **said())
    forward(clock.now() + timedelta(days=2))
    key = uuid4()
    second = correcting.publish_again(noticed.round.pk, by=noticed.officer, key=key)
    assert correcting.publish_again(noticed.round.pk, by=noticed.officer, key=key) == second
    assert (second.edition, Notice.objects.get(pk=first.pk).body) == (2, body)
    assert [line["change"] for line in second.body["changes"]] == ["corrected"]
    assert second.body["changes"][0]["why"] == objections.Objection.objects.get(pk=objection.pk).answer
    assert Application.objects.get(pk=own.application_id).state == State.IN_NOTICE
    with pytest.raises(NothingNew):
        correcting.publish_again(noticed.round.pk, by=noticed.officer, key=uuid4())


def test_the_rest_is_conferred_at_its_own_end_and_the_corrected_one_at_the_second(noticed, forward):
    own, first = worst(noticed), Notice.objects.get()
    objection = objected(noticed, own.application)
    correcting.correct(objection.pk, {"adopted": "900"}, by=noticed.officer, **said())
    forward(first.ends_at - timedelta(hours=1))
    second = correcting.publish_again(noticed.round.pk, by=noticed.officer, key=uuid4())
    forward(first.ends_at + timedelta(hours=1))
    assert notices.end_due_notices() == Result.objects.count() - 1
    assert Application.objects.get(pk=own.application_id).state == State.IN_NOTICE
    forward(second.ends_at + timedelta(hours=1))
    assert notices.end_due_notices() == 1
    assert Application.objects.get(pk=own.application_id).state == State.CONFERRED


def test_a_correction_that_changes_nothing_or_what_is_not_asked_is_refused(noticed):
    own = worst(noticed)
    objection = objected(noticed, own.application)
    same = {"adopted": own.application.facts["adopted"]}
    for facts, refusal in ((same, NothingCorrected), ({"height": "3"}, BadInput)):
        with pytest.raises(refusal):
            correcting.correct(objection.pk, facts, by=noticed.officer, **said())
    objection.refresh_from_db()
    assert objection.state == "open"
