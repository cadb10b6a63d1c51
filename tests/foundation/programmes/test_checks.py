"""Checks: what is known is read in sets, each verdict is kept with its facts, and a rule that does not hold stops a move."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import yaml

from guildhall.foundation import clock
from guildhall.foundation.clock.models import SHANGHAI
from guildhall.foundation.errors import NoRight, OutOfStep
from guildhall.foundation.organisations import moves as organisations
from guildhall.foundation.organisations.models import Sanction
from guildhall.foundation.programmes.models import Application, Check, Entry, Round
from guildhall.foundation.programmes.moves import applications, checks, rounds
from guildhall.foundation.programmes.moves.checks import CheckFailed, ListUneven
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.states import State
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes import calling

CONDITIONS = [
    {"clause": "第四条", "holds": {"entry_active": "pilots"}},
    {"clause": "第五条", "holds": {"no_open_sanction": ["wages", "safety"]}},
    {
        "clause": "第六条",
        "holds": {"any": [{"field": "staff", "at_least": 50}, {"unit": "headcount", "at_least": 500}]},
    },
    {"clause": "第七条", "holds": {"entries": "pilots", "at_least": 1, "since": 2020}},
    {"clause": "第八条", "holds": {"not_conferred": "artisan", "years": 3}},
    {"clause": "第九条", "holds": {"not": {"entry_active": "order"}}},
]


def round_with(city, order, tmp_path, **setup):
    """A planned round of the tests' programme whose set-up says more."""
    source = order.programme(tmp_path).source
    file = yaml.safe_load(source)
    file["setup"] |= setup
    path = tmp_path / "ruled.yaml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    return rounds.plan_round(
        load_programme(path),
        year=clock.today().year,
        title="有条件的批次",
        dates=order.dates(),
        by=city.officer,
        key=uuid4(),
    )


def of_unit(of, unit):
    return Application.objects.select_related("round__programme", "unit").get(round=of, unit=unit)


def sanction(city, unit, **more):
    said = {"kind": "wages", "text": "欠薪 3 个月", "document": "包人社〔2024〕3号", "since": clock.today()} | more
    return organisations.put_sanction(unit.pk, **said, by=city.officer, key=uuid4())


@pytest.fixture
def ruled(city, order, tmp_path):
    """A round with rules, open, every unit's facts reported."""
    of = round_with(city, order, tmp_path, conditions=CONDITIONS)
    order.opened(city, of)
    return Round.objects.get(pk=of.pk)


def test_an_application_that_meets_every_rule_is_accepted_and_its_verdicts_kept(city, ruled):
    row = of_unit(ruled, city.unit)

    applications.accept(row.pk, by=city.officer, key=uuid4())

    check = Check.objects.get(application=row)
    assert (check.stage, check.sound) == ("checking", True)
    assert [one["clause"] for one in check.verdicts] == [one["clause"] for one in CONDITIONS]
    assert check.verdicts[0]["read"] == {"entry_active:pilots": True}
    assert check.verdicts[2]["read"] == {"field:staff": "100", "unit:headcount": 100}
    assert check.verdicts[3]["read"] == {"entries:pilots": [2024, 2024]}


def test_a_rule_that_does_not_hold_stops_the_acceptance_with_its_clause_and_sentence(city, ruled):
    row = of_unit(ruled, city.unit)
    sanction(city, city.unit)

    with pytest.raises(CheckFailed) as caught:
        applications.accept(row.pk, by=city.officer, key=uuid4())

    assert str(caught.value).startswith(f"{city.unit.name}不符合第五条：要求：没有未解除的欠薪、安全生产处罚或欠缴")
    assert "包人社〔2024〕3号" in str(caught.value)
    row.refresh_from_db()
    assert row.state == State.CHECKING
    assert not Check.objects.exists()


def test_a_sanction_lifted_lets_the_unit_through_from_that_day(city, ruled):
    row = of_unit(ruled, city.unit)
    put = sanction(city, city.unit)
    organisations.lift_sanction(put.pk, reason="包人社〔2024〕9号，已付清", by=city.officer, key=uuid4())

    assert applications.accept(row.pk, by=city.officer, key=uuid4()).state == State.REVIEWING
    with pytest.raises(OutOfStep):
        organisations.lift_sanction(put.pk, reason="再解除一次", by=city.officer, key=uuid4())


def test_a_sanction_stands_from_its_first_day_to_its_last(city):
    day = clock.today()
    put = sanction(city, city.unit, since=day, until=day + timedelta(days=3))
    standing = [
        Sanction.objects.standing(day + timedelta(days=n)).filter(pk=put.pk).exists() for n in (-1, 0, 3, 4)
    ]  # fmt: skip
    assert standing == [False, True, True, False]


def test_only_the_federation_puts_and_lifts_sanctions_and_the_chain_says_so(city):
    for who in (city.unit_officer, city.district, city.leader):
        with pytest.raises(NoRight):
            organisations.put_sanction(
                city.unit.pk, kind="wages", text="x", document="y", since=clock.today(), by=who, key=uuid4()
            )
    key = uuid4()
    said = {"kind": "dues", "text": "欠缴经费", "document": "包工经〔2024〕1号", "since": clock.today()}
    first = organisations.put_sanction(city.unit.pk, **said, by=city.officer, key=key)
    again = organisations.put_sanction(city.unit.pk, **said, by=city.officer, key=key)

    assert first.pk == again.pk
    assert Decision.objects.filter(act="unit.sanction", subject=f"unit:{city.unit.pk}").count() == 1


def test_the_units_page_shows_its_sanctions_and_lifts_them(city):
    put = sanction(city, city.unit)
    page = city.ask("GET", "organisations:unit", as_="unit_officer", args=(city.unit.pk,))
    lifted = city.ask("POST", "organisations:sanction_lift", as_="officer", args=(put.pk,), data={"reason": "已付清"})
    refused = city.ask(
        "POST", "organisations:sanction_lift", as_="unit_officer", args=(put.pk,), data={"reason": "已付清"}
    )
    after = city.ask("GET", "organisations:unit", as_="officer", args=(city.unit.pk,))

    assert "包人社〔2024〕3号" in page.text
    assert "未解除" in page.text
    assert (lifted.status_code, refused.status_code) == (302, 403)
    assert "已解除" in after.text


def test_accepting_all_takes_those_that_meet_the_rules_and_keeps_every_verdict(city, ruled):
    sanction(city, city.next_unit)

    accepted, left = applications.accept_all(ruled.pk, by=city.officer, key=uuid4())

    assert (accepted, left) == (11, 1)
    assert Check.objects.filter(sound=True).count() == 11
    assert Check.objects.get(sound=False).application.unit == city.next_unit


def test_a_programme_names_its_units_no_more_within_the_years(city, order, tmp_path, ruled):
    row = of_unit(ruled, city.unit)
    known = checks.known_of(ruled, [row])[row.pk]
    assert known.conferred == {"artisan": []}

    file = yaml.safe_load(order.programme(tmp_path).source) | {"programme": "artisan"}
    path = tmp_path / "artisan.yaml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    other = rounds.plan_round(
        load_programme(path),
        year=clock.today().year - 2,
        title="前年的",
        dates=order.dates(),
        by=city.officer,
        key=uuid4(),
    )
    named = Application.objects.create(round=other, unit=city.unit, union=city.unit.union, state=State.CONFERRED)
    Entry.objects.create(
        application=named, programme=other.programme, unit=city.unit, year=other.year, conferred_at=clock.now()
    )

    assert checks.known_of(ruled, [row])[row.pk].conferred == {"artisan": [other.year]}
    with pytest.raises(CheckFailed, match="第八条"):
        applications.accept(row.pk, by=city.officer, key=uuid4())


def test_many_are_checked_in_as_many_queries_as_one(city, ruled, django_assert_num_queries):
    rows = list(ruled.applications.select_related("unit"))
    with django_assert_num_queries(5) as one:
        checks.checked(ruled, rows[:1], checks.CHECKING)
    with django_assert_num_queries(len(one)):
        assert len(checks.checked(ruled, rows, checks.CHECKING)) == 12


def test_the_page_tells_officer_and_applicant_what_is_not_met(city, ruled):
    row = of_unit(ruled, city.unit)
    sanction(city, city.unit)

    for who in ("officer", "unit_officer"):
        text = city.ask("GET", "rounds:application", as_=who, args=(row.pk,)).text
        assert "资格条件" in text
        assert "第五条" in text
        assert "要先解除" in text


def test_the_rules_are_held_once_more_before_the_decision(city, order, tmp_path):
    of = round_with(city, order, tmp_path, conditions=CONDITIONS)
    order.proposed(city, of)
    put = sanction(city, city.unit)

    with pytest.raises(CheckFailed, match="第五条"):
        rounds.decide(of.pk, by=order.fresh(city.leader), key=uuid4())
    assert not Check.objects.filter(stage="decided").exists()
    organisations.lift_sanction(put.pk, reason="已付清", by=city.officer, key=uuid4())
    rounds.decide(of.pk, by=order.fresh(city.leader), key=uuid4())

    assert Check.objects.filter(stage="decided", sound=True).count() == 12


def test_a_programme_without_rules_leaves_no_checks(city, order, of):
    order.decided(city, of)
    assert not Check.objects.exists()


UNEVEN = [{"clause": "第十条", "of": {"unit": "ownership", "one_of": ["private"]}, "at_least": 60}]


def test_a_list_that_breaks_a_rule_is_decided_with_the_leaders_reason_alone(city, order, tmp_path):
    of = round_with(city, order, tmp_path, composition=UNEVEN)
    order.proposed(city, of)
    leader = order.fresh(city.leader)

    with pytest.raises(ListUneven, match=r"第十条.*12 家里有 6 家（50%），还差 2 家"):
        rounds.decide(of.pk, by=leader, key=uuid4())
    shown = city.ask("GET", "rounds:decide", as_="leader", args=(of.pk,))
    refused = city.ask("POST", "rounds:decide", as_="leader", args=(of.pk,))
    decided = city.ask(
        "POST", "rounds:decide", as_="leader", args=(of.pk,), data={"override": "今年民营企业申报少，名单不变"}
    )

    assert "还差 2 家" in shown.text
    assert refused.status_code == 422
    assert decided.status_code == 302
    kept = Decision.objects.filter(act="decide", stream__name=of.stream).get().body
    assert kept["override"] == "今年民营企业申报少，名单不变"
    assert kept["composition"][0]["short"] == 2


def test_what_is_submitted_is_checked_and_the_applicant_reads_what_is_missing(city, tmp_path, forward):
    forward(datetime(2024, 9, 2, 9, tzinfo=SHANGHAI))
    rule = {"clause": "第三条", "holds": {"field": "staff", "at_least": 500}}
    of = calling.called(city, tmp_path, conditions=[rule])
    sent = calling.submitted(of, city.unit, city.unit_officer)
    check = Check.objects.get(application=sent)
    page = city.ask("GET", "rounds:application", as_="unit_officer", args=(sent.pk,))

    assert (check.stage, check.sound) == ("submitted", False)
    assert check.verdicts[0]["read"] == {"field:staff": "120"}
    assert "还差 380" in page.text
