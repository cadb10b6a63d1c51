"""What upheld objections changed since the latest list, who moves up for it, and by how much it goes over the fund."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Objection, Round
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.rules import yuan
from guildhall.foundation.programmes.states import Change, Effect, ObjectionState, RoundState, State


def untold(of: Round) -> list[Objection]:
    """The upheld objections to single items that no list has told of yet, as they were answered."""
    told = {pk for notice in of.notices.all() for line in notice.body.get("changes", []) for pk in line["objections"]}
    upheld = Objection.objects.filter(notice__round=of, state=ObjectionState.UPHELD, application__isnull=False)
    return list(upheld.exclude(pk__in=told).select_related("application__unit").order_by("answered_at", "pk"))


def unanswered(of: Round) -> QuerySet[Objection]:
    """The open objections to any of the round's lists, the most pressing first."""
    return Objection.objects.filter(notice__round=of, state=ObjectionState.OPEN).order_by("answer_by")


def awaiting_a_list(user: User) -> QuerySet[Round]:
    """The rounds that the user runs, in notice, with every objection answered and one of them upheld."""
    of = Objection.objects.filter(notice__round=OuterRef("pk"), application__isnull=False)
    waits = Objection.objects.filter(notice__round=OuterRef("pk"), state=ObjectionState.OPEN)
    rounds = Round.objects.visible_to(user).filter(
        Exists(of.filter(state=ObjectionState.UPHELD)), ~Exists(waits), state=RoundState.IN_NOTICE,
        union__in=user.unions_with(Right.RUN_ROUNDS),
    )  # fmt: skip
    return rounds.select_related("programme", "union")


def listed_since(of: Round) -> list[dict[str, Any]]:
    """What changed since the latest list, one line an item: removed, corrected, or moved up where the version says so.

    `before` is what the latest list says of it, `after` what the next one will say.
    """
    items: dict[int, list[Objection]] = {}
    for one in untold(of):
        assert one.application_id is not None
        items.setdefault(one.application_id, []).append(one)
    if not items:
        return []
    listed = {line["application"]: line for line in of.notice.body["lines"]}
    found = [_changed(of, answered, listed) for answered in items.values()]
    return found + _moved_up(of, found)


def _changed(of: Round, answered: list[Objection], listed: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """One item's line: whatever was corrected before, an item removed is removed."""
    struck = [one for one in answered if one.effect != Effect.CORRECTED]
    said = (struck or answered)[-1]
    item = said.application
    assert item is not None
    item.round = of
    before = {name: value for name, value in listed[item.pk].items() if name not in ("application", "unit")}
    return {
        "application": item.pk, "unit": item.unit.name, "change": Change.REMOVED if struck else Change.CORRECTED,
        "objections": [one.pk for one in answered], "before": before, "after": None if struck else result_of(item),
        "clause": said.clause, "why": said.answer,
    }  # fmt: skip


def _moved_up(of: Round, changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each item removed the next of the reserve list, in its place; none where the version does not say so."""
    if not of.rules.objection.refill or not of.rules.stepwise:
        return []
    waiting = of.applications.filter(state=State.NOT_SELECTED, placement__reserve__isnull=False)
    rows = iter(waiting.select_related("unit", "placement").order_by("placement__reserve"))
    found = []
    for line in changes:
        row = next(rows, None) if line["change"] == Change.REMOVED else None
        if row is not None:
            found.append({
                "application": row.pk, "unit": row.unit.name, "change": Change.MOVED_UP,
                "objections": line["objections"], "before": None,
                "after": {**line["before"], "rank": row.placement.rank}, "clause": line["clause"],
                "why": str(_("%(unit)s移出后按候补次序递补。") % {"unit": line["unit"]}),
            })  # fmt: skip
    return found


def gap_fen(of: Round, instead: Mapping[int, int] | None = None) -> int:
    """By how much the sums exceed the fund, `instead` standing for those of some items; 0 where it reaches."""
    limit = of.rules.outcome.fund_fen
    if not limit:
        return 0
    total, sums = 0, dict(instead or {})
    rows = of.applications.filter(state__in=(State.IN_NOTICE, State.HELD, State.CONFERRED)).select_related("placement")
    for row in rows:
        row.round = of
        total += sums.pop(row.pk) if row.pk in sums else int(result_of(row)["sum_fen"])
    return max(0, total + sum(sums.values()) - limit)


def gap_after(of: Round, changes: Iterable[dict[str, Any]]) -> int:
    """The gap once these changes stand."""
    return gap_fen(of, {line["application"]: line["after"]["sum_fen"] for line in changes if line["after"]})


def said_gap(gap: int) -> str:
    """The gap in words, or nothing."""
    return str(_("超出奖补资金 %(gap)s 元，要追加预算后才能付清。") % {"gap": yuan(gap)}) if gap else ""


def gained(application: Application) -> bool:
    """Whether an objection brought this one more than was released to it."""
    correction = application.corrected or {}
    before = (correction.get("released") or {}).get("sum_fen", 0)
    return bool(correction) and int(correction["result"]["sum_fen"]) > int(before)
