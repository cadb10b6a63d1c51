"""A round set up, opened, decided, released: by moves and pages; every refusal leaves nothing half-written."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.moves import rounds
from guildhall.foundation.programmes.moves.rounds import NotExtended, NotProposed, RoundExists, StillChecking
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.records.models import Decision


def fields(city, of, step, **changes):
    """What the step's page would send, with changes."""
    form = city.ask("GET", "rounds:setup", as_="officer", args=(of.pk, step)).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else value for name, value in sent.items()}
    return {name: value for name, value in (sent | changes).items() if value not in (None, False)}


def save(city, of, step, **changes):
    return city.ask("POST", "rounds:setup", as_="officer", args=(of.pk, step), data=fields(city, of, step, **changes))


@pytest.mark.parametrize("step", ["dates", "indicators", "scores", "tiers", "notice"])
def test_a_step_saved_as_it_stands_changes_nothing(city, of, step):
    before = of.rules

    response = save(city, of, step)

    assert response.status_code == 302
    assert Round.objects.get(pk=of.pk).rules == before


WRONG = [
    ("indicators", {"points_leadership": "6"}, "points_new_forms", "全部指标的分值合计是 101"),
    ("scores", {"computed": "41"}, "peers", "三项得分的权重合计是 101%"),
    ("scores", {"peers": "0"}, "peers", "大于或等于1"),
    ("tiers", {"seats_2": "300"}, "fund", "差 560,000 元"),
    ("tiers", {"seats_0": "1", "seats_1": "1", "seats_2": "11"}, "seats_2", "各档名额合计 13 个，参加的单位只有 12 家"),
    ("tiers", {"sum_1": "20000"}, "sum_1", "标准要低于上一档"),
    ("tiers", {"sum_1": ""}, "sum_1", "这里也要填"),
    ("notice", {"days": "0"}, "days", "大于或等于1"),
]


@pytest.mark.parametrize(("step", "changes", "field", "said"), WRONG)
def test_a_wrong_step_is_refused_beside_its_field_and_writes_nothing(city, of, order, step, changes, field, said):
    with order.eligible(city.units):
        before, entries = Round.objects.get(pk=of.pk).setup, Decision.objects.count()

        response = save(city, of, step, **changes)

    assert response.status_code == 422
    assert said in " ".join(response.context["form"].errors[field])
    assert Round.objects.get(pk=of.pk).setup == before
    assert Decision.objects.count() == entries
    for name, value in changes.items():
        assert response.context["form"][name].value() == value


def test_dates_that_cross_are_refused_beside_the_later_one(city, of):
    early = (of.opens_on - timedelta(days=1)).isoformat()

    response = save(city, of, "dates", closes_on=early)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["closes_on"]
    assert Round.objects.get(pk=of.pk).closes_on == of.closes_on


def test_a_notice_in_a_year_without_working_days_is_refused(city, of):
    far = {"notice_on": "2099-03-02"}

    response = save(city, of, "dates", **far)

    assert response.status_code == 422
    assert "2099 年的工作日表还没有录入" in response.context["form"].errors["notice_on"][0]


def test_points_change_their_area_and_the_bands_keep_their_shares(city, of):
    response = save(city, of, "indicators", points_coverage="6", points_studios="9", label_studios="工作室成效")

    area = next(one for one in Round.objects.get(pk=of.pk).rules.indicators if one.key == "merit")
    assert response.status_code == 302
    assert area.points == 25
    assert [str(band.points) for band in area.of[0].measure.bands] == ["6.00", "3.75", "1.50", "0.00"]
    assert (area.of[1].label.zh, area.of[1].label.en) == ("工作室成效", "工作室成效")


def test_a_second_round_of_the_year_is_refused(city, of, order):
    with pytest.raises(RoundExists):
        rounds.plan_round(of.programme, year=of.year, title="又一个", dates=order.dates(), by=city.officer, key=uuid4())

    assert Round.objects.count() == 1


def test_planning_by_the_page_leads_to_the_setup(city, order, tmp_path):
    order.programme(tmp_path)
    form = city.ask("GET", "rounds:plan", as_="officer").context["form"]
    chosen = next(pk for pk, label in form.fields["programme"].choices)
    sent = {
        name: f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else value for name, value in order.dates().items()
    }

    response = city.ask(
        "POST", "rounds:plan", as_="officer", data={"programme": str(chosen), "year": "2026", "title": "新", **sent}
    )

    assert response.status_code == 302
    assert response["Location"].endswith("/setup/indicators/")


def test_the_same_submission_twice_opens_once(city, of, order):
    key = uuid4()
    with order.eligible(city.units):
        first = city.ask("POST", "rounds:open", as_="officer", args=(of.pk,), data={"key": str(key)})
        again = city.ask("POST", "rounds:open", as_="officer", args=(of.pk,), data={"key": str(key)})

    assert (first.status_code, again.status_code) == (302, 302)
    assert Application.objects.count() == 12
    assert Decision.objects.filter(act="open").count() == 1


def test_a_round_without_units_or_off_its_sums_does_not_open(city, of, order):
    with order.eligible([]):
        nobody = city.ask("POST", "rounds:open", as_="officer", args=(of.pk,))
    with order.eligible(city.units[:5]):
        seats = city.ask("POST", "rounds:open", as_="officer", args=(of.pk,))
        page = city.ask("GET", "rounds:check", as_="officer", args=(of.pk,))

    assert (nobody.status_code, seats.status_code) == (422, 422)
    assert "各档名额合计 6 个，参加的单位只有 5 家" in page.text
    assert Round.objects.get(pk=of.pk).state == RoundState.PLANNED
    assert not Application.objects.exists()


def test_a_round_whose_notice_has_no_table_does_not_open(city, of):
    Round.objects.filter(pk=of.pk).update(notice_on=date(2099, 3, 2))

    with pytest.raises(YearWithoutTable):
        rounds.open_round(of.pk, city.units, by=city.officer, key=uuid4())

    assert not Application.objects.exists()


def test_opening_tells_every_units_officer(city, of, order):
    order.opened(city, of)

    told = Message.objects.filter(template="programmes.opened").values_list("to", flat=True)
    assert sorted(told) == sorted(user.pk for user in city.unit_officers)


def test_the_review_waits_for_every_check(city, of, order):
    order.opened(city, of)
    rounds.close_round(of.pk, by=city.officer, key=uuid4())

    with pytest.raises(StillChecking):
        rounds.start_review(of.pk, by=city.officer, key=uuid4())

    assert Round.objects.get(pk=of.pk).state == RoundState.CLOSED


def test_an_extension_is_later_for_all_and_told(city, of, order):
    order.reviewing(city, of)
    later = of.scoring_closes_at + timedelta(days=2)

    with pytest.raises(NotExtended):
        rounds.extend_scoring(of.pk, of.scoring_closes_at, reason="测试理由写足", by=city.officer, key=uuid4())
    rounds.extend_scoring(of.pk, later, reason="两家单位系统停电", by=city.officer, key=uuid4())

    assert Round.objects.get(pk=of.pk).scoring_closes_at == later
    assert of.extensions.get().reason == "两家单位系统停电"
    told = set(Message.objects.filter(template="programmes.extended").values_list("to", flat=True))
    assert {user.pk for user in city.assessors} <= told


def test_the_leader_decides_what_was_proposed_and_nothing_else(city, of, order):
    order.reviewing(city, of)
    leader = order.fresh(city.leader)

    with pytest.raises(NotProposed):
        rounds.decide(of.pk, by=leader, key=uuid4())
    with pytest.raises(NoRight):
        rounds.decide(of.pk, by=order.fresh(city.officer), key=uuid4())
    rounds.propose_result(of.pk, by=city.officer, key=uuid4())
    back = rounds.send_back(of.pk, reason="第三档名额再核一遍", by=leader, key=uuid4())
    with pytest.raises(NotProposed):
        rounds.decide(of.pk, by=leader, key=uuid4())

    assert back.proposed_at is None
    assert set(of.applications.values_list("state", flat=True)) == {State.REVIEWING}


def test_deciding_and_releasing_by_the_pages(city, of, order):
    order.proposed(city, of)

    shown = city.ask("GET", "rounds:decide", as_="leader", args=(of.pk,))
    decided = city.ask("POST", "rounds:decide", as_="leader", args=(of.pk,))
    repeated = city.ask("GET", "rounds:release", as_="officer", args=(of.pk,))
    released = city.ask("POST", "rounds:release", as_="officer", args=(of.pk,))

    assert "柒万元整" in shown.text
    assert "柒万元整" in repeated.text
    assert (decided.status_code, released.status_code) == (302, 302)
    assert Round.objects.get(pk=of.pk).released


def test_sending_back_without_a_reason_is_refused_on_its_page(city, of, order):
    order.proposed(city, of)

    response = city.ask("POST", "rounds:send_back", as_="leader", args=(of.pk,), data={"reason": ""})

    assert response.status_code == 422
    assert Round.objects.get(pk=of.pk).proposed_at is not None


def test_two_leaders_at_once_decide_once(city, of, order):
    order.proposed(city, of)
    rounds.decide(of.pk, by=order.fresh(city.leader), key=uuid4())

    with pytest.raises(OutOfStep):
        rounds.decide(of.pk, by=order.fresh(city.stand_in), key=uuid4())


def test_the_leader_cancels_and_nothing_moves_any_more(city, of, order):
    order.opened(city, of)
    response = city.ask("POST", "rounds:cancel", as_="leader", args=(of.pk,), data={"reason": "政策调整，今年不办"})
    row = of.applications.first()

    refused = city.ask("POST", "rounds:accept", as_="officer", args=(row.pk,))

    assert (response.status_code, refused.status_code) == (302, 409)
    assert set(of.applications.values_list("state", flat=True)) == {State.CHECKING}
    assert Message.objects.filter(template="programmes.cancelled", to=city.unit_officer).exists()


def test_the_clock_closes_a_round_at_the_end_of_its_day(city, of, order):
    order.opened(city, of)

    assert rounds.close_due_rounds() == 0
    Round.objects.filter(pk=of.pk).update(
        closes_on=clock.today() - timedelta(days=1), opens_on=clock.today() - timedelta(days=1)
    )
    assert rounds.close_due_rounds() == 1
    assert rounds.close_due_rounds() == 0
    assert Decision.objects.get(act="close").actor is None


POSTS = ["open", "close", "review", "propose", "release", "publish", "accept_all", "facts_commit"]


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_round_is_not_there(city, of, order, name):
    entries = Decision.objects.count()

    assert city.ask("POST", f"rounds:{name}", as_="officer", args=(of.pk + 999,)).status_code in (404, 422)
    assert city.ask("POST", f"rounds:{name}", as_="unit_officer", args=(of.pk,)).status_code in (403, 404, 422)
    assert Decision.objects.count() == entries


def test_a_planned_round_is_seen_by_those_who_run_it_alone(city, of):
    for who in ("leader", "auditor", "finance", "district", "unit_officer", "assessor", "expert"):
        assert city.ask("GET", "rounds:page", as_=who, args=(of.pk,)).status_code == 404, who
        with pytest.raises(NotHere):
            Round.objects.visible_to(city.who(who)).pick(of.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_plan_the_same_year_plan_once(city, of, order, beside):
    later = {"year": of.year + 1, "title": "明年批次", "dates": order.dates()}
    with transaction.atomic():
        rounds.plan_round(of.programme, **later, by=order.fresh(city.officer), key=uuid4())
        other = beside(rounds.plan_round, of.programme, **later, by=order.fresh(city.second_officer), key=uuid4())
        other.until_blocked()
    with pytest.raises(RoundExists):
        other.result()


def test_other_settings_under_a_used_key_are_refused_and_not_lost_in_silence(city, of, order):
    said = {"dates": order.dates(), "setup": of.rules, "by": city.officer, "key": uuid4()}
    rounds.amend_round(of.pk, title="测试批次", **said)
    rounds.amend_round(of.pk, title="测试批次", **said)
    with pytest.raises(KeyReused):
        rounds.amend_round(of.pk, title="改过的名称", **said)


def test_scoring_that_closes_as_it_opens_is_refused_beside_its_end(city, of):
    response = save(city, of, "dates", scoring_closes_at=f"{timezone.localtime(of.scoring_opens_at):%Y-%m-%dT%H:%M}")

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["scoring_closes_at"]


def test_a_plan_that_is_refused_keeps_what_was_filled_in(city, of, order):
    again = {"programme": str(of.programme_id), "year": str(of.year), "title": "又一个批次"}
    again |= {
        name: f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else str(value)
        for name, value in order.dates().items()
    }

    response = city.ask("POST", "rounds:plan", as_="officer", data=again)

    assert response.status_code == 422
    assert "已经有一个批次" in response.text
    assert "又一个批次" in response.text


def test_a_later_end_that_is_refused_keeps_its_reason(city, of, order):
    order.opened(city, of)
    data = {"until": "2024-01-01T09:00", "reason": "三家互评人临时更换，顺延两天"}

    response = city.ask("POST", "rounds:extend", as_="officer", args=(of.pk,), data=data)

    assert response.status_code == 422
    assert data["reason"] in response.text
