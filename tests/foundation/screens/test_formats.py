"""Money, counts, dates and names, as they are written."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from guildhall.foundation.screens import formats
from guildhall.foundation.screens.charts import Bar, Line, bars, columns, lines, progress, stacked, strip
from guildhall.foundation.screens.forms import MoneyField

SHANGHAI = ZoneInfo("Asia/Shanghai")
YUAN = 100


@pytest.fixture(autouse=True)
def tuesday(monkeypatch):
    monkeypatch.setattr(formats.clock, "now", lambda: datetime(2024, 11, 26, 9, tzinfo=SHANGHAI))
    monkeypatch.setattr(formats.clock, "today", lambda: date(2024, 11, 26))


@pytest.mark.parametrize(
    ("fen", "table", "prose", "words"),
    [
        (0, "0", "0 元", "零元整"),
        (2_000_000, "20,000", "2 万元", "贰万元整"),
        (46_000_000, "460,000", "46 万元", "肆拾陆万元整"),
        (98_500_000, "985,000", "98.5 万元", "玖拾捌万伍仟元整"),
        (1_154_000_000_000, "11,540,000,000", "115.4 亿元", "壹佰壹拾伍亿肆仟万元整"),
        (1_020_305, "10,203.05", "10,203.05 元", "壹万零贰佰零叁元零伍分"),
        (50, "0.50", "0.50 元", "伍角整"),
        (10_000_000_800, "100,000,008", "100,000,008 元", "壹亿零捌元整"),
    ],
)
def test_money(fen, table, prose, words):
    with override("zh-hans"):
        assert (formats.yuan(fen), formats.yuan_prose(fen), formats.capitals(fen)) == (table, prose, words)


@given(st.integers(0, 10**14))
def test_what_is_written_for_tables_is_read_back_to_the_fen(fen):
    assert MoneyField().clean(formats.yuan(fen)) == fen


def test_empty_zero_and_unknown_differ():
    assert (formats.empty(None), formats.empty(0), formats.yuan(None), formats.count(0)) == ("–", 0, "–", "0")


def test_halves_of_scores_go_up():
    assert [formats.score(Decimal(text)) for text in ("85.65", "85.64", "85.55")] == ["85.7", "85.6", "85.6"]
    assert formats.percent(Decimal("0.715")) == "71.5%"
    assert formats.percent(1) == "100%"


def test_dates_say_the_year_only_where_it_is_another():
    with override("zh-hans"):
        assert formats.day(date(2024, 3, 5)) == "3月5日"
        assert formats.day(date(2023, 3, 5)) == "2023年3月5日"
        assert formats.moment(datetime(2024, 11, 26, 12, tzinfo=SHANGHAI)) == "今天 12:00"
        assert formats.weekday(date(2024, 11, 26)) == "星期二"
    with override("en"):
        assert formats.day(date(2023, 3, 5)) == "5 March 2023"
    assert formats.day_table(date(2024, 3, 5)) == "2024-03-05"


def test_a_deadline_says_the_working_days_left(monkeypatch):
    monkeypatch.setattr(formats.clock, "working_days_between", lambda first, last, known: 4)
    with override("zh-hans"):
        due = datetime(2024, 12, 2, 17, 30, tzinfo=SHANGHAI)
        assert formats.deadline(due) == "12月2日 17:30 截止，还有 4 个工作日。"
        assert formats.deadline(datetime(2024, 11, 25, 17, 30, tzinfo=SHANGHAI)) == "11月25日 17:30 已截止。"


def test_masks():
    assert formats.mask_phone("13812345678") == "138****5678"
    assert formats.mask_account("6222021001116621") == "…6621"
    assert formats.mask_id("150202198801011234") == "150***********1234"
    assert (formats.mask_name("王小山"), formats.mask_name("王山")) == ("王*山", "王*")
    assert formats.mask_phone(None) == "–"


def test_charts_carry_their_words_and_no_styles():
    drawn = [
        strip(Decimal("85.6"), 80, 60, 100, 75, 84),
        bars([Bar("<b>", 3), Bar("青山区", 0)]),
        stacked([Bar("已付", 61, "61 万元"), Bar("余", 39)]),
        columns([Bar("60–69", 12)]),
        lines([Line("试点", [("2023", 74), ("2024", 78)])]),
        progress(0, 0, "空"),
    ]

    assert [
        svg for svg in drawn if "style=" in svg or "<b>" in svg.replace("<b>3</b>", "").replace("<b>0</b>", "")
    ] == []
    assert "&lt;b&gt;" in drawn[1]
    assert 'aria-label="已付 61 万元，余 39"' in drawn[2]


@pytest.mark.parametrize("said", ["38万6", "1.234", "-1", "NaN", "1e400", "1e999999", "∞"])
def test_money_that_cannot_be_read_is_refused(said):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        MoneyField().clean(said)
