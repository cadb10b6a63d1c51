"""Programmes all year round: each application is reviewed, decided, released and conferred by itself."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Placement, Round, StepResult
from guildhall.foundation.programmes.moves.applications import freeze
from guildhall.foundation.programmes.moves.notices import confer_all, finish, issue
from guildhall.foundation.programmes.moves.placing import candidates
from guildhall.foundation.programmes.moves.reviewing import finish_step
from guildhall.foundation.programmes.rules import need_reason, next_state
from guildhall.foundation.programmes.rules.selection import select
from guildhall.foundation.programmes.states import Move, RoundState, State
from guildhall.foundation.records.moves import made, record
from guildhall.science.marking import in_points


class NotRolling(Refusal):
    """A round whose applications are decided together."""

    code = "programmes.not-rolling"
    message = _("这个批次整批审定，不能单件办理。")


class NotJudged(Refusal):
    """A decision is asked for while a step is open."""

    code = "programmes.not-judged"
    message = _("“%(step)s”还没有结束，不能审定。")


class CapSpent(Refusal):
    """The sum set aside for the year does not reach for this one."""

    code = "programmes.cap-spent"
    message = _("本年度额度还剩 %(left)s 元，这一件要 %(wants)s 元。")


class StillOpen(Refusal):
    """A rolling round is ended while applications are under way."""

    code = "programmes.still-open"
    message = _("还有 %(n)d 件申报在办，不能办结。")


UNDER_WAY = (
    State.DRAFT, State.AWAITING, State.RETURNED, State.CHECKING, State.REVIEWING, State.PROPOSED, State.IN_NOTICE,
    State.HELD,
)  # fmt: skip


def _rolling(pk: int, by: User, right: Right) -> Application:
    """The application with its round held first, so that two decisions never share the last of a cap."""
    seen = Application.objects.visible_to(by).pick(pk)
    of = Round.objects.hold(seen.round_id)
    application = Application.objects.hold(pk)
    application.round = of
    require(by, right, at=of.union)
    if not of.programme.file.rolling or not of.rules.stepwise:
        raise NotRolling
    return application


@transaction.atomic
def close_own_step(pk: int, *, by: User, key: UUID) -> Application:
    """End the step in which one application stands. Raises `SheetsOut`, `NobodyAssigned`, `QuorumMissing`."""
    application = _rolling(pk, by, Right.RUN_ROUNDS)
    of, place = application.round, application.step
    if made("close_own_step", stream=of.stream, subject=application.subject, key=key):
        return application
    judged = StepResult.objects.filter(application=application, step=place, passed=False).exists()
    if application.state != State.REVIEWING or place >= len(of.rules.review) or judged:
        raise OutOfStep(state=application.told_as(by), move=_("结束这一步"))
    on = finish_step(of, place, [application])
    application.refresh_from_db(fields=["step"])
    content = {"step": place, "on": bool(on)}
    record("close_own_step", stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    return application


def judged(application: Application) -> bool:
    """Whether every step is ended for it, or one has cut it."""
    of = application.round
    if application.step >= len(of.rules.review):
        return True
    return StepResult.objects.filter(application=application, step=application.step, passed=False).exists()


def spent_fen(of: Round) -> int:
    """What the decisions of a rolling round have given so far."""
    gone = Placement.objects.filter(application__round=of, chosen=True)
    live = gone.exclude(application__state__in=(State.REFUSED, State.WITHDRAWN))
    return sum(live.values_list("sum_fen", flat=True))


@transaction.atomic
def decide_one(pk: int, *, by: User, key: UUID) -> Application:
    """The leader decides one application as its steps came out; unseen until the release.

    Raises `NotJudged`, `CapSpent` where the year's cap does not reach, `OutOfStep`.
    """
    application = _rolling(pk, by, Right.DECIDE)
    of = application.round
    for move in (Move.PROPOSE, Move.PASS_OVER):
        if made(move, stream=of.stream, subject=application.subject, key=key):
            return application
    next_state(application.state, Move.PROPOSE)
    if not judged(application):
        raise NotJudged(step=of.rules.review[application.step].label.zh)
    placement = _place(application)
    move = Move.PROPOSE if placement.chosen else Move.PASS_OVER
    application.state = next_state(application.state, move)
    application.save(update_fields=["state"])
    snapshot = freeze([application], "decided")[0]
    content = {"state": application.state, "sum_fen": placement.sum_fen, "snapshot": snapshot.digest}
    record(move, stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    return application


def _place(application: Application) -> Placement:
    of = application.round
    selection = of.rules.selection
    assert selection is not None
    own = candidates(of, [application])[0]
    if selection.cap_fen is not None and own.passed:
        left, wants = selection.cap_fen - spent_fen(of), own.asks_fen or selection.sum_fen
        if wants > left:
            raise CapSpent(left=f"{left / 100:,.2f}", wants=f"{wants / 100:,.2f}")
    placed = select(selection, [own])[0]
    score = in_points(own.score) if own.score is not None else None
    return Placement.objects.create(
        application=application, chosen=placed.chosen, place=placed.place, sum_fen=placed.sum_fen, score=score
    )


@transaction.atomic
def release_one(pk: int, *, by: User, key: UUID) -> Application:
    """Tell the unit what was decided; what was chosen stands in notice of its own, or is conferred at once where the
    version has none."""
    application = _rolling(pk, by, Right.RUN_ROUNDS)
    of = application.round
    if made("release_one", stream=of.stream, subject=application.subject, key=key):
        return application
    if application.state not in (State.PROPOSED, State.NOT_SELECTED) or application.released_at:
        raise OutOfStep(state=application.told_as(by), move=_("公布结果"))
    application.released_at = clock.now()
    application.save(update_fields=["released_at"])
    content: dict[str, Any] = {"state": application.state}
    if application.state == State.PROPOSED:
        content["notice"] = _go_public(application, by)
    record("release_one", stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    officers = holders(Right.SPEAK_FOR_UNIT, [application.union_id])
    tell("programmes.released", officers, url=f"/rounds/applications/{application.pk}/", round=of.title)
    return application


def _go_public(application: Application, by: User) -> str:
    of = application.round
    if not of.rules.public_notice:
        confer_all(of, [application], by=by)
        application.refresh_from_db(fields=["state"])
        return ""
    title = f"关于{application.unit.name}{of.title}的公示"
    notice = issue(of, [application], title, by=by, application=application)
    application.state = next_state(application.state, Move.RELEASE)
    application.save(update_fields=["state"])
    content = {"state": application.state}
    record(Move.RELEASE, stream=of.stream, subject=application.subject, by=by, content=content)
    return notice.number


@transaction.atomic
def finish_rolling(pk: int, *, note: str, by: User, key: UUID) -> Round:
    """End a rolling round at the year's end, once it is closed and nothing of it is under way. Raises `StillOpen`."""
    of = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    if made("finish_rolling", stream=of.stream, subject=f"round:{pk}", key=key):
        return of
    if not of.programme.file.rolling:
        raise NotRolling
    if of.state != RoundState.CLOSED:
        raise OutOfStep(state=RoundState(of.state).label, move=_("办结"))
    if n := of.applications.filter(state__in=UNDER_WAY).count():
        raise StillOpen(n=n)
    record("finish_rolling", stream=of.stream, subject=f"round:{pk}", by=by, key=key, note=need_reason(note, 2))
    finish(of)
    of.refresh_from_db()
    return of
