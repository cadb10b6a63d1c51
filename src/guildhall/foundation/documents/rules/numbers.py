"""Numbers of a series as they are written, and codes by which anyone checks a document."""

import re
import secrets
from typing import Final

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters and figures that are taken for one another."""
TOKEN: Final = re.compile(r"\{(year|union|number(?::([1-9]))?)\}")


class PatternOff(Refusal):
    code = "documents.pattern"
    message = _("编号样式要有一个 {year} 和一个 {number}，不超过 60 个字，例如 {year}-公示-{number:3}。")
    status = 422


class NumberGiven(Refusal):
    code = "documents.number-given"
    message = _("这个系列今年已经用到第 %(last)d 号，只能往后调，号码不能重发。")


class NoSeries(Refusal):
    code = "documents.no-series"
    message = _("没有“%(name)s”这个编号系列。")
    status = 422


def held_pattern(pattern: str) -> str:
    """The pattern, held to its form: `{year}` and `{number}` once each, `{union}` at most once, no other braces.

    `{number:3}` writes at least three figures. Raises `PatternOff`.
    """
    names = [found[1].partition(":")[0] for found in TOKEN.finditer(pattern)]
    left = TOKEN.sub("", pattern)
    right = sorted(name for name in names if name != "union") == ["number", "year"] and names.count("union") <= 1
    if not right or "{" in left or "}" in left or len(pattern) > 60 or not pattern.isprintable():
        raise PatternOff
    return pattern


def written(pattern: str, *, year: int, number: int, union: str = "") -> str:
    """A number as its pattern writes it: 2024-公示-001, 包工发〔2024〕13号."""

    def said(found: re.Match[str]) -> str:
        match found[1].partition(":")[0]:
            case "year":
                return str(year)
            case "union":
                return union
        return f"{number:0{found[2] or 1}d}"

    return TOKEN.sub(said, pattern)


def check_code() -> str:
    """A code of eight signs in two halves, such as 7Q4K-M2XD, drawn from the system's randomness."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"


def code_of(typed: str) -> str:
    """A code as it is kept, from what a person typed: hyphens, spaces and case do not matter. Empty for anything else."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 8 else ""
