"""A round's published file, from end to end: read it, compute it, explain it, and print the outcome.

    published = parse(text)
    result = compute(published)
    print(result.to_json())

`guildhall assess FILE.json` prints `assess(text)`. No database, no settings; docs/published-file.md has the format.
"""

from pathlib import Path

from guildhall.science.analysis import Analysis, analyse
from guildhall.science.errors import Malformed
from guildhall.science.explanation import Explanation, explain
from guildhall.science.result import Result, compute
from guildhall.science.round_file import Published, parse

__all__ = [
    "Analysis",
    "Explanation",
    "Malformed",
    "Published",
    "Result",
    "analyse",
    "assess",
    "assess_file",
    "compute",
    "explain",
    "parse",
]


def assess(text: str) -> str:
    """The outcome of the round in a published file, as canonical JSON. Raises `Malformed` with place and cause."""
    return compute(parse(text)).to_json()


def assess_file(path: str | Path) -> str:
    """`assess` for a file of UTF-8 text."""
    return assess(Path(path).read_text(encoding="utf-8"))
