"""Documents for the tests, issued by the move."""

from typing import Any
from uuid import uuid4

from guildhall.foundation.documents import moves
from guildhall.foundation.documents.models import Document
from guildhall.foundation.organisations.models import User

CONTENT: dict[str, Any] = {
    "lead": "共 2 家",
    "paragraphs": ["拟对两家单位给予奖补。"],
    "tables": [
        {
            "columns": [{"label": "单位", "width": 3}, {"label": "奖补（元）", "align": "right"}],
            "rows": [["云鹿稀土永磁", "20,000.00"], ["赛汗特种陶瓷", "10,000.00"]],
            "totals": ["合计", "30,000.00"],
        }
    ],
    "signs": ["制表", "审核", "批准"],
}


def issued(city, by: User | None = None, **options: Any) -> Document:
    """One document of the federation's; any part of the asking may be given."""
    asked = {
        "kind": "notice", "union": city.federation, "title": "关于测试结果的公示", "subject": "round:1",
        "content": CONTENT, "by": by or city.officer, "key": uuid4(),
    }  # fmt: skip
    return moves.issue(**{**asked, **options})
