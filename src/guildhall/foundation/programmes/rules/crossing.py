"""What the parts of a programme file must have in common: keys that meet, sums that come out, seats that can be filled.

Read from the raw data and not from the models, so that everything is found at once, also where another part is wrong.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from guildhall.foundation.programmes.rules import crossing_steps
from guildhall.foundation.programmes.rules.known import plain_number
from guildhall.foundation.programmes.rules.raw import (
    Cross,
    Path,
    amount,
    at,
    below,
    fault,
    form_of,
    is_stepwise,
    leaves_of,
    rows,
    unknown,
)

COUNTS = ("number", "money")


def crossed(data: Mapping[str, Any], *, registers: Collection[str], confers: Collection[str]) -> Iterator[Cross]:
    """Every fault between the parts."""
    yield from _keys(data)
    yield from _sections(data)
    yield from _indicators(data)
    yield from _weights(data)
    yield from _tiers(data)
    yield from crossing_steps.review(data)
    yield from crossing_steps.selection_of(data)
    yield from crossing_steps.levels(data)
    yield from crossing_steps.conditions(data, {*registers, str(data.get("programme", "")).replace("-", "_")})
    yield from crossing_steps.names(data, registers, confers)


# Keys -----------------------------------------------------------------------------------------------------------------


def _repeated(found: Sequence[tuple[Path, dict[str, Any]]]) -> Iterator[Cross]:
    seen: set[Any] = set()
    for path, one in found:
        key = one.get("key")
        if isinstance(key, str) and key in seen:
            yield fault((*path, "key"), f"代号“{key}”用了两次", f"the key “{key}” stands twice")
        seen.add(key if isinstance(key, str) else None)


def _keys(data: Mapping[str, Any]) -> Iterator[Cross]:
    yield from _repeated([*rows(data, "setup", "form"), *leaves_of(data)])
    for name in ("sections", "review", "clearances", "indicators"):
        yield from _repeated(rows(data, "setup", name))
    for path, _one in rows(data, "setup", "form"):
        yield from _repeated(below(data, path, "options"))
        yield from _repeated(below(data, path, "columns"))
    for path, _one in rows(data, "setup", "review"):
        yield from _repeated(below(data, path, "items"))
        yield from _repeated(below(data, path, "criteria"))


def _sections(data: Mapping[str, Any]) -> Iterator[Cross]:
    form, found = form_of(data), rows(data, "setup", "sections")
    placed: Counter[str] = Counter()
    for path, one in found:
        fields = one.get("fields") if isinstance(one.get("fields"), list) else []
        for n, key in enumerate(fields or []):
            placed[str(key)] += 1
            if key not in form:
                yield unknown((*path, "fields", n), "这一栏", "field", str(key), form)
            elif placed[key] > 1:
                yield fault((*path, "fields", n), f"“{key}”这一栏放了两次", f"the field “{key}” is placed twice")
    if found and (left := [key for key in form if not placed[key]]):
        names = "、".join(left)
        yield fault(
            ("setup", "sections"), f"有的栏没有放进任何一步：{names}", f"fields that no section has: {', '.join(left)}"
        )


# Indicators and money -------------------------------------------------------------------------------------------------


def _counted(data: Mapping[str, Any], path: Path, key: Any) -> Iterator[Cross]:
    """A key that an indicator, a bonus or a veto reads: a number of the form."""
    form = form_of(data)
    if not isinstance(key, str):
        return
    if key not in form:
        yield unknown(path, "这一栏", "field", key, form)
    elif form[key].get("type", "number") not in COUNTS:
        yield fault(path, f"“{key}”不是数字栏，不能计算", f"“{key}” is no number, nothing can be reckoned with it")


def _indicators(data: Mapping[str, Any]) -> Iterator[Cross]:
    areas = rows(data, "setup", "indicators")
    total = sum((amount(area.get("points")) for _path, area in areas), Decimal())
    if areas and total != 100:
        said = plain_number(total)
        yield fault(
            ("setup", "indicators"), f"全部指标的分值合计是 {said}，应当是 100", f"all points sum to {said}, not 100"
        )
    for path, area in areas:
        points = sum((amount(leaf.get("points")) for _path, leaf in below(data, path, "of")), Decimal())
        if points != amount(area.get("points")):
            said, due = plain_number(points), plain_number(amount(area.get("points")))
            yield fault(
                (*path, "points"),
                f"下面各项合计 {said} 分，这里写的是 {due} 分",
                f"its leaves sum to {said}, not {due}",
            )
    for path, leaf in leaves_of(data):
        measure = leaf.get("measure")
        if isinstance(measure, dict):
            yield from _counted(data, (*path, "measure", "value"), measure.get("value"))
            ratio = measure.get("ratio")
            for n, key in enumerate(ratio if isinstance(ratio, list) else []):
                yield from _counted(data, (*path, "measure", "ratio", n), key)
    for name in ("bonus", "vetoes"):
        for path, one in rows(data, "setup", name):
            yield from _counted(data, (*path, "fact"), one.get("fact"))


def _weights(data: Mapping[str, Any]) -> Iterator[Cross]:
    weights = at(data, "setup", "weights")
    if not is_stepwise(data) and isinstance(weights, dict):
        total = sum((amount(weights.get(name)) for name in ("computed", "panel", "peers")), Decimal())
        if total != 1:
            said = plain_number(total * 100)
            yield fault(
                ("setup", "weights"), f"权重合计是 {said}%，应当是 100%", f"the weights sum to {said}%, not 100%"
            )
    scoring = [one for _path, one in rows(data, "setup", "review") if one.get("method") in ("panel", "computed")]
    total = sum((amount(one.get("weight")) for one in scoring), Decimal())
    if scoring and total != 1:
        said = plain_number(total * 100)
        yield fault(
            ("setup", "review"),
            f"各步评分的权重合计是 {said}%，应当是 100%",
            f"the steps' weights sum to {said}%, not 100%",
        )
    peers = at(data, "setup", "peers")
    if isinstance(peers, dict) and amount(peers.get("fewest", 4)) > amount(peers.get("reviews_each", 8)):
        yield fault(
            ("setup", "peers", "fewest"), "每家最少收到的份数比安排的还多",
            "more sheets are asked for than are given out",
        )  # fmt: skip


def _tiers(data: Mapping[str, Any]) -> Iterator[Cross]:
    if is_stepwise(data):
        return
    tiers = rows(data, "setup", "outcome", "tiers")
    fund = amount(at(data, "setup", "outcome", "fund_fen"))
    step = amount(at(data, "setup", "outcome", "step_fen")) or Decimal(10_000)
    cost = sum((amount(one.get("seats")) * amount(one.get("sum_fen")) for _path, one in tiers), Decimal())
    if tiers and cost > fund:
        cost_said, fund_said, gap = (plain_number(one / 100) for one in (cost, fund, cost - fund))
        yield fault(
            ("setup", "outcome", "tiers"), f"各档合计 {cost_said} 元，超出资金 {fund_said} 元，差 {gap} 元",
            f"the tiers cost {cost_said} yuan, {gap} more than the fund of {fund_said}",
        )  # fmt: skip
    for path, one in tiers:
        if amount(one.get("sum_fen")) % step:
            said = plain_number(step / 100)
            yield fault((*path, "sum_fen"), f"标准要是 {said} 元的整数倍", f"the sum must be a multiple of {said} yuan")
    for (_above_path, above), (path, one) in pairwise(tiers):
        if amount(one.get("sum_fen")) >= amount(above.get("sum_fen")):
            yield fault((*path, "sum_fen"), "标准要低于上一档", "the sum must be lower than that of the tier above")
