"""The second half of the crossing: review, selection, levels, conditions, and the names that come from elsewhere."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from guildhall.foundation.organisations.states import Ownership, UnitKind, UnitState
from guildhall.foundation.programmes.rules.known import number_of, plain_number
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
from guildhall.foundation.programmes.schema import WORDS

COUNTS = ("number", "money")
SEATS_ORDER = ("unit", "district_or_industry", "federation")


# Review and levels ----------------------------------------------------------------------------------------------------


def _choice(data: Mapping[str, Any], path: Path, key: Any) -> Iterator[Cross]:
    form = form_of(data)
    if not isinstance(key, str):
        return
    if key not in form:
        yield unknown(path, "这一栏", "field", key, form)
    elif form[key].get("type") != "choice":
        yield fault(path, f"“{key}”不是选择栏（choice）", f"“{key}” is no choice")


def review(data: Mapping[str, Any]) -> Iterator[Cross]:
    """The steps: their fields, cuts and criteria."""
    left: Decimal | None = None
    for path, step in rows(data, "setup", "review"):
        yield from _choice(data, (*path, "field"), step.get("field"))
        cut = step.get("cut") if isinstance(step.get("cut"), dict) else {}
        assert isinstance(cut, dict)
        yield from _choice(data, (*path, "cut", "by"), cut.get("by"))
        top = number_of(cut.get("top"))
        if top is not None and not cut.get("by"):
            if left is not None and top > left:
                said = plain_number(left)
                yield fault(
                    (*path, "cut", "top"),
                    f"上一步只留 {said} 件，这一步留不出这么多",
                    f"the step before leaves only {said}",
                )
            left = top if left is None else min(left, top)
        elif cut.get("by"):
            left = None
        points = [amount(one.get("points")) for _path, one in below(data, path, "criteria")]
        if points and sum(points, Decimal()) != 100:
            said = plain_number(sum(points, Decimal()))
            yield fault(
                (*path, "criteria"),
                f"评分项的分值合计是 {said}，应当是 100",
                f"the criteria's points sum to {said}, not 100",
            )
        if step.get("method") == "computed" and not any(
            leaf.get("kind") == "computed" for _path, leaf in leaves_of(data)
        ):
            yield fault(
                (*path, "method"), "没有 computed 指标，算不出分", "there is no computed indicator to reckon with"
            )


def selection_of(data: Mapping[str, Any]) -> Iterator[Cross]:
    """What the last step gives, and whether it can."""
    selection = at(data, "setup", "selection")
    steps = rows(data, "setup", "review")
    if is_stepwise(data) != isinstance(selection, dict):
        yield fault(("setup",), "review 和 selection 要一起写", "review and selection stand together")
    if not is_stepwise(data):
        peers = amount(at(data, "setup", "weights", "peers"))
        if not (at(data, "setup", "indicators") and at(data, "setup", "outcome", "tiers") and peers):
            yield fault(
                ("setup",), "没有写怎样评：写 review 和 selection，或者写 indicators、weights（peers 大于 0）和 outcome.tiers",
                "say how it is judged: review and selection, or indicators, weights with peers, and outcome.tiers",
            )  # fmt: skip
        return
    if not isinstance(selection, dict):
        return
    path: Path = ("setup", "selection")
    scored = any(step.get("method") in ("panel", "computed") for _path, step in steps)
    if selection.get("kind") in ("classes", "threshold") and not scored:
        yield fault(
            (*path, "kind"), "按分数定名次，评审里却没有打分的一步", "it goes by the score, and no step gives one"
        )
    seats = sum((amount(one.get("seats")) for _path, one in rows(data, "setup", "selection", "classes")), Decimal())
    cuts = [step.get("cut") for _path, step in steps]
    tops = [
        top
        for cut in cuts
        if isinstance(cut, dict) and not cut.get("by") and (top := number_of(cut.get("top"))) is not None
    ]
    if tops and seats > min(tops):
        said, most = plain_number(seats), plain_number(min(tops))
        yield fault(
            (*path, "classes"),
            f"名额 {said} 个，评审只留 {most} 件，评不满",
            f"{said} seats, and the review leaves only {most}",
        )
    asks = selection.get("asks")
    if isinstance(asks, str):
        form = form_of(data)
        if asks not in form:
            yield unknown((*path, "asks"), "这一栏", "field", asks, form)
        elif form[asks].get("type") != "money":
            yield fault((*path, "asks"), f"“{asks}”不是金额栏（money）", f"“{asks}” is no sum of money")
    cap, each = number_of(selection.get("cap_fen")), amount(selection.get("sum_fen"))
    if cap is not None and each > cap:
        yield fault((*path, "sum_fen"), "一件的金额就超过总额（cap_fen）", "one sum alone is more than cap_fen")
    if selection.get("kind") == "first_come" and not each:
        yield fault((*path, "kind"), "先到先得要写每件多少钱（sum_fen）", "first_come needs sum_fen, what each gets")


def levels(data: Mapping[str, Any]) -> Iterator[Cross]:
    """The levels, from below, and their quotas."""
    found = rows(data, "setup", "levels")
    if found and at(data, "setup", "entry") != "applied":
        yield fault(
            ("setup", "levels"), "有 levels 就要单位自己申报，请写 entry: applied", "levels need entry: applied"
        )
    places = [(path, SEATS_ORDER.index(one["at"])) for path, one in found if one.get("at") in SEATS_ORDER]
    for (_before, above), (path, here) in pairwise(places):
        if here == above:
            yield fault((*path, "at"), "同一级写了两次", "this level stands twice")
        elif here < above:
            yield fault(
                (*path, "at"),
                "各级要由下到上：unit、district_or_industry、federation",
                "levels stand from below: unit, district_or_industry, federation",
            )
    seats = sum((amount(one.get("seats")) for _path, one in rows(data, "setup", "selection", "classes")), Decimal())
    for path, one in found:
        quota = number_of(one.get("quota"))
        if one.get("at") == "federation" and quota is not None and seats > quota:
            said = plain_number(seats)
            yield fault(
                (*path, "quota"), f"推荐名额比评选名额（{said} 个）还少", f"fewer may be endorsed than the {said} seats"
            )


# Conditions and names -------------------------------------------------------------------------------------------------

UNIT_WORDS: dict[str, Sequence[str]] = {
    "kind": UnitKind.values, "ownership": Ownership.values, "state": UnitState.values,
}  # fmt: skip


def conditions(data: Mapping[str, Any], registers: Collection[str]) -> Iterator[Cross]:
    """Every condition: its keys and the registers it asks."""
    for path, rule in rows(data, "setup", "conditions"):
        yield from _condition(data, (*path, "holds"), rule.get("holds"), registers, 0)
    for path, rule in rows(data, "setup", "composition"):
        yield from _condition(data, (*path, "of"), rule.get("of"), registers, 0)


def _condition(
    data: Mapping[str, Any], path: Path, one: Any, registers: Collection[str], depth: int
) -> Iterator[Cross]:
    if not isinstance(one, dict) or depth > 20:
        return
    for word in ("all", "any"):
        inner = one.get(word)
        for n, part in enumerate(inner if isinstance(inner, list) else []):
            yield from _condition(data, (*path, word, n), part, registers, depth + 1)
    yield from _condition(data, (*path, "not"), one.get("not"), registers, depth + 1)
    several = [word for word in WORDS if word in one]
    if len(several) > 1:
        yield fault(
            path,
            f"一个条件只写一个词，这里有 {'、'.join(several)}；要同时满足请用 all",
            f"one condition has one word, not {', '.join(several)}; join them with all",
        )
    if isinstance(one.get("field"), str):
        yield from _field_word(data, path, one)
    choices, unit = one.get("one_of"), one.get("unit")
    if isinstance(unit, str) and unit in UNIT_WORDS and isinstance(choices, list):
        for n, value in enumerate(choices):
            if value not in UNIT_WORDS[unit]:
                yield unknown(
                    (*path, "one_of", n),
                    f"这个值，可以写：{'、'.join(UNIT_WORDS[unit])}",
                    "value",
                    str(value),
                    UNIT_WORDS[unit],
                )
    for word in ("entry_active", "entries"):
        if isinstance(one.get(word), str) and one[word] not in registers:
            yield unknown((*path, word), "这个名册", "register", one[word], registers)
    asked = {str(row.get("key")) for _path, row in rows(data, "setup", "clearances")}
    if isinstance(one.get("clearance"), str) and one["clearance"] not in asked:
        yield unknown(
            (*path, "clearance"),
            "这个征求意见的部门（clearances）",
            "department among the clearances",
            one["clearance"],
            asked,
        )


def _field_word(data: Mapping[str, Any], path: Path, one: Mapping[str, Any]) -> Iterator[Cross]:
    form, key = form_of(data), one["field"]
    if key not in form:
        yield unknown((*path, "field"), "这一栏", "field", key, form)
        return
    kind = form[key].get("type", "number")
    if kind not in COUNTS and (one.get("at_least") is not None or one.get("at_most") is not None):
        yield fault(path, f"“{key}”不是数字栏，不能比大小", f"“{key}” is no number, it has no bounds")
    choices = one.get("one_of")
    if isinstance(choices, list) and choices:
        options = [str(row.get("key")) for _path, row in rows(form[key], "options")]
        if kind != "choice":
            yield fault((*path, "one_of"), f"“{key}”不是选择栏（choice）", f"“{key}” is no choice")
        for n, value in enumerate(choices if kind == "choice" else []):
            if value not in options:
                yield unknown((*path, "one_of", n), "这个选项", "option", str(value), options)


def names(data: Mapping[str, Any], registers: Collection[str], confers: Collection[str]) -> Iterator[Cross]:
    """The register whose entries may apply, and what is conferred; step by step the cycle's own register will do."""
    subject, confer = data.get("subject"), data.get("confer")
    if isinstance(subject, str) and subject not in registers:
        yield unknown(("subject",), "这个名册", "register", subject, registers)
    close = isinstance(confer, str) and get_close_matches(confer, list(confers), n=1, cutoff=0.85)
    if isinstance(confer, str) and confer not in confers and (close or not is_stepwise(data)):
        yield unknown(("confer",), "这种命名（confer）", "way to confer", confer, confers)
