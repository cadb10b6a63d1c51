"""The files that go to the bank and come back: plain text in, plain values out."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.states import LineVerdict

HEAD = ("流水号", "收款人名称", "开户银行", "开户网点", "收款账号", "金额（元）", "用途")
RETURN_HEAD = ("流水号", "状态", "银行流水号", "原因", "金额")
DONE, FAILED = "成功", "失败"
MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 8_000
BOM = "\ufeff"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class ReturnUnreadable(Refusal):
    """What was uploaded is no return file."""

    code = "money.return-unreadable"
    message = _("这个文件读不懂：%(why)s。没有写入任何东西。")
    status = 422


@dataclass(frozen=True)
class Slip:
    """One payment as the bank reads it. The sum is in fen."""

    slip: str
    name: str
    bank: str
    branch: str
    account: str
    sum_fen: int
    purpose: str


def in_yuan(fen: int) -> str:
    """A sum as banks write it: yuan with two decimals and no thousands."""
    return f"{fen // 100}.{fen % 100:02d}"


def safe(text: str) -> str:
    """A cell that no spreadsheet runs: what could begin a formula is led by an apostrophe, line breaks are spaces."""
    flat = " ".join(text.replace("\x00", "").split())
    return f"'{flat}" if flat.startswith(DANGEROUS) or text.startswith(DANGEROUS) else flat


def batch_text(slips: Iterable[Slip]) -> str:
    """The bank's batch file: a head, a line a payment, an empty line, the totals. Lines end as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    count, total = 0, 0
    for row in slips:
        cells = (row.slip, row.name, row.bank, row.branch, row.account, in_yuan(row.sum_fen), row.purpose)
        writer.writerow([safe(cell) for cell in cells])
        count, total = count + 1, total + row.sum_fen
    writer.writerow([])
    writer.writerow(["合计", f"{count} 笔", "", "", "", in_yuan(total), ""])
    return out.getvalue()


def batch_bytes(text: str) -> bytes:
    """The file as it is downloaded: UTF-8 with the mark that spreadsheets look for."""
    return (BOM + text).encode()


@dataclass(frozen=True)
class Line:
    """One line of a return file, and what it comes to. An unread sum is None."""

    line: int
    slip: str
    status: str
    reference: str
    reason: str
    sum_fen: int | None
    verdict: str

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def read_text(raw: bytes) -> str:
    """The file's text, in the two encodings that banks use. Raises `ReturnUnreadable`."""
    if len(raw) > MOST_BYTES:
        raise ReturnUnreadable(why=_("文件超过 2 MB"))
    if b"\x00" in raw:
        raise ReturnUnreadable(why=_("要 CSV 文件，不是 Excel 工作簿"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReturnUnreadable(why=_("编码既不是 UTF-8 也不是 GB18030"))


def _fen(text: str) -> int | None:
    try:
        value = Decimal(unicodedata.normalize("NFKC", text).replace(",", "").strip()) * 100
    except ArithmeticError:  # No number, or one that no sum of money comes near.
        return None
    return int(value) if value.is_finite() and value == value.to_integral_value() and 0 < value < 10**15 else None


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error:
        raise ReturnUnreadable(why=_("引号或分隔符不配对")) from None
    rows = [(number, cells) for number, cells in rows if any(cells)]
    if not rows:
        raise ReturnUnreadable(why=_("文件是空的"))
    head = [re.sub(r"[（(].*[)）]$", "", cell) for cell in rows[0][1]]
    if missing := [name for name in RETURN_HEAD if name not in head]:
        raise ReturnUnreadable(why=_("第一行缺少列：%(names)s") % {"names": "、".join(missing)})
    if len(rows) - 1 > MOST_LINES:
        raise ReturnUnreadable(why=_("超过 %(n)d 行") % {"n": MOST_LINES})
    body = [(number, cells) for number, cells in rows[1:] if cells[0] != "合计"]
    return [(number, dict(zip(head, cells, strict=False))) for number, cells in body]


def read_return(text: str, due: Mapping[str, tuple[int, bool]]) -> list[Line]:
    """Each line of a return file with its verdict.

    `due` gives by slip what was sent, in fen, and whether it is still to be settled. A slip that stands twice is
    matched by none of its lines: which one is true is for a person to say. Raises `ReturnUnreadable`.
    """
    rows = _rows(text)
    seen = Counter(row.get("流水号", "") for _number, row in rows)
    return [_judged(number, row, due, seen) for number, row in rows]


def _judged(number: int, row: dict[str, str], due: Mapping[str, tuple[int, bool]], seen: Counter[str]) -> Line:
    slip, status, sum_fen = row.get("流水号", ""), row.get("状态", ""), _fen(row.get("金额", ""))
    reference, reason = row.get("银行流水号", ""), row.get("原因", "")
    if slip not in due:
        verdict = LineVerdict.UNKNOWN
    elif seen[slip] > 1:
        verdict = LineVerdict.TWICE
    elif not due[slip][1]:
        verdict = LineVerdict.SETTLED
    elif status not in (DONE, FAILED) or (status == DONE and not reference) or (status == FAILED and not reason):
        verdict = LineVerdict.UNREADABLE
    elif sum_fen != due[slip][0]:
        verdict = LineVerdict.WRONG_SUM
    else:
        verdict = LineVerdict.PAID if status == DONE else LineVerdict.FAILED
    return Line(number, slip[:40], status[:20], reference[:60], reason[:200], sum_fen, verdict.value)
