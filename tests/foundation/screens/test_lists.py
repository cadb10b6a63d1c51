"""The list framework: selection by the query string, one count of queries, workbooks that cannot run formulas."""

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from guildhall.foundation.clock.models import CalendarDay
from guildhall.foundation.screens import lists
from guildhall.foundation.screens.lists.listing import Listing

pytestmark = pytest.mark.django_db


class Days(lists.ListPage):
    """Days stand in for any model: the framework knows none."""

    title = "日子"
    noun = "天"
    search = ("source",)
    order = "day"
    filters = (lists.Choice(key="works", label="上班", options=[("True", "上班"), ("False", "休息")]),)
    columns = (
        lists.Column(key="source", label="依据", sort="source", link=lambda row: f"/days/{row.pk}/"),
        lists.Column(key="day", label="日期", kind=lists.Kind.DAY, sort="day"),
        lists.Column(key="works", label="上班", value=lambda row: "是" if row.works else "否", folds_with="works"),
        lists.Column(key="fen", label="奖补", kind=lists.Kind.YUAN, value=lambda row: row.day.day * 10_000),
        lists.Column(key="number", label="第几天", value="day.day", kind=lists.Kind.NUMBER, hidden=True),
    )


@pytest.fixture(autouse=True)
def in_chinese():
    with override("zh-hans"):
        yield


@pytest.fixture
def days():
    """Sixty days of a year that no other test's table reaches."""
    first = date(2091, 1, 1)
    rows = [
        CalendarDay(day=first + timedelta(days=n), works=n % 7 < 5, source=f"=HYPERLINK({n})" if n % 2 else f"甲 {n}")
        for n in range(60)
    ]
    CalendarDay.objects.bulk_create(rows)
    return CalendarDay.objects.filter(day__year=2091)


def asked(text: str) -> "object":
    request = RequestFactory().get(f"/days/?{text}")
    request.user = SimpleNamespace(is_authenticated=True, offices=[], __str__=lambda self: "苏云岚")
    request.session = SessionStore()
    return request


def listing(days, text: str = "", shown=None) -> Listing:
    return Listing(Days, days, QueryDict(text), shown)


def test_search_filters_and_sort_narrow_the_selection(days):
    assert listing(days).count == 60
    assert listing(days, "works=False").count == 16
    assert listing(days, "works=nonsense").count == 60
    assert listing(days, "q=甲&works=True").count == days.filter(works=True, source__contains="甲").count()
    assert listing(days, "sort=-day").slice[0].day == date(2091, 3, 1)
    assert listing(days, "sort=no-such-column").slice[0].day == date(2091, 1, 1)


def test_pages_are_bounded(days):
    last = listing(days, "size=25&page=99")

    assert (last.number, len(last.slice), last.pages) == (3, 10, 3)
    assert listing(days, "size=7000").size == 50
    assert listing(days, "page=-1").number == 1


def test_a_column_made_equal_by_a_filter_folds_away(days):
    narrowed = listing(days, "works=True")

    assert [column.key for column in narrowed.columns] == ["source", "day", "fen"]
    assert [column.key for column in narrowed.folded] == ["works"]


def test_the_page_shows_rows_and_says_what_it_exports(days):
    page = lists.page(asked("works=True"), Days, days).content.decode()

    assert "找到 44 天" in page
    assert "导出这 44 天" in page
    assert 'aria-label="去掉条件 上班：上班"' in page
    assert page.count('<th scope="row">') == 44
    assert re.search(r'<th scope="col"[^>]*aria-sort="ascending"', page)


@pytest.mark.parametrize("number", [3, 60])
def test_the_count_of_queries_does_not_grow(days, django_assert_num_queries, number):
    CalendarDay.objects.filter(day__gte=date(2091, 1, 1) + timedelta(days=number), day__year=2091).delete()

    with django_assert_num_queries(2):
        lists.page(asked(""), Days, days)


def test_nothing_found_says_why_and_nothing_there_says_the_next_step(days):
    assert "没有符合这些条件的" in lists.page(asked("q=无"), Days, days).content.decode()
    assert "还没有记录。" in lists.page(asked(""), Days, days.none()).content.decode()


def test_htmx_swaps_the_region_and_tells_readers(days):
    request = asked("works=False")
    request.htmx = SimpleNamespace(target="gh-list")
    response = lists.page(request, Days, days)

    assert response.content.decode().strip().startswith('<div class="gh-region" id="gh-list">')
    assert 'hx-swap-oob="innerHTML">找到 16 天' in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_columns_are_chosen_and_kept(days):
    request = asked("columns=&columns=number&columns=forged&works=True")
    response = lists.page(request, Days, days)
    again = asked("works=True")
    again.session = request.session

    assert response.status_code == 302
    assert response.headers["Location"] == "/days/?works=True"
    page = lists.page(again, Days, days).content.decode()
    assert "第几天</th>" in page
    assert "日期</a></th>" not in page


def exported(text: str, days) -> BytesIO:
    response = lists.page(asked(f"export=xlsx&{text}"), Days, days)
    content = BytesIO(b"".join(response.streaming_content))
    response.close()
    return content


def test_the_workbook_holds_all_pages_and_its_conditions(days):
    book = CalamineWorkbook.from_filelike(exported("works=True&size=25", days))

    assert ["上班", "上班"] in book.get_sheet_by_name("说明").to_python()
    rows = book.get_sheet_by_name("日子").to_python()
    assert rows[0] == ["依据", "日期", "奖补（元）"]
    assert rows[1] == ["甲 0", "2091-01-01", 100.0]
    assert len(rows) == 45


def test_no_cell_becomes_a_formula(days):
    with zipfile.ZipFile(exported("", days)) as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "=HYPERLINK(1)" in sheets
    assert "<f>" not in sheets
    assert "<f " not in sheets


def test_markup_in_a_value_is_text(days):
    CalendarDay.objects.filter(day=date(2091, 1, 1)).update(source="<script>alert(1)</script>")

    assert "<script>alert" not in lists.page(asked(""), Days, days).content.decode()


def test_what_no_reader_types_into_the_address_is_passed_over(days):
    listing = Listing(Days, days, QueryDict(f"q=%00&size={'9' * 5_000}&page={'9' * 5_000}"))

    assert (listing.count, listing.size, listing.number) == (60, 50, 1)
