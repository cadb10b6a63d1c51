"""An application's own moves: facts, the check, withdrawal, the frozen copies."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Round, Snapshot
from guildhall.foundation.programmes.moves import checks
from guildhall.foundation.programmes.registry import FIXED, hook
from guildhall.foundation.programmes.rules import digest_of, need_reason, next_state, vetoed
from guildhall.foundation.programmes.rules.form import Value, read_value
from guildhall.foundation.programmes.states import Move, RoundState, State
from guildhall.foundation.records.moves import Entry, made, record, record_many


class Vetoed(Refusal):
    """A fact bars the application by a clause of the policy (一票否决)."""

    code = "programmes.vetoed"
    message = _("按%(clause)s一票否决，不能通过资格审查。")


def _report(application: Application, facts: Mapping[str, object]) -> dict[str, Value]:
    """The facts read and kept; raises the first `FactMissing`, `FactOutOfRange` or `ValueOff`."""
    fields = {field.key: field for field in application.round.rules.form if field.type != "file"}
    return {key: read_value(field, facts.get(key, application.facts.get(key))) for key, field in fields.items()}


def _still_checked(application: Application) -> None:
    """Raises `OutOfStep` once it is accepted or refused, and in a round that does not go on."""
    of = application.round
    if of.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(of.state).label, move=_("改数据"))
    if application.state != State.CHECKING:
        raise OutOfStep(state=State(application.state).label, move=_("改数据"))


@transaction.atomic
def report_facts(pk: int, facts: Mapping[str, object], *, by: User, key: UUID) -> Application:
    """An officer of the federation enters what a unit reports, while it is being checked.

    Raises `FactMissing`, `FactOutOfRange`, `OutOfStep` once it is accepted.
    """
    application = Application.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=application.union)
    stream = application.round.stream
    if made("report", stream=stream, subject=application.subject, key=key):
        return application
    _still_checked(application)
    application.facts = _report(application, facts)
    application.save(update_fields=["facts"])
    record("report", stream=stream, subject=application.subject, by=by, content={"facts": application.facts}, key=key)
    return application


@transaction.atomic
def report_many(round_pk: int, facts: Mapping[int, Mapping[str, object]], *, by: User, key: UUID) -> int:
    """Enter the facts of many units at once, by application id; all or nothing. Returns how many changed.

    The caller has read the workbook and looked each unit up; an id out of scope raises `NotHere`, one that was
    accepted meanwhile `OutOfStep`.
    """
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    if earlier := made("report_many", stream=of.stream, subject=f"round:{round_pk}", key=key):
        return int(earlier.body["changed"])
    named = of.applications.visible_to(by).select_for_update(of=("self",)).filter(pk__in=facts)
    rows = list(named.order_by("pk"))
    if len(rows) != len(facts):
        raise NotHere
    changed = []
    for application in rows:
        application.round = of
        _still_checked(application)
        read = _report(application, facts[application.pk])
        if read != application.facts:
            application.facts = read
            changed.append(application)
    Application.objects.bulk_update(changed, ["facts"])
    record(
        "report_many", stream=of.stream, subject=f"round:{round_pk}", by=by, content={"changed": len(changed)}, key=key
    )
    entries = [Entry(act="report", subject=row.subject, content={"facts": row.facts}) for row in changed]
    record_many(of.stream, entries, by=by)
    return len(changed)


def freeze(rows: list[Application], stage: str) -> list[Snapshot]:
    """Keep what is judged as it stands: facts, statement and the digests of the evidence, each under a digest."""
    at = clock.now()
    made_of = [
        Snapshot(
            application=row,
            stage=stage,
            body={
                "facts": row.facts,
                "statement": row.statement,
                "evidence": sorted([piece.indicator, piece.attachment.digest] for piece in row.evidence.all()),
            },
            at=at,
        )
        for row in rows
    ]
    for snapshot in made_of:
        snapshot.digest = digest_of(snapshot.body)
    return Snapshot.objects.bulk_create(made_of)


def _judge(pk: int, move: Move, by: User, key: UUID) -> tuple[Application, bool]:
    application = Application.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=application.round.union)
    if made(move, stream=application.round.stream, subject=application.subject, key=key):
        return application, True
    if application.round.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(application.round.state).label, move=move.label)
    application.state = next_state(application.state, move)
    return application, False


@transaction.atomic
def accept(pk: int, *, by: User, key: UUID) -> Application:
    """Accept an application to the review: its facts are complete and nothing bars it; its content is frozen.

    Raises `FactMissing`, `Vetoed`, `CheckFailed`, `OutOfStep`.
    """
    application, again = _judge(pk, Move.ACCEPT, by, key)
    if again:
        return application
    application.facts = _report(application, {})
    if clause := vetoed(application.round.rules, application.facts):
        raise Vetoed(clause=clause)
    checks.need_sound([checks.run(application, checks.CHECKING, by)])
    application.save(update_fields=["state", "facts"])
    snapshot = freeze([application], "accepted")[0]
    record(
        Move.ACCEPT, stream=application.round.stream, subject=application.subject, by=by,
        content={"state": application.state, "snapshot": snapshot.digest}, key=key,
    )  # fmt: skip
    return application


@transaction.atomic
def accept_all(round_pk: int, *, by: User, key: UUID) -> tuple[int, int]:
    """Accept every application whose facts are complete and that nothing bars; returns (accepted, left to check)."""
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    waiting = of.applications.select_for_update(of=("self",)).filter(state=State.CHECKING).order_by("pk")
    if earlier := made("accept_all", stream=of.stream, subject=f"round:{round_pk}", key=key):
        return int(earlier.body["accepted"]), waiting.count()
    if of.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(of.state).label, move=Move.ACCEPT.label)
    rows = list(waiting.select_related("unit").prefetch_related("evidence__attachment"))
    complete = {field.key for field in of.rules.form if field.type != "file"}
    whole = [row for row in rows if complete <= row.facts.keys() and not vetoed(of.rules, row.facts)]
    sound = [check.application for check in checks.run_many(of, checks.CHECKING, whole) if check.sound]
    target = next_state(State.CHECKING, Move.ACCEPT)
    of.applications.filter(pk__in=[row.pk for row in sound]).update(state=target)
    snapshots = freeze(sound, "accepted")
    record(
        "accept_all", stream=of.stream, subject=f"round:{round_pk}", by=by, content={"accepted": len(sound)}, key=key
    )
    entries = [
        Entry(act=Move.ACCEPT, subject=row.subject, content={"state": target, "snapshot": snapshot.digest})
        for row, snapshot in zip(sound, snapshots, strict=True)
    ]
    record_many(of.stream, entries, by=by)
    return len(sound), len(rows) - len(sound)


@transaction.atomic
def refuse(pk: int, *, reason: str, clause: str, by: User, key: UUID) -> Application:
    """Refuse an application at the check, with the reason and the clause; the unit is told."""
    application, again = _judge(pk, Move.REFUSE, by, key)
    if again:
        return application
    application.reason, application.clause = need_reason(reason), need_reason(clause, 2)
    application.save(update_fields=["state", "reason", "clause"])
    record(
        Move.REFUSE, stream=application.round.stream, subject=application.subject, by=by,
        content={"state": application.state, "clause": application.clause}, key=key, note=application.reason,
    )  # fmt: skip
    officers = holders(Right.SPEAK_FOR_UNIT, [application.union_id])
    tell("programmes.refused", officers, round=application.round.title, clause=application.clause)
    return application


@transaction.atomic
def withdraw(pk: int, *, reason: str, by: User, key: UUID) -> Application:
    """A unit leaves the round, by its own officer or for it by the federation's (a merger, a closing).

    Its row goes; the marks it submitted count and its group's seats stay. Raises `OutOfStep` after the decision.
    """
    application = Application.objects.visible_to(by).hold(pk)
    if not by.may(Right.SPEAK_FOR_UNIT, application.union):
        require(by, Right.RUN_ROUNDS, at=application.round.union)
    if made(Move.WITHDRAW, stream=application.round.stream, subject=application.subject, key=key):
        return application
    if hook(FIXED, application.round)(application.round):
        raise OutOfStep(state=_("已封存"), move=Move.WITHDRAW.label)
    application.state = next_state(application.state, Move.WITHDRAW)
    application.reason = need_reason(reason)
    application.save(update_fields=["state", "reason"])
    record(
        Move.WITHDRAW, stream=application.round.stream, subject=application.subject, by=by,
        content={"state": application.state}, key=key, note=application.reason,
    )  # fmt: skip
    return application
