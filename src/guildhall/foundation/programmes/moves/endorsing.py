"""The levels' moves: the level's own notice, endorse, countersign, return, decline, more time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, User, holders
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Endorsement, LevelNotice, Pending, Quota, Round
from guildhall.foundation.programmes.moves.applying import tell_level
from guildhall.foundation.programmes.rules import counted_days, need_reason, next_state
from guildhall.foundation.programmes.rules.levels import (
    CHECK,
    LevelLate,
    RankFirst,
    SecondHand,
    against_notice,
    against_quota,
    against_resolution,
    level_after,
    seat_of,
)
from guildhall.foundation.programmes.schema import Level
from guildhall.foundation.programmes.states import Move, RoundState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.moves import made, record


class DueOff(Refusal):
    """A day for mending that is past, or beyond what the level has left."""

    code = "programmes.due-off"
    message = _("补正期限要在 %(first)s 到 %(last)s 之间。")
    status = 422


@dataclass(frozen=True)
class Turn:
    """An application with the level whose turn it is, and that level's union and deadline."""

    application: Application
    place: int
    level: Level
    union: Union
    quota: Quota


def seated(user: User, right: Right, union: Union) -> bool:
    """Whether an office at exactly this union gives the right: nobody acts for a level below the own one."""
    return union.pk in user.unions_with(right)


def quota_union(of: Round, level: Level, seat: Union) -> Union:
    """At which union a level's deadline and places stand: the units' level has one row, at the federation."""
    return of.union if level.at == "unit" else seat


def turn(application: Application, by: User, *, lock: bool = True) -> Turn:
    """Whose turn it is, where it is this user's. Raises `OutOfStep`, `NoRight`."""
    of = application.round
    if application.level == CHECK or application.level >= len(of.rules.levels):
        raise OutOfStep(state=application.told, move=_("推荐"))
    level = of.rules.levels[application.level]
    seat = seat_of(level, application.union)
    if seat is None or not seated(by, Right.ENDORSE, seat):
        raise NoRight
    at = quota_union(of, level, seat)
    rows = Quota.objects.all()
    quota = rows.hold(of.pk, application.level, at) if lock else rows.get(round=of, level=application.level, union=at)
    return Turn(application, application.level, level, seat, quota)


def against_time(quota: Quota) -> Refusal | None:
    """Why a level may not act any more, or None: its deadline binds by time."""
    ends = quota.ends_at.astimezone(clock.now().tzinfo)
    return LevelLate(union=quota.union.short, ended=f"{ends:%Y-%m-%d %H:%M}") if clock.now() > ends else None


def used(of: Round, place: int, union: Union) -> int:
    """How many applications a union of a level has endorsed; one that came back and went up again counts once."""
    up = Endorsement.objects.filter(application__round=of, level=place, union=union, act__in=UP)
    return up.exclude(application__state__in=(State.WITHDRAWN, State.DECLINED)).values("application").distinct().count()


UP = (Move.ENDORSE, Move.ENDORSE_LAST)


def level_notice(application: Application, place: int) -> LevelNotice | None:
    """The level's latest notice of this application."""
    return application.level_notices.filter(level=place).order_by("-id").first()


def against_endorsing(here: Turn) -> Refusal | None:
    """Why this level may not endorse this application now, apart from its resolution; or None where it may.

    The page greys its button with the answer, and the move raises it.
    """
    if here.application.state != State.AWAITING:
        return OutOfStep(state=here.application.told, move=Move.ENDORSE.label)
    if refusal := against_time(here.quota):
        return refusal
    notice = level_notice(here.application, here.place)
    if refusal := against_notice(
        here.level, notice.ends_on if notice else None, proven=bool(notice and notice.proof_id)
    ):
        return refusal
    earlier = here.application.endorsements.filter(level=here.place, act__in=UP).exists()
    count = used(here.application.round, here.place, here.union)
    return None if earlier else against_quota(here.union.short, here.quota.places, count)


def _mine(pk: int, by: User) -> Application:
    Application.objects.visible_to(by).pick(pk)
    return Application.objects.hold(pk)


@transaction.atomic
def announce(pk: int, *, starts_on: date, place: str, by: User, key: UUID) -> LevelNotice:
    """Register that the level has put the application up; the last day follows from the policy's days.

    Raises `OutOfStep`, `BadInput` for a day to come or before the submission, `YearWithoutTable`.
    """
    application = _mine(pk, by)
    here = turn(application, by)
    stream, subject = application.round.stream, application.subject
    if earlier := made("level_notice", stream=stream, subject=subject, key=key):
        return LevelNotice.objects.get(pk=earlier.body["notice"])
    if application.state != State.AWAITING or here.level.notice is None:
        raise OutOfStep(state=application.told, move=_("登记公示"))
    sent = application.submitted_at
    if starts_on > clock.today() or (sent and starts_on < sent.astimezone(clock.now().tzinfo).date()):
        raise BadInput(what=_("公示开始日要在提交当天到今天之间。"))
    ends_on = counted_days(starts_on, here.level.notice)[-1]
    notice = LevelNotice.objects.create(
        application=application, level=here.place, starts_on=starts_on, ends_on=ends_on,
        place=need_reason(place, 2)[:80], by=by,
    )  # fmt: skip
    content = {"notice": notice.pk, "level": here.place, "starts_on": starts_on, "ends_on": ends_on}
    record("level_notice", stream=stream, subject=subject, by=by, content=content, key=key)
    return notice


@transaction.atomic
def prove(pk: int, *, upload: "UploadedFile[Any]", by: User, key: UUID) -> LevelNotice:
    """Attach the proof of the level's notice: a photograph of the board, a print of the page."""
    application = _mine(pk, by)
    here = turn(application, by)
    stream, subject = application.round.stream, application.subject
    notice = level_notice(application, here.place)
    if made("level_proof", stream=stream, subject=subject, key=key) and notice:
        return notice
    if application.state != State.AWAITING or notice is None:
        raise OutOfStep(state=application.told, move=_("上传公示证明"))
    notice.proof = store(upload, by=by, stream=stream, subject=subject)
    notice.save(update_fields=["proof"])
    content = {"notice": notice.pk, "digest": notice.proof.digest}
    record("level_proof", stream=stream, subject=subject, by=by, content=content, key=key)
    return notice


def _speak(here: Turn, move: Move, by: User, **said: Any) -> Endorsement:
    """The level's act, kept beside those before it."""
    return Endorsement.objects.create(
        application=here.application, level=here.place, union=here.union, act=move,
        submission=here.application.submissions, by=by, at=clock.now(), **said,
    )  # fmt: skip


@transaction.atomic
def endorse(
    pk: int, *, text: str, resolved_on: date | None = None, resolution: "UploadedFile[Any] | None" = None, by: User,
    key: UUID,
) -> Application:  # fmt: skip
    """Endorse an application towards the next level, or to the federation's check behind the last.

    Where the level asks for a second hand, it waits for the countersignature. Raises `NotHere`, `NoRight`, `OutOfStep`,
    `LevelLate`, `NoticeMissing`, `ResolutionMissing`, `QuotaSpent`, `RankFirst`.
    """
    application = _mine(pk, by)
    stream, subject = application.round.stream, application.subject
    for act in ("draw_up", *UP):
        if made(act, stream=stream, subject=subject, key=key):
            return application
    here = turn(application, by)
    if here.level.rank:
        raise RankFirst
    if refusal := against_endorsing(here) or against_resolution(here.level, resolved_on, attached=bool(resolution)):
        raise refusal
    said = need_reason(text, 2)
    stored = store(resolution, by=by, stream=stream, subject=subject) if resolution else None
    if here.level.countersign:
        body = {"text": said, "resolved_on": resolved_on.isoformat() if resolved_on else None}
        Pending.objects.filter(application=application).delete()
        Pending.objects.create(application=application, body=body, resolution=stored, by=by, at=clock.now())
        record("draw_up", stream=stream, subject=subject, by=by, content={"level": here.place}, key=key, note=said)
        return application
    spoken = {"text": said, "resolved_on": resolved_on, "resolution": stored}
    return _pass_up(here, by, key, **spoken)


def _pass_up(here: Turn, by: User, key: UUID, **said: Any) -> Application:
    application = here.application
    level = level_after(application.round.rules, application.union, here.place)
    move = Move.ENDORSE_LAST if level == CHECK else Move.ENDORSE
    _speak(here, move, by, **said)
    application.state, application.level = next_state(application.state, move), level
    application.due_at = due_of(application)
    application.save(update_fields=["state", "level", "due_at"])
    content = {"state": application.state, "from": here.place, "level": level}
    record(
        move, stream=application.round.stream, subject=application.subject, by=by, content=content, key=key,
        note=said["text"],
    )  # fmt: skip
    tell_level(application, "programmes.awaits")
    return application


def due_of(application: Application) -> datetime | None:
    """When the level that has it now ends."""
    of, place = application.round, application.level
    if place == CHECK:
        return None
    seat = seat_of(of.rules.levels[place], application.union)
    if seat is None:
        return None
    at = quota_union(of, of.rules.levels[place], seat)
    return Quota.objects.filter(round=of, level=place, union=at).values_list("ends_at", flat=True).first()


@transaction.atomic
def countersign(pk: int, *, by: User, key: UUID) -> Application:
    """A second officer of the level countersigns what the first drew up. Raises `SecondHand`, and what endorsing raises."""
    application = _mine(pk, by)
    stream, subject = application.round.stream, application.subject
    for act in UP:
        if made(act, stream=stream, subject=subject, key=key):
            return application
    here = turn(application, by)
    pending = Pending.objects.select_for_update(of=("self",)).filter(application=application).first()
    if pending is None:
        raise OutOfStep(state=application.told, move=_("会签"))
    if pending.by_id == by.pk:
        raise SecondHand
    if refusal := against_endorsing(here):
        raise refusal
    resolved = pending.body["resolved_on"]
    said = {
        "text": pending.body["text"], "resolution": pending.resolution, "countersigned_by": by,
        "resolved_on": date.fromisoformat(resolved) if resolved else None,
    }  # fmt: skip
    drafter = pending.by
    pending.delete()
    return _pass_up(here, drafter, key, **said)


def against_returning(application: Application, by: User) -> Refusal | None:
    """Why this user may not return or decline this application now, or None."""
    if application.state == State.CHECKING:
        of = application.round
        fits = of.state in (RoundState.OPEN, RoundState.CLOSED) and of.rules.entry == "applied"
        if not by.may(Right.RUN_ROUNDS, of.union):
            return NoRight()
        return None if fits else OutOfStep(state=RoundState(of.state).label, move=Move.RETURN.label)
    if application.state != State.AWAITING:
        return OutOfStep(state=application.told, move=Move.RETURN.label)
    try:
        return against_time(turn(application, by, lock=False).quota)
    except Refusal as refusal:
        return refusal


def last_mending_day(application: Application) -> date | None:
    """The last day for mending that leaves the level a working day; None where nothing bounds it."""
    due = due_of(application)
    if due is None:
        return None
    day = due.astimezone(clock.now().tzinfo).date()
    while clock.working_days_between(day, due.astimezone(clock.now().tzinfo).date()) < 1 and day > clock.today():
        day = date.fromordinal(day.toordinal() - 1)
    return day


def _due(application: Application, due_on: date) -> date:
    last = last_mending_day(application)
    if due_on < clock.today() or (last is not None and due_on > last):
        raise DueOff(first=clock.today(), last=last or "–")
    return due_on


@transaction.atomic
def send_back(pk: int, *, text: str, places: list[str], due_on: date, by: User, key: UUID) -> Application:
    """Return an application for correction, by the level that has it or from the federation's check, as often as needed.

    `places` are the keys of the form to mend. What comes back goes to whoever returned it; nothing is lost.
    Raises `BadInput` for a place the form has not, `DueOff`, `LevelLate`, `OutOfStep`, `NoRight`.
    """
    application = _mine(pk, by)
    of = application.round
    if made(Move.RETURN, stream=of.stream, subject=application.subject, key=key):
        return application
    if refusal := against_returning(application, by):
        raise refusal
    known = {field.key for field in of.rules.form} | {"sealed_scan"}
    if not places or set(places) - known:
        raise BadInput(what=_("请勾选要补正的地方。"))
    union = of.union if application.level == CHECK else seat_of(of.rules.levels[application.level], application.union)
    assert union is not None
    said = need_reason(text)
    until = _due(application, due_on)
    Pending.objects.filter(application=application).delete()
    Endorsement.objects.create(
        application=application, level=application.level, union=union, act=Move.RETURN, text=said, places=places,
        due_on=until, submission=application.submissions, by=by, at=clock.now(),
    )  # fmt: skip
    application.state = next_state(application.state, Move.RETURN)
    application.due_at = clock.end_of_day(until)
    application.save(update_fields=["state", "due_at"])
    content = {"state": application.state, "level": application.level, "places": places, "due_on": until}
    record(Move.RETURN, stream=of.stream, subject=application.subject, by=by, content=content, key=key, note=said)
    _tell_unit(
        application, "programmes.returned", reason=said, until=f"{until.month}月{until.day}日", union=union.short
    )
    return application


@transaction.atomic
def grant_time(pk: int, *, due_on: date, reason: str, by: User, key: UUID) -> Application:
    """Give a returned application a later day, by whoever returned it; the chain keeps both days and the reason."""
    application = _mine(pk, by)
    of = application.round
    if made("grant_time", stream=of.stream, subject=application.subject, key=key):
        return application
    if application.state != State.RETURNED:
        raise OutOfStep(state=application.told, move=_("延长补正"))
    if application.level == CHECK:
        if not by.may(Right.RUN_ROUNDS, of.union):
            raise NoRight
    else:
        turn(application, by)
    before = application.due_at
    if before and clock.end_of_day(due_on) <= before:
        raise DueOff(first=before.astimezone(clock.now().tzinfo).date(), last=last_mending_day(application) or "–")
    application.due_at = clock.end_of_day(_due(application, due_on))
    application.save(update_fields=["due_at"])
    content = {"before": before, "due_on": due_on}
    said = need_reason(reason)
    record("grant_time", stream=of.stream, subject=application.subject, by=by, content=content, key=key, note=said)
    _tell_unit(application, "programmes.mending_longer", until=f"{due_on.month}月{due_on.day}日")
    return application


@transaction.atomic
def decline(pk: int, *, text: str, by: User, key: UUID) -> Application:
    """A level does not put an application forward, with its reason; it ends there."""
    application = _mine(pk, by)
    of = application.round
    if made(Move.DECLINE, stream=of.stream, subject=application.subject, key=key):
        return application
    target = next_state(application.state, Move.DECLINE)
    here = turn(application, by)
    if refusal := against_time(here.quota):
        raise refusal
    said = need_reason(text)
    _speak(here, Move.DECLINE, by, text=said)
    Pending.objects.filter(application=application).delete()
    application.state, application.reason, application.due_at = target, said[:400], None
    application.save(update_fields=["state", "reason", "due_at"])
    content = {"state": application.state, "level": here.place}
    record(Move.DECLINE, stream=of.stream, subject=application.subject, by=by, content=content, key=key, note=said)
    _tell_unit(application, "programmes.declined", reason=said, union=here.union.short)
    return application


def _tell_unit(application: Application, template: str, **facts: str) -> None:
    officers = holders(Right.SPEAK_FOR_UNIT, [application.union_id])
    url = f"/rounds/applications/{application.pk}/"
    tell(template, officers, url=url, round=application.round.title, **facts)
