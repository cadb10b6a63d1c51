"""After an upheld objection: one item corrected beside the released result, nobody else touched, a second list."""

from datetime import timedelta
from uuid import uuid4

import pytest

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput
from guildhall.foundation.programmes.models import Application, Notice
from guildhall.foundation.programmes.moves import changes, correcting, notices, objections, rounds
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


def typed(application, **changes):
    """The correction's page filled in."""
    facts = {f"fact-{name}": value for name, value in application.facts.items()}
    changed = {f"fact-{name}": value for name, value in changes.items()}
    return {**facts, **changed, "answer": "核对台账，确有出入，予以更正。", "clause": "第九条", "key": str(uuid4())}


def test_the_officer_sees_what_a_correction_comes_to_before_it_is_made(noticed, as_user):
    own, page = worst(noticed), as_user(noticed.officer)
    objection = objected(noticed, own.application)
    address = f"/objections/{objection.pk}/correct/"
    assert address in page.get(f"/objections/{objection.pk}/").text

    ahead = page.post(address, typed(own.application, adopted="900") | {"step": "look"})
    assert ahead.status_code == 200
    assert [line[2] for line in ahead.context["changes"]] == ["900 项"]
    assert int(ahead.context["after"]["rank"]) < ahead.context["before"]["rank"] == own.rank
    assert "其他单位的得分、名次、档次和奖补一律不变" in ahead.text
    assert Application.objects.get(pk=own.application_id).corrected is None

    unread = page.post(address, typed(own.application, adopted="很多") | {"step": "look"})
    assert (unread.status_code, "fact-adopted" in unread.context["form"].errors) == (422, True)
    same = page.post(address, typed(own.application) | {"step": "look"})
    assert "没有改动任何数据" in same.text

    assert page.post(address, typed(own.application, adopted="900") | {"step": "act"}).status_code == 302
    item = Application.objects.get(pk=own.application_id)
    assert item.corrected["facts"] == {"adopted": "900"}
    assert item.corrected["result"]["rank"] == ahead.context["after"]["rank"]
    assert "异议后的结果" in page.get(f"/assessment/rounds/{noticed.round.pk}/results/{own.pk}/").text
    assert "异议后的结果" in page.get(f"/rounds/applications/{item.pk}/").text


def test_a_correction_that_bars_is_no_correction(noticed):
    own = worst(noticed)
    with pytest.raises(correcting.Barred):
        correcting.correct(objected(noticed, own.application).pk, {"veto": "1"}, by=noticed.officer, **said())


def test_another_objection_dismissed_does_not_pass_by_the_second_list(noticed):
    own = worst(noticed)
    one, two = objected(noticed, own.application), objected(noticed, own.application)
    correcting.correct(one.pk, {"adopted": "900"}, by=noticed.officer, **said())
    objections.dismiss(two.pk, answer="已查阅原件，与申报一致，不予采纳。", by=noticed.officer, key=uuid4())
    assert Application.objects.get(pk=own.application_id).state == State.HELD


def test_two_corrections_of_one_item_are_one_line_against_the_list_before(noticed):
    own, first = worst(noticed), Notice.objects.get()
    listed = next(line for line in first.body["lines"] if line["application"] == own.application_id)
    one, two = objected(noticed, own.application), objected(noticed, own.application)
    correcting.correct(one.pk, {"adopted": "500"}, by=noticed.officer, **said())
    correcting.correct(two.pk, {"adopted": "900"}, by=noticed.officer, **said("再次核对，应为九百项，予以更正。"))
    (line,) = changes.listed_since(noticed.round)
    assert line["before"]["rank"] == listed["rank"]
    assert line["objections"] == [one.pk, two.pk]
    assert line["why"].startswith("再次核对")


def test_the_second_list_is_offered_repeated_published_and_read(noticed, as_user):
    own, first, officer = worst(noticed), Notice.objects.get(), as_user(noticed.officer)
    objection = objected(noticed, own.application)
    pk, again = noticed.round.pk, f"/rounds/{noticed.round.pk}/publish-again/"
    assert officer.get(again).status_code == 409
    correcting.correct(objection.pk, {"adopted": "900"}, by=noticed.officer, **said())

    assert again in officer.get("/workbench/").text
    assert "发布第二次名单" in officer.get(f"/rounds/{pk}/").text
    repeated = officer.get(again)
    assert own.application.unit.name in repeated.text
    assert "核对台账，确有出入" in repeated.text
    assert officer.post(again, {"key": str(uuid4())}).status_code == 302
    second = Notice.objects.get(edition=2)

    anyone = as_user(None)
    assert f"/notices/{second.pk}/" in anyone.get(f"/notices/{first.pk}/").text
    shown = anyone.get(f"/notices/{second.pk}/").text
    assert f"/notices/{first.pk}/" in shown
    assert "核对台账，确有出入" in shown
    choices = anyone.get(f"/objections/file/{second.pk}/").context["form"]["item"].field.choices
    assert [pk for pk, _name in choices] == [str(own.application_id)]


def test_only_what_changed_is_objected_to_on_the_second_list(noticed):
    own = worst(noticed)
    correcting.correct(objected(noticed, own.application).pk, {"adopted": "900"}, by=noticed.officer, **said())
    second = correcting.publish_again(noticed.round.pk, by=noticed.officer, key=uuid4())
    other = Result.objects.exclude(pk=own.pk).first()
    asked = {"text": "采纳项数与台账不符，请核对原件。", "name": "职工", "contact": "信箱", "by": None}
    for application in (other.application_id, None):
        with pytest.raises(objections.NotChanged):
            objections.file_objection(second.pk, application_pk=application, key=uuid4(), **asked)
    objections.file_objection(second.pk, application_pk=own.application_id, key=uuid4(), **asked)
    assert Application.objects.get(pk=own.application_id).state == State.HELD
