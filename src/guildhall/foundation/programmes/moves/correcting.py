"""After an upheld objection: an item corrected and placed anew, the next in order moved up, and the second list."""

from collections.abc import Mapping
from dataclasses import dataclass
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
from guildhall.foundation.programmes.moves.changes import gap_after, gap_fen, listed_since, said_gap, unanswered
from guildhall.foundation.programmes.moves.notices import issue
from guildhall.foundation.programmes.moves.objections import answer_upheld
from guildhall.foundation.programmes.moves.results import released_of, result_of
from guildhall.foundation.programmes.registry import CORRECTED, hook
from guildhall.foundation.programmes.rules import next_state, vetoed
from guildhall.foundation.programmes.rules.form import read_value
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.programmes.states import Change, Effect, Move, ObjectionState, RoundState, State
from guildhall.foundation.records.moves import made, record


class NothingCorrected(Refusal):
    """A correction that changes no fact."""

    code = "programmes.nothing-corrected"
    message = _("没有改动任何数据。异议不成立的，请选“不采纳”；要移出名单的，请选“移出名单”。")
    status = 422


class Barred(Refusal):
    """A correction after which a clause bars the item: it is removed, not corrected."""

    code = "programmes.correction-bars"
    message = _("这样更正后，按%(clause)s一票否决，不能再公示。请选“移出名单”。")
    status = 422


class NothingNew(Refusal):
    """A second list is published that would say what the first says."""

    code = "programmes.nothing-new"
    message = _("自上一次公示以来，没有采纳的异议改动名单，不用再次公示。")


class ObjectionsWait(Refusal):
    """A second list is published while objections to the first are unanswered."""

    code = "programmes.objections-wait"
    message = _("还有 %(n)d 件异议没有答复，答复完再公布第二次名单。")


@dataclass(frozen=True)
class Foreseen:
    """What a correction makes of its item: the facts that change, the result before and after, the gap to the fund."""

    facts: list[tuple[FactField, Any, Any]]
    before: dict[str, Any]
    after: dict[str, Any]
    gap_fen: int


def against_correcting(objection: Objection) -> Refusal | None:
    """Why this objection cannot be answered by a correction, or None."""
    if objection.state != ObjectionState.OPEN:
        return OutOfStep(state=ObjectionState(objection.state).label, move=_("答复"))
    if objection.application is None:
        return BadInput(what=_("对整份名单的异议没有可以更正的数据。"))
    if objection.notice.application_id:
        return BadInput(what=_("常年受理的项目逐件公示，数据有误的请移出，由单位更正后重新申报。"))
    state = objection.application.state
    return None if state == State.HELD else OutOfStep(state=State(state).label, move=Move.CORRECT.label)


def may_correct(objection: Objection) -> None:
    """Raise why it cannot be answered by a correction."""
    if refusal := against_correcting(objection):
        raise refusal


def foresee(pk: int, facts: Mapping[str, object], *, by: User) -> Foreseen:
    """What `correct` with these facts would come to; nothing is written. Raises as it does."""
    objection = Objection.objects.visible_to(by).pick(pk)
    of = objection.notice.round
    require(by, Right.RUN_ROUNDS, at=of.union)
    may_correct(objection)
    item = Application.objects.pick(objection.application_id or 0)
    earlier, changed, before, after = _reckoned(item, facts)
    asked = {field.key: field for field in of.rules.form}
    shown = [(asked[name], earlier.get(name, ""), value) for name, value in changed.items()]
    return Foreseen(shown, before, after, gap_fen(of, {item.pk: int(after["sum_fen"])}))


def _reckoned(
    item: Application, facts: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The facts as they stood, those that change, the result before and after."""
    stood = item.facts | (item.corrected or {}).get("facts", {})
    changed = _changed(item, stood, facts)
    whole, rules, reckon = stood | changed, item.round.rules, hook(CORRECTED, item.round)
    known = all(veto.fact in whole for veto in rules.vetoes)
    if clause := vetoed(rules, whole) if known else None:
        raise Barred(clause=clause)
    before = result_of(item) | {"final": reckon(item, stood).get("final")}
    return stood, changed, before, reckon(item, whole)


@transaction.atomic
def correct(pk: int, facts: Mapping[str, object], *, answer: str, clause: str, by: User, key: UUID) -> Objection:
    """Uphold an objection by correcting the item's own facts: its result is reckoned anew beside the released one.

    Nobody else moves, seats stay as released; it stays held until the second list is published. Raises
    `NothingCorrected`, `FactOutOfRange`, `Barred`, `BadInput` for an objection to the whole list, `OutOfStep`.
    """
    asked = Objection.objects.visible_to(by).hold(pk)
    refusal = against_correcting(asked)
    objection, again = answer_upheld(pk, answer=answer, clause=clause, effect=Effect.CORRECTED, by=by, key=key)
    if again:
        return objection
    if refusal:
        raise refusal
    item = Application.objects.hold(objection.application_id or 0)
    if item.state != State.HELD:
        raise OutOfStep(state=State(item.state).label, move=Move.CORRECT.label)
    stood, changed, before, after = _reckoned(item, facts)
    since = item.corrected or {}
    item.corrected = {
        "result": after, "facts": since.get("facts", {}) | changed, "clause": objection.clause, "before": before,
        "released": released_of(item) | {"final": since.get("released", before).get("final")}, "objection": pk,
    }  # fmt: skip
    item.save(update_fields=["corrected"])
    content = {
        "objection": pk, "facts": changed, "stood": {name: stood.get(name) for name in changed},
        "before": before, "after": after,
    }  # fmt: skip
    record("correct_facts", stream=item.round.stream, subject=item.subject, by=by, content=content, note=clause)
    return objection


def _changed(item: Application, stood: Mapping[str, Any], facts: Mapping[str, object]) -> dict[str, Any]:
    """What of these facts differs, as it is kept. Files are none of them."""
    fields = {field.key: field for field in item.round.rules.form if field.type != "file"}
    if unknown := set(facts) - set(fields):
        raise BadInput(what=_("申报表里没有这一项：%(names)s。") % {"names": "、".join(sorted(unknown))})
    read = {name: read_value(fields[name], value) for name, value in facts.items()}
    changed = {name: value for name, value in read.items() if value != stood.get(name, "")}
    if not changed:
        raise NothingCorrected
    return changed


def against_again(of: Round) -> list[dict[str, Any]]:
    """What a second list would say. Raises `OutOfStep`, `ObjectionsWait`, `NothingNew` where there is none to publish."""
    if of.state != RoundState.IN_NOTICE:
        raise OutOfStep(state=RoundState(of.state).label, move=_("再次公示"))
    if n := unanswered(of).count():
        raise ObjectionsWait(n=n)
    if changes := listed_since(of):
        return changes
    raise NothingNew


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
    changes = against_again(of)
    gap = gap_after(of, changes)
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
        gap_fen=gap,
        note=_in_words(changes, gap),
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


def _in_words(changes: list[dict[str, Any]], gap: int) -> str:
    """What changed and why, as the paper says it."""
    said = [
        f"{number}.{line['unit']}：{Change(line['change']).label}。依据{line['clause']}。{line['why']}"
        for number, line in enumerate(changes, 1)
    ]
    return "与上一次公示相比：" + "".join(said) + "只对以上变动重新公示，其他单位不变。" + said_gap(gap)


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
            item.corrected = {
                "result": line["after"], "facts": {}, "clause": line["clause"], "before": None,
                "released": released_of(item),
            }  # fmt: skip
        item.save(update_fields=["state", "corrected"])
        content = {"state": item.state, "objections": line["objections"], "after": line["after"]}
        record(move, stream=of.stream, subject=item.subject, by=by, content=content)
