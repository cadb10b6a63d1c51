"""The register of pilots: its moves, its rules, its pages."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction

from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.organisations import moves as organisations
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.records.models import Decision
from guildhall.reform.pilots import moves
from guildhall.reform.pilots.models import Designation
from guildhall.reform.pilots.rules import AlreadyPilot, NeedsReason, TermCrosses, ThemeMismatch, UnitGone
from tests.city import SINCE

LAST = date(2099, 12, 31)


def designate(city, unit=None, by=None, key=None, **facts):
    whole = {"kind": "comprehensive", "level": "district", "batch": 1, "starts": SINCE, "ends": LAST, **facts}
    with transaction.atomic():
        return moves.designate((unit or city.next_unit).pk, **whole, by=by or city.officer, key=key or uuid4())


def test_a_unit_with_two_designations_is_one_pilot(city):
    assert Designation.objects.count() == 13
    assert Designation.objects.eligible(date(2024, 6, 1)).count() == 12
    assert Designation.objects.eligible(date(2023, 12, 31)).count() == 0


def test_each_act_is_in_the_registers_chain(city):
    entry = designate(city)
    moves.extend(entry.pk, ends=date(2100, 1, 31), note="市总字 9", by=city.officer, key=uuid4())
    moves.withdraw(entry.pk, note="材料不实", by=city.officer, key=uuid4())
    acts = Decision.objects.filter(stream__name="register:pilots").order_by("-number").values_list("act", flat=True)
    assert list(acts[:3]) == ["pilot.withdraw", "pilot.extend", "pilot.designate"]


def test_the_same_submission_twice_is_one(city):
    key = uuid4()
    assert designate(city, key=key) == designate(city, key=key)
    with pytest.raises(KeyReused):
        designate(city, unit=city.units[6], key=key)
    assert Designation.objects.count() == 14


@pytest.mark.parametrize(("facts", "refusal"), [
    ({"level": "municipal"}, AlreadyPilot), ({"kind": "project"}, ThemeMismatch), ({"theme": "skills"}, ThemeMismatch),
    ({"ends": SINCE}, TermCrosses),
])  # fmt: skip
def test_what_cannot_be_designated(city, facts, refusal):
    with pytest.raises(refusal):
        designate(city, **facts)
    assert Designation.objects.count() == 13


def test_a_merged_or_closed_unit_is_no_pilot(city):
    organisations.close_unit(city.next_unit.pk, reason="注销", by=city.officer, key=uuid4())
    with pytest.raises(UnitGone):
        designate(city)
    assert city.next_unit not in Designation.objects.eligible()


def test_who_left_is_eligible_no_more_and_may_be_designated_again(city):
    entry = city.pilots[-1]
    for move in (moves.end, moves.withdraw):
        with pytest.raises(NeedsReason), transaction.atomic():
            move(entry.pk, note=" ", by=city.officer, key=uuid4())
    moves.end(entry.pk, note="期满", by=city.officer, key=uuid4())
    assert entry.unit not in Designation.objects.eligible()
    for move, more in ((moves.end, {}), (moves.withdraw, {}), (moves.extend, {"ends": date(2100, 2, 1)})):
        with pytest.raises(OutOfStep), transaction.atomic():
            move(entry.pk, **more, note="文", by=city.officer, key=uuid4())
    designate(city, unit=entry.unit, level="municipal")
    assert entry.unit in Designation.objects.eligible()


def test_an_extension_is_longer(city):
    with pytest.raises(TermCrosses):
        moves.extend(city.pilots[0].pk, ends=SINCE, note="文", by=city.officer, key=uuid4())


@pytest.mark.parametrize(
    "who", ["leader", "auditor", "district", "next_district", "unit_officer", "assessor", "expert"]
)
def test_nobody_else_keeps_the_register(city, who):
    sees = Unit.objects.visible_to(city.who(who)).filter(pk=city.unit.pk).exists()
    refusal = NoRight if sees else NotHere
    with pytest.raises(refusal):
        designate(city, unit=city.unit, by=city.who(who))
    with pytest.raises(refusal), transaction.atomic():
        moves.withdraw(city.pilots[0].pk, note="文", by=city.who(who), key=uuid4())
    for name, args in (
        ("withdraw", (city.pilots[0].pk,)),
        ("extend", (city.pilots[0].pk,)),
        ("end", (city.pilots[0].pk,)),
    ):
        for verb in ("GET", "POST"):
            assert city.ask(verb, f"pilots:{name}", as_=who, args=args).status_code == (403 if sees else 404)
    assert city.ask("GET", "pilots:new", as_=who).status_code == 403


def ask(city, who="officer", **data):
    return city.ask("GET", "pilots:pilots", as_=who, data=data).content.decode()


def test_the_list_says_the_register_in_a_sentence_and_filters(city):
    page = ask(city)
    assert "共 12 家。市级 12 家，旗县区级 1 家，其中 1 家兼有。" in page
    assert "市级、旗县区级" in page
    assert "找到 1 家" in ask(city, level="district")
    assert "找到 4 家" in ask(city, batch=1)
    assert "找到 4 家" in ask(city, theme="skills")
    assert "找到 5 家" not in ask(city, level="nonsense")


def test_a_district_sees_its_own(city):
    assert city.secret in ask(city, "district")
    assert city.secret not in ask(city, "next_district")
    assert "共 5 家" in ask(city, "next_district")
    assert city.ask("GET", "pilots:pilot", as_="next_district", args=(city.unit.pk,)).status_code == 404
    assert city.secret not in city.ask("GET", "pilots:coverage", as_="next_district").content.decode()


def test_coverage_names_the_gaps(city):
    for entry in city.pilots:
        if entry.unit.ownership == "central":
            moves.withdraw(entry.pk, note="文", by=city.officer, key=uuid4())
    page = city.ask("GET", "pilots:coverage", as_="officer").content.decode()
    assert "昆都仑区 中央驻包" in page
    assert "0 / 1" in page


def test_an_officer_keeps_the_register_on_its_pages(city):
    data = {"unit": city.next_unit.code, "level": "district", "kind": "project", "theme": "merit", "batch": 2,
            "starts": "2024-01-01", "ends": "2025-12-31"}  # fmt: skip
    page = city.ask("POST", "pilots:new", as_="officer", data=data, follow=True).content.decode()
    assert "建功立业" in page
    entry = Designation.objects.get(unit=city.next_unit, level="district")
    city.ask("POST", "pilots:extend", as_="officer", args=(entry.pk,), data={"ends": "2026-12-31", "note": "市总字 9"})
    entry.refresh_from_db()
    assert entry.ends == date(2026, 12, 31)
    wrong = city.ask(
        "POST", "pilots:extend", as_="officer", args=(entry.pk,), data={"ends": "2020-01-01", "note": "文"}
    )
    assert wrong.status_code == 422
    city.ask("POST", "pilots:withdraw", as_="officer", args=(entry.pk,), data={"note": "材料不实"})
    page = city.ask("GET", "pilots:pilot", as_="officer", args=(city.next_unit.pk,)).content.decode()
    assert "已撤销" in page
    assert "材料不实" in page
    assert "试点" in city.ask("GET", "organisations:unit", as_="officer", args=(city.next_unit.pk,)).content.decode()
