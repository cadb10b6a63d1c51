"""After an upheld objection: an item corrected and placed anew, the next in order moved up, and the second list."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import BadInput, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Notice, Objection, Round
from guildhall.foundation.programmes.moves.notices import issue
from guildhall.foundation.programmes.moves.objections import answer_upheld
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.registry import CORRECTED, hook
from guildhall.foundation.programmes.rules import next_state, yuan
from guildhall.foundation.programmes.rules.form import read_value
from guildhall.foundation.programmes.states import Change, Effect, Move, ObjectionState, RoundState, State
from guildhall.foundation.records.moves import made, record


class NothingCorrected(Refusal):
    """A correction that changes no fact."""

    code = "programmes.nothing-corrected"
    message = _("没有改动任何数据。异议不成立的，请选“不采纳”；要移出名单的，请选“不予通过”。")
    status = 422


class NothingNew(Refusal):
    """A second list is published that would say what the first says."""

    code = "programmes.nothing-new"
    message = _("自上一次公示以来，没有采纳的异议改动名单，不用再次公示。")


class ObjectionsWait(Refusal):
    """A second list is published while objections to the first are unanswered."""

    code = "programmes.objections-wait"
    message = _("还有 %(n)d 件异议没有答复，答复完再公布第二次名单。")


@transaction.atomic
def correct(pk: int, facts: Mapping[str, object], *, answer: str, clause: str, by: User, key: UUID) -> Objection:
    """Uphold an objection by correcting the item's own facts: its result is reckoned anew beside the released one.

    Nobody else moves, seats stay as released; it stays held until the second list is published. Raises
    `NothingCorrected`, `FactOutOfRange`, `BadInput` for an objection to the whole list, `OutOfStep`.
    """
    objection, again = answer_upheld(pk, answer=answer, clause=clause, effect=Effect.CORRECTED, by=by, key=key)
    if again:
        return objection
    if objection.application_id is None:
        raise BadInput(what=_("对整份名单的异议没有可以更正的数据。"))
    item = Application.objects.hold(objection.application_id)
    if item.state != State.HELD:
        raise OutOfStep(state=State(item.state).label, move=Move.CORRECT.label)
    changed = _changed(item, facts)
    before = result_of(item)
    whole = item.facts | changed
    item.corrected = {
        "result": hook(CORRECTED, item.round)(item, whole), "facts": changed, "clause": objection.clause,
        "before": before, "objection": pk,
    }  # fmt: skip
    item.save(update_fields=["corrected"])
    content = {"objection": pk, "facts": changed, "before": before, "after": item.corrected["result"]}
    record("correct_facts", stream=item.round.stream, subject=item.subject, by=by, content=content, note=clause)
    return objection


def _changed(item: Application, facts: Mapping[str, object]) -> dict[str, Any]:
    fields = {field.key: field for field in item.round.rules.form}
    if unknown := set(facts) - set(fields):
        raise BadInput(what=_("申报表里没有这一项：%(names)s。") % {"names": "、".join(sorted(unknown))})
    read = {name: read_value(fields[name], value) for name, value in facts.items()}
    base = item.facts | (item.corrected or {}).get("facts", {})
    changed = {name: value for name, value in read.items() if value != base.get(name)}
    if not changed:
        raise NothingCorrected
    earlier: dict[str, Any] = (item.corrected or {}).get("facts", {})
    return earlier | changed


def listed_since(of: Round) -> list[dict[str, Any]]:
    """What changed since the latest list: items removed, corrected, and those that move up where the version says so."""
    told = {
        (line["application"], line["change"], line.get("objection"))
        for notice in of.notices.all() for line in notice.body.get("changes", [])
    }  # fmt: skip
    upheld = Objection.objects.filter(notice__round=of, state=ObjectionState.UPHELD, application__isnull=False)
    found: list[dict[str, Any]] = []
    for one in upheld.select_related("application__unit", "application__round__programme").order_by(
        "answered_at", "pk"
    ):
        item = one.application
        assert item is not None
        item.round = of
        change = Change.CORRECTED if one.effect == Effect.CORRECTED else Change.REMOVED
        if (item.pk, change, one.pk) in told:
            continue
        after = result_of(item) if change == Change.CORRECTED else None
        before = (item.corrected or {}).get("before") or result_of(item)
        found.append({
            "application": item.pk, "unit": item.unit.name, "change": change, "objection": one.pk, "before": before,
            "after": after, "clause": one.clause, "why": one.answer,
        })  # fmt: skip
    return found + _moved_up(of, found)


def _moved_up(of: Round, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each item removed the next of the reserve list, in its place; none where the version does not say so."""
    if not of.rules.objection.refill or not of.rules.stepwise:
        return []
    waiting = of.applications.filter(state=State.NOT_SELECTED, placement__reserve__isnull=False)
    rows = iter(waiting.select_related("unit", "placement").order_by("placement__reserve"))
    found = []
    for line in changes:
        row = next(rows, None) if line["change"] == Change.REMOVED else None
        if row is not None:
            after = {**line["before"], "rank": row.placement.rank}
            found.append({
                "application": row.pk, "unit": row.unit.name, "change": Change.MOVED_UP, "objection": line["objection"],
                "before": None, "after": after, "clause": line["clause"],
                "why": str(_("%(unit)s移出后按候补次序递补。") % {"unit": line["unit"]}),
            })  # fmt: skip
    return found


@transaction.atomic
def publish_again(pk: int, *, by: User, key: UUID) -> Notice:
    """Publish the second list: it says what changed and why; what changed stands in notice anew, the rest goes on.

    The first list stays as published. Where sums gained exceed what the fund leaves, the list names the gap. Raises
    `NothingNew`, `ObjectionsWait`, `OutOfStep`.
    """
    of = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    if earlier := made("publish_again", stream=of.stream, subject=f"round:{pk}", key=key):
        return Notice.objects.get(pk=earlier.body["notice"])
    if of.state != RoundState.IN_NOTICE:
        raise OutOfStep(state=RoundState(of.state).label, move=_("再次公示"))
    if n := Objection.objects.filter(notice__round=of, state=ObjectionState.OPEN).count():
        raise ObjectionsWait(n=n)
    changes = listed_since(of)
    if not changes:
        raise NothingNew
    _carry_out(of, changes, by)
    rows = of.applications.filter(state__in=(State.IN_NOTICE, State.CONFERRED)).select_related("unit", "placement")
    edition = of.notice.edition + 1
    title = f"关于{of.title}结果的第{edition}次公示" if edition > 2 else f"关于{of.title}结果的再次公示"
    notice = issue(
        of,
        list(rows),
        title,
        by=by,
        edition=edition,
        changes=changes,
        first=of.notices.get(edition=1, application=None).number,
    )
    content = {"notice": notice.pk, "number": notice.number, "edition": edition, "digest": notice.digest}
    record("publish_again", stream=of.stream, subject=f"round:{pk}", by=by, content=content, key=key)
    unions = Application.objects.filter(pk__in=[line["application"] for line in changes]).values_list(
        "union", flat=True
    )
    told = holders(Right.SPEAK_FOR_UNIT, list(unions))
    tell("programmes.again", told, url=f"/notices/{notice.pk}/", round=of.title, number=notice.number)
    return notice


def _carry_out(of: Round, changes: list[dict[str, Any]], by: User) -> None:
    """Corrected items go back into notice; those that move up come into it with the place they take."""
    for line in changes:
        if line["change"] == Change.REMOVED:
            continue
        move = Move.CORRECT if line["change"] == Change.CORRECTED else Move.MOVE_UP
        item = Application.objects.hold(line["application"])
        if move == Move.CORRECT and item.state != State.HELD:
            continue
        item.state = next_state(item.state, move)
        if move == Move.MOVE_UP:
            item.corrected = {"result": line["after"], "facts": {}, "clause": line["clause"], "before": None}
        item.save(update_fields=["state", "corrected"])
        content = {"state": item.state, "objection": line["objection"], "after": line["after"]}
        record(move, stream=of.stream, subject=item.subject, by=by, content=content)


def gap_fen(of: Round) -> int:
    """By how much the sums now exceed the fund; 0 where it reaches. What is missing needs an added budget."""
    rows = of.applications.filter(state__in=(State.IN_NOTICE, State.HELD, State.CONFERRED)).select_related("placement")
    total = 0
    for row in rows:
        row.round = of
        total += int(result_of(row)["sum_fen"])
    limit = of.rules.outcome.fund_fen
    return max(0, total - limit) if limit else 0


def said_gap(of: Round) -> str:
    """The gap in words, or nothing."""
    gap = gap_fen(of)
    return str(_("超出奖补资金 %(gap)s 元，要追加预算后才能付清。") % {"gap": yuan(gap)}) if gap else ""
