"""How numbers, money, dates and names are written; one function a format, each also a template filter.

Money is an integer in fen. In tables it is 元 with thousands; in prose 46 万元 or 115.4 亿元; never mixed in one column.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable

DASH = "–"
FEN = 100
WAN = 10_000 * FEN
YI = 100_000_000 * FEN
DIGITS = "零壹贰叁肆伍陆柒捌玖"
SMALL = ("", "拾", "佰", "仟")
LARGE = ("", "万", "亿", "万亿")
MONTHS = "January February March April May June July August September October November December".split()

Number = int | Decimal | float | str


def empty(value: object) -> object:
    """– where there is nothing; zero is 0."""
    return DASH if value is None or value == "" else value


def yuan(fen: int | None) -> str:
    """20,000 for tables; 20,000.50 where fen matter; – for none."""
    if fen is None:
        return DASH
    return f"{fen // FEN:,}" if fen % FEN == 0 else yuan_fen(fen)


def yuan_fen(fen: int | None) -> str:
    """20,000.00, for columns in which fen matter."""
    return DASH if fen is None else f"{'-' if fen < 0 else ''}{abs(fen) // FEN:,}.{abs(fen) % FEN:02d}"


def yuan_prose(fen: int | None) -> str:
    """46 万元, 98.5 万元, 115.4 亿元 where that is exact; else 46,123.50 元. In English ¥460,000."""
    if fen is None:
        return DASH
    if _english():
        return f"¥{yuan(fen)}"
    for unit, name in ((YI, "亿元"), (WAN, "万元")):
        if abs(fen) >= unit and fen % (unit // 100) == 0:
            return f"{_trimmed(Decimal(fen) / unit)} {name}"
    return f"{yuan(fen)} 元"


def _trimmed(value: Decimal) -> str:
    text = f"{value:,.4f}".rstrip("0")
    return text.rstrip(".")


def capitals(fen: int | None) -> str:
    """The sum in banker's capitals: 2,000,000 fen is 贰万元整 (《支付结算办法》附一)."""
    if fen is None:
        return ""
    yuan_part, cents = divmod(abs(fen), FEN)
    words = _capital_yuan(yuan_part)
    jiao, left = divmod(cents, 10)
    if cents == 0:
        words = (words or "零元") + "整"
    else:
        words += f"{DIGITS[jiao]}角" if jiao else ("零" if words else "")
        words += f"{DIGITS[left]}分" if left else "整"
    return ("负" if fen < 0 else "") + words


def _capital_yuan(yuan_part: int) -> str:
    words, gap = "", False
    text = str(yuan_part) if yuan_part else ""
    for index, letter in enumerate(text):
        place, digit = len(text) - 1 - index, int(letter)
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + SMALL[place % 4]
        gap = digit == 0
        if place and place % 4 == 0 and int(text[max(0, index - 3) : index + 1]):
            words += LARGE[place // 4]
    return f"{words}元" if words else ""


def count(value: int | None, unit: str = "") -> str:
    """1,287 or 1,287 份; – for none."""
    if value is None:
        return DASH
    return f"{value:,} {unit}".rstrip()


def score(value: Number | None, places: int = 1) -> str:
    """85.6: halves go up, in decimals."""
    if value is None or value == "":
        return DASH
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP))


def percent(value: Number | None, places: int = 1) -> str:
    """71.5% of a share of one; a whole percentage without the point."""
    if value is None or value == "":
        return DASH
    text = score(Decimal(str(value)) * 100, places)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _local(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day(value: date | datetime | None) -> str:
    """2024年3月5日, or 3月5日 in the present year; in English 5 March 2024."""
    if value is None:
        return DASH
    one = _local(value)
    same_year = one.year == clock.today().year
    if _english():
        return f"{one.day} {MONTHS[one.month - 1]}" + ("" if same_year else f" {one.year}")
    return ("" if same_year else f"{one.year}年") + f"{one.month}月{one.day}日"


def day_full(value: date | datetime | None) -> str:
    """2024年3月5日, the year always said: notices and documents."""
    if value is None:
        return DASH
    one = _local(value)
    if _english():
        return f"{one.day} {MONTHS[one.month - 1]} {one.year}"
    return f"{one.year}年{one.month}月{one.day}日"


def weekday(value: date | datetime) -> str:
    """星期二."""
    names = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    return names[_local(value).weekday()]


def day_table(value: date | datetime | None) -> str:
    """2024-03-05, for tables."""
    return DASH if value is None else _local(value).isoformat()


def clock_time(value: datetime | None) -> str:
    """17:30, 24 h."""
    return DASH if value is None else f"{timezone.localtime(value):%H:%M}"


def moment(value: datetime | None) -> str:
    """今天 09:12, or 11月20日 15:36."""
    if value is None:
        return DASH
    today = clock.today()
    one = _local(value)
    name = _("今天") if one == today else _("明天") if one == today + timedelta(days=1) else day(value)
    return f"{name} {clock_time(value)}"


def moment_table(value: datetime | None) -> str:
    """2024-11-26 09:12, for tables and records."""
    return DASH if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


def working_days_left(due: datetime, known: dict[date, bool] | None = None) -> int | None:
    """Working days after today up to the deadline's; None where the table of working days does not reach."""
    try:
        return clock.working_days_between(clock.today(), _local(due), known)
    except YearWithoutTable:
        return None


def deadline(due: datetime | None, known: dict[date, bool] | None = None) -> str:
    """12月2日 17:30 截止，还有 4 个工作日。"""
    if due is None:
        return _("不限时")
    facts = {"when": moment(due)}
    if due <= clock.now():
        return _("%(when)s 已截止。") % facts
    left = working_days_left(due, known)
    if not left:
        return _("%(when)s 截止。") % facts
    text = ngettext("%(when)s 截止，还有 %(left)d 个工作日。", "%(when)s 截止，还有 %(left)d 个工作日。", left)
    return text % {**facts, "left": left}


def deadlines(dues: Sequence[datetime]) -> list[str]:
    """Each one's `deadline`, the working days read once for all."""
    known = clock.known_days(clock.today(), max(map(_local, dues))) if dues else {}
    return [deadline(due, known) for due in dues]


def sentences(*parts: object) -> str:
    """Sentences after each other, each with its stop; English has a space between them."""
    stop, gap = (".", " ") if _english() else ("。", "")
    said = [str(part) for part in parts if part]
    return gap.join(one if one.endswith(("。", ".", "？", "?")) else f"{one}{stop}" for one in said)


def mask_phone(value: str | None) -> str:
    """138****5678."""
    return DASH if not value else f"{value[:3]}****{value[-4:]}" if len(value) >= 8 else "****"


def mask_account(value: str | None) -> str:
    """…6621."""
    return f"…{value[-4:]}" if value else DASH


def mask_id(value: str | None) -> str:
    """150***********1234."""
    return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}" if value and len(value) > 7 else DASH


def mask_name(value: str | None) -> str:
    """王*山, 王*."""
    if not value:
        return DASH
    return f"{value[0]}*" if len(value) <= 2 else f"{value[0]}{'*' * (len(value) - 2)}{value[-1]}"
