"""Before its release a decision shows in no word, count, order, time or file to anyone but those who make it.

Each test reads the same page before and after the decision and holds the two against one another: they are equal.
"""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from guildhall.foundation.programmes.moves import rounds
from guildhall.foundation.programmes.views import timeline, workbench
from tests.foundation.programmes import rounding

OUTSIDE = ["unit_officer", "next_unit_officer", "district", "next_district", "industry_officer", "finance", "auditor"]
TOKENS = re.compile(r'(name="csrfmiddlewaretoken" value|name="key" value|x-csrftoken[^"]*)"?[=:] ?"[^"]*"|[0-9A-F]{6}')


def words(response) -> str:
    """The page without what is drawn anew each time."""
    return TOKENS.sub("", response.text)


def read(city, of, who) -> dict[str, str]:
    """Every page of the round that the person may open, as text."""
    pages = {
        name: words(city.ask("GET", f"rounds:{name}", as_=who, args=(of.pk,)))
        for name in ("page", "records", "notice", "applications")
    }
    pages["index"] = words(city.ask("GET", "rounds:index", as_=who))
    for query in ("state=proposed", "state=reviewing", "sort=state", "sort=-state"):
        pages[query] = words(
            city.ask("GET", "rounds:applications", as_=who, args=(of.pk,), data=dict([query.split("=")]))
        )
    pages["decided"] = words(city.ask("GET", "rounds:index", as_=who, data={"state": "decided"}))
    pages["workbench"] = words(city.ask("GET", "web:workbench", as_=who))
    return pages


@pytest.mark.parametrize("who", OUTSIDE)
def test_nothing_outside_tells_a_proposal_or_a_decision(city, of, order, who):
    order.reviewing(city, of)
    before = read(city, of, who)

    rounds.propose_result(of.pk, by=city.officer, key=rounding.uuid4())
    proposed = read(city, of, who)
    rounds.decide(of.pk, by=order.fresh(city.leader), key=rounding.uuid4())
    decided = read(city, of, who)

    assert proposed == before
    assert decided == before


def test_one_application_reads_the_same_too(city, of, order):
    order.proposed(city, of)
    row = of.applications.get(unit=city.unit)
    who = ["unit_officer", "district", "finance", "auditor"]
    before = {one: words(city.ask("GET", "rounds:application", as_=one, args=(row.pk,))) for one in who}

    rounds.decide(of.pk, by=order.fresh(city.leader), key=rounding.uuid4())

    after = {one: words(city.ask("GET", "rounds:application", as_=one, args=(row.pk,))) for one in who}
    assert after == before
    assert "量化得分" not in after["unit_officer"]


def test_the_export_tells_no_more_than_the_page(city, of, order):
    order.decided(city, of)

    for who, word in (("district", "评审中"), ("auditor", "评审中"), ("officer", "拟命名")):
        response = city.ask("GET", "rounds:applications", as_=who, args=(of.pk,), data={"export": "xlsx"})
        sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).worksheets[1]
        said = {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}
        assert said == {word}, who


def test_the_leader_learns_of_it_when_asked(city, of, order):
    order.reviewing(city, of)
    leader = order.fresh(city.leader)

    assert not of.inside(leader)
    assert list(workbench.waiting(leader)) == []
    rounds.propose_result(of.pk, by=city.officer, key=rounding.uuid4())
    of.refresh_from_db()
    assert of.inside(leader)
    assert [todo.button for todo in workbench.waiting(leader)] == ["审定结果"]


def test_after_the_release_the_line_says_who_decided(city, of, order):
    order.released(city, of)
    row = of.applications.get(unit=city.unit)

    row.round.refresh_from_db()
    assert "审定" in {entry["what"] for entry in timeline.of_application(row, city.unit_officer)}
    assert row.told_as(city.unit_officer) == "结果已公布，待公示"


def test_assessors_and_experts_see_no_round_here(city, of, order):
    order.published(city, of)

    for who in ("assessor", "deputy", "expert"):
        assert city.ask("GET", "rounds:page", as_=who, args=(of.pk,)).status_code == 404
        assert "测试批次" not in city.ask("GET", "rounds:index", as_=who).text
