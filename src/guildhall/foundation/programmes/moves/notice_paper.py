"""A notice on paper: numbered in the union's series and issued as a document when it is published."""

from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db.models import QuerySet

from guildhall.foundation.documents.models import Document
from guildhall.foundation.documents.moves import issue
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Application, Notice, Round
from guildhall.foundation.programmes.rules import yuan

COLUMNS = [
    {"label": "序号", "align": "center", "width": 0.6},
    {"label": "单位", "width": 4},
    {"label": "档次", "align": "center", "width": 1.2},
]
MONEY = {"label": "奖补（元）", "align": "right", "width": 1.4}


def issue_notice(
    of: Round, title: str, body: dict[str, Any], days: list[date], ends: datetime, *, by: User, edition: int = 1,
    application: Application | None = None,
) -> Document:  # fmt: skip
    """The notice's document, with its number and check code; the same edition is issued once."""
    edited = f"notice:{of.pk}:{application.pk if application else 0}:{edition}"
    return issue(
        kind=DocumentKind.NOTICE, union=of.union, title=title, subject=f"round:{of.pk}", by=by, key=uuid5(NAMESPACE_URL, edited),
        content=_content(of, body, days, ends), after=lambda: _used(of, days[0].year),
    )  # fmt: skip


def _content(of: Round, body: dict[str, Any], days: list[date], ends: datetime) -> dict[str, Any]:
    tiered = [line for line in body["lines"] if line["tier"] is not None]
    lines, paid = tiered or body["lines"], body["sum_fen"] > 0
    counted = "个工作日" if of.rules.notice.count == "working" else "天"
    period = f"公示期为{_day(days[0])}至{_day(days[-1])}，共 {len(days)} {counted}。"
    money = f"，奖补合计 {yuan(body['sum_fen'])} 元" if paid else ""
    rows = [
        [str(number), line["unit"], _tier(of, line["tier"]), *([yuan(line["sum_fen"])] if paid else [])]
        for number, line in enumerate(lines, 1)
    ]
    return {
        "paragraphs": [
            f"{of.title}的结果已经产生，现将下列 {len(lines)} 家予以公示{money}。",
            (
                f"{period}对结果有不同意见的单位和个人，请在{_day(ends.date())} {ends:%H:%M} 前提出，写明事实和依据，"
                f"留下真实姓名和联系方式。我们为反映情况的人保密，{of.rules.objection.answer_days} 个工作日内书面答复。"
            ),
            *([str(body["note"])] if body.get("note") else []),
        ],
        "tables": [
            {
                "columns": [*COLUMNS, *([MONEY] if paid else [])],
                "rows": rows,
                "totals": ["", "合计", "", yuan(body["sum_fen"])] if paid else [],
            }
        ],
    }


def _tier(of: Round, tier: int | str | None) -> str:
    if tier is None:
        return "—"
    return tier if isinstance(tier, str) else of.rules.outcome.tiers[tier].name.zh


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _used(of: Round, year: int) -> int:
    """The last number of the year that was given before the documents kept the series."""
    begins = f"{year}-公示-"
    found: QuerySet[Notice, str] = Notice.objects.filter(round__union=of.union, number__startswith=begins).values_list(
        "number", flat=True
    )
    return max(
        (int(number.removeprefix(begins)) for number in found if number.removeprefix(begins).isdecimal()), default=0
    )
