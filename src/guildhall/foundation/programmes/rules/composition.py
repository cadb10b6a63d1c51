"""Rules over the whole list: the exact share of those chosen, and what would have to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from guildhall.foundation.programmes.rules.conditions import examine
from guildhall.foundation.programmes.rules.known import Known, Said, plain_number
from guildhall.foundation.programmes.schema import Composition, Setup


@dataclass(frozen=True)
class ListVerdict:
    """What a rule says of a list: of `chosen`, `held` fulfil it; `short` are missing, `over` too many."""

    clause: str
    holds: bool
    chosen: int
    held: int
    open: int
    """Of how many it is not known; they count against the rule."""
    short: int
    over: int
    said: Said

    def stored(self) -> dict[str, Any]:
        """As the decision's record keeps it."""
        return {
            "clause": self.clause, "holds": self.holds, "chosen": self.chosen, "held": self.held, "open": self.open,
            "short": self.short, "over": self.over, "zh": self.said.zh, "en": self.said.en,
        }  # fmt: skip


def composition(setup: Setup, chosen: Sequence[Known]) -> list[ListVerdict]:
    """Every rule over the list held against those chosen. An empty list breaks none."""
    return [_held_against(rule, chosen) for rule in setup.composition]


def _held_against(rule: Composition, chosen: Sequence[Known]) -> ListVerdict:
    """One rule. Shares are exact; what would have to change keeps the list as long as it is: one for another."""
    found = [examine(rule.of, known) for known in chosen]
    held, unknown = sum(one.value is True for one in found), sum(one.value is None for one in found)
    total = len(found)
    short = over = 0
    if total and rule.at_least is not None:
        short = max(0, ceil(Fraction(rule.at_least) * total / 100) - held)
    if total and rule.at_most is not None:
        over = max(0, held + unknown - floor(Fraction(rule.at_most) * total / 100))
    asks = examine(rule.of, chosen[0] if chosen else Known()).asks
    said = _worded(rule, asks, total, held, unknown, short, over)
    return ListVerdict(rule.clause, not short and not over, total, held, unknown, short, over, said)


def percent(part: int, whole: int) -> str:
    """A share in percent to one decimal, rounded down: a share that falls short never reads as reached."""
    tenths = floor(Fraction(part, whole) * 1000) if whole else 0
    return f"{tenths / 10:g}%"


def _worded(rule: Composition, asks: Said, total: int, held: int, unknown: int, short: int, over: int) -> Said:
    bounds = []
    if rule.at_least is not None:
        bounds.append(Said(f"不少于 {plain_number(rule.at_least)}%", f"at least {plain_number(rule.at_least)}%"))
    if rule.at_most is not None:
        bounds.append(Said(f"不超过 {plain_number(rule.at_most)}%", f"at most {plain_number(rule.at_most)}%"))
    wanted = bounds[0] if len(bounds) == 1 else bounds[0] + Said("，", " and ") + bounds[-1]
    share = percent(held, total)
    said = Said(
        f"{asks.zh}的要{wanted.zh}：{total} 家里有 {held} 家（{share}）",
        f"Those with {asks.en} must be {wanted.en}: {held} of {total} ({share})",
    )
    if unknown:
        said += Said(f"，{unknown} 家情况不明", f", {unknown} not known")
    if short:
        return said + Said(f"，还差 {short} 家。", f"; {short} more needed.")
    if over:
        return said + Said(f"，要少 {over} 家。", f"; {over} fewer needed.")
    return said + Said("，符合。", "; met.")
