"""The workbook of reported facts: its columns, and what its cells may say. Plain functions, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.schema import FactField

NAME: Final = "单位"
CODE: Final = "统一社会信用代码"
MOST_ROWS: Final = 3_000
MOST_COLUMNS: Final = 200


class NotTheTemplate(Refusal):
    """A workbook without the template's columns."""

    code = "programmes.not-the-template"
    message = _("这个表格缺少“%(missing)s”列。请下载模板，把数据贴进去再传。")
    status = 422


class TooManyRows(Refusal):
    """More rows than any round has units."""

    code = "programmes.too-many-rows"
    message = _("这个表格有 %(rows)d 行，一次最多 %(most)d 行。")
    status = 422


class NothingToRead(Refusal):
    """A workbook without a filled row."""

    code = "programmes.nothing-to-read"
    message = _("这个表格里没有填写的行。")
    status = 422


@dataclass(frozen=True)
class Fault:
    """One bad cell: where it stands (from 0, below the heading), what it says, and what to do."""

    row: int
    column: int
    said: str
    remedy: str | Promise


def heading(field: FactField) -> str:
    """A fact's column: its label and unit."""
    return f"{field.label.zh}（{field.unit.zh}）" if field.unit else field.label.zh


def headings(form: Sequence[FactField]) -> list[str]:
    """All columns in the template's order."""
    return [NAME, CODE, *(heading(field) for field in form)]


def columns(head: Sequence[object], form: Sequence[FactField]) -> dict[str, int]:
    """Where each column of the template stands in this workbook. Raises `NotTheTemplate` for the first that lacks."""
    found = {written(cell): index for index, cell in reversed(list(enumerate(head)))}
    places: dict[str, int] = {}
    for wanted in [CODE, *(heading(field) for field in form)]:
        if wanted not in found:
            raise NotTheTemplate(missing=wanted)
        places[wanted] = found[wanted]
    return places


def written(cell: object) -> str:
    """A cell as a person reads it: 12 for 12.0, nothing for an empty one."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
    return str(cell).strip()
