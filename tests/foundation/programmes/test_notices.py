"""The public notice: its days, its page, its code, its end."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from guildhall.foundation import clock
from guildhall.foundation.programmes.models import Notice, Round
from guildhall.foundation.programmes.moves import notices
from guildhall.foundation.programmes.rules import counted_days
from guildhall.foundation.programmes.schema import Period
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.screens import public


def test_a_notice_runs_across_the_national_day(db):
    """《国务院办公厅关于2024年部分节假日安排的通知》: 1–7 October off; 29 September and 12 October work."""
    days = counted_days(date(2024, 9, 29), Period(days=5))
    calendar = counted_days(date(2024, 9, 29), Period(days=5, count="calendar", count_first=True))

    assert [day.isoformat() for day in days] == ["2024-09-30", "2024-10-08", "2024-10-09", "2024-10-10", "2024-10-11"]
    assert (calendar[0], calendar[-1]) == (date(2024, 9, 29), date(2024, 10, 3))


def test_the_page_before_publishing_shows_the_days_and_the_act_publishes(city, of, order):
    order.released(city, of)

    before = city.ask("GET", "rounds:publish", as_="officer", args=(of.pk,))
    response = city.ask("POST", "rounds:publish", as_="officer", args=(of.pk,))

    notice = Notice.objects.get()
    assert [day.isoformat() for day in before.context["days"]] == notice.days
    assert response.status_code == 302
    assert set(of.applications.values_list("state", flat=True)) == {State.IN_NOTICE}


def test_anyone_reads_the_notice_and_checks_its_code(city, of, order):
    notice = order.published(city, of)

    page = city.ask("GET", "notices:page", as_="visitor", args=(notice.pk,))
    code = notice.check_code.lower().replace("-", " ")
    known = city.ask("GET", "web:check", as_="visitor", data={"code": code})
    unknown = city.ask("GET", "web:check", as_="visitor", data={"code": "AAAA-BBBB"})

    assert page.status_code == 200
    assert notice.check_code in page.text
    assert notice.title in known.text
    assert notice.title not in unknown.text
    assert [one.number for one in public.open_notices()] == [notice.number]
    assert notice.title in city.ask("GET", "notices:index", as_="visitor").text


def test_a_unit_is_found_by_name_and_by_tier(city, of, order):
    notice = order.published(city, of)
    url = f"/notices/{notice.pk}/"
    client = city.client("visitor")

    named, tier = client.get(url, {"q": "云鹿"}), client.get(url, {"tier": "1"})

    assert [line["unit"] for line in named.context["lines"]] == [city.unit.name]
    assert {line["label"] for line in tier.context["lines"]} == {"二档"}
    assert (
        "<script" not in client.get(url, {"q": "<script>alert(1)"}).context["term"]
        or b"<script>alert" not in client.get(url, {"q": "<script>alert(1)"}).content
    )


def test_the_list_as_a_workbook_adds_up(city, of, order):
    notice = order.published(city, of)

    response = city.ask("GET", "notices:workbook", as_="visitor", args=(notice.pk,))

    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(min_row=3, values_only=True))
    assert sum(row[4] for row in rows) * 100 == notice.body["sum_fen"]
    assert len(rows) == 12


def test_the_end_confers_what_nobody_holds_and_finishes(city, of, order, forward):
    notice = order.published(city, of)

    assert notices.end_due_notices() == 0
    forward(notice.ends_at + timedelta(minutes=1))
    assert notices.end_due_notices() == 12
    assert notices.end_due_notices() == 0

    done = Round.objects.get(pk=of.pk)
    assert done.state == RoundState.FINISHED
    assert sorted(order.CONFERRED) == sorted(of.applications.values_list("pk", flat=True))


def test_a_conferral_that_fails_leaves_all_in_notice(city, of, order, monkeypatch, forward):
    notice = order.published(city, of)
    forward(notice.ends_at + timedelta(minutes=1))
    registry = notices.CONFER

    def broken(application):
        raise RuntimeError("no register")

    monkeypatch.setitem(registry, order.CONFER, broken)
    with pytest.raises(RuntimeError):
        notices.end_due_notices()

    assert set(of.applications.values_list("state", flat=True)) == {State.IN_NOTICE}
    assert Round.objects.get(pk=of.pk).state == RoundState.IN_NOTICE


def test_numbers_follow_one_another(city, of, order):
    notice = order.published(city, of)

    assert notice.number == f"{clock.today().year}-公示-001"
    assert notice.published_at.astimezone(UTC) <= datetime.now(tz=UTC)
