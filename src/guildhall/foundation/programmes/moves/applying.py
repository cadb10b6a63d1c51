"""The applicant's moves: start, save, discard, submit, recall, mend and submit again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, UnitState
from guildhall.foundation.programmes.models import Application, Draft, Quota, Round
from guildhall.foundation.programmes.moves import checks
from guildhall.foundation.programmes.moves.applications import freeze
from guildhall.foundation.programmes.registry import ELIGIBLE
from guildhall.foundation.programmes.rules import next_state
from guildhall.foundation.programmes.rules.form import FormIncomplete, Value, faults_of, kept, read_value
from guildhall.foundation.programmes.rules.levels import CHECK, level_after, seat_of
from guildhall.foundation.programmes.states import WITH_UNIT, Move, RoundState, State
from guildhall.foundation.records.moves import made, record

SCAN = "sealed_scan"
"""The key under which the sealed scan of the printed application stands among the evidence."""
SAME_SITTING = timedelta(minutes=10)
"""Saves of one person within it are one version of the draft."""


class NotEligible(Refusal):
    """The unit is none of those the round is for."""

    code = "programmes.not-eligible"
    message = _("%(unit)s不在这个批次的申报范围里。")


class NotOpen(Refusal):
    """The round takes no applications now; its day binds by time."""

    code = "programmes.not-open"
    message = _("%(round)s的申报到 %(ends)s 截止，现在不能申报。")


class DraftMoved(Refusal):
    """Somebody else saved the draft meanwhile: both versions are shown, and the person chooses."""

    code = "programmes.draft-moved"
    message = _("%(who)s在 %(when)s 改过这份草稿。您填的都还在，请先看两份的不同。")


class MendLate(Refusal):
    """What was returned comes back after its day."""

    code = "programmes.mend-late"
    message = _("补正已于 %(ended)s 截止。请联系退回的工会延长期限。")


class ScanMissing(Refusal):
    """The sealed print has not been uploaded."""

    code = "programmes.scan-missing"
    message = _("请打印申报表，盖章后扫描上传，再提交。")
    status = 422


class AlreadyActed(Refusal):
    """A level has acted on it, so it is recalled no more."""

    code = "programmes.already-acted"
    message = _("%(union)s已经办理，不能撤回。需要修改请联系他们退回。")


def against_open(of: Round) -> Refusal | None:
    """Why nobody may apply now, or None: the page greys its button with it, and the move raises it."""
    ends = clock.end_of_day(of.closes_on)
    if of.state != RoundState.OPEN or clock.now() > ends or clock.today() < of.opens_on:
        return NotOpen(round=of.title, ends=f"{ends:%Y-%m-%d %H:%M}")
    return None


def eligible(of: Round, unit: Unit) -> bool:
    """Whether the round is for this unit today."""
    subject = of.programme.file.subject
    if subject == "units":
        return unit.state == UnitState.ACTIVE
    return any(one.pk == unit.pk for one in ELIGIBLE[subject](clock.today()))


@transaction.atomic
def start(round_pk: int, unit_pk: int, facts: Mapping[str, object], *, by: User, key: UUID) -> Application:
    """Start a unit's application as a draft, with what the registers already say.

    Raises `NotHere`, `NoRight`, `NotOpen`, `NotEligible`; a unit that has one gets that one.
    """
    of = Round.objects.visible_to(by).pick(round_pk)
    unit = Unit.objects.visible_to(by).select_related("union").pick(unit_pk)
    require(by, Right.SPEAK_FOR_UNIT, at=unit.union)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # Two colleagues who start at once share one draft.
    if before := of.applications.filter(unit=unit).first():
        return before
    if of.rules.entry != "applied":
        raise NotEligible(unit=unit.name)
    if refusal := against_open(of):
        raise refusal
    if not eligible(of, unit):
        raise NotEligible(unit=unit.name)
    draft = Application.objects.create(
        round=of, unit=unit, union=unit.union, state=State.DRAFT, facts=kept(of.rules, facts),
        due_at=clock.end_of_day(of.closes_on),
    )  # fmt: skip
    Draft.objects.create(application=draft, number=1, facts=draft.facts, by=by, at=clock.now())
    record("start", stream=of.stream, subject=draft.subject, by=by, content={"unit": unit.pk}, key=key)
    return draft


def _own(pk: int, by: User) -> Application:
    held = Application.objects.visible_to(by).hold(pk)
    require(by, Right.SPEAK_FOR_UNIT, at=held.union)
    return held


def against_changing(application: Application) -> Refusal | None:
    """Why the applicant may not change the form now, or None."""
    if application.state not in WITH_UNIT:
        return OutOfStep(state=application.told, move=_("修改"))
    if application.state == State.DRAFT:
        return against_open(application.round)
    if application.due_at and clock.now() > application.due_at:
        return MendLate(ended=f"{application.due_at.astimezone(clock.now().tzinfo):%Y-%m-%d %H:%M}")
    return None


@transaction.atomic
def save_draft(pk: int, facts: Mapping[str, object], *, base: int, by: User) -> Draft:
    """Save what was typed, sound or not; `base` is the version the page was drawn from.

    Nothing is recorded on the chain: a draft is its author's own until it is submitted. Saved again by the same person
    within ten minutes it stays one version. Raises `DraftMoved` where somebody else saved meanwhile.
    """
    application = _own(pk, by)
    if refusal := against_changing(application):
        raise refusal
    latest = application.drafts.select_related("by__person").first()
    at = clock.now()
    if latest and latest.number != base and latest.by_id != by.pk:
        raise DraftMoved(who=str(latest.by), when=f"{latest.at.astimezone(at.tzinfo):%m-%d %H:%M}")
    known = {field.key for field in application.round.rules.form}
    whole = {name: value for name, value in application.facts.items() if name in known} | dict(facts)
    application.facts = kept(application.round.rules, whole)
    application.save(update_fields=["facts"])
    if latest and latest.by_id == by.pk and at - latest.at < SAME_SITTING:
        latest.facts, latest.at = application.facts, at
        latest.save(update_fields=["facts", "at"])
        return latest
    return Draft.objects.create(
        application=application, number=latest.number + 1 if latest else 1, facts=application.facts, by=by, at=at
    )


@transaction.atomic
def discard(pk: int, *, by: User, key: UUID) -> None:
    """Throw a draft away that was never submitted; the chain keeps that there was one."""
    application = _own(pk, by)
    if application.state != State.DRAFT or application.submissions or application.evidence.exists():
        raise OutOfStep(state=application.told, move=_("删除"))
    record("discard", stream=application.round.stream, subject=application.subject, by=by, content={}, key=key)
    application.delete()


def faults(application: Application) -> dict[str, Refusal]:
    """What a form still lacks, by field."""
    files = set(application.evidence.values_list("indicator", flat=True))
    return faults_of(application.round.rules, application.facts, files)


def _sound(application: Application) -> dict[str, Value]:
    """The form read whole. Raises `FormIncomplete`, `ScanMissing`."""
    rules = application.round.rules
    if found := faults(application):
        labels = {field.key: field.label.zh for field in rules.form}
        raise FormIncomplete(n=len(found), labels="、".join(labels[name] for name in found))
    if rules.sealed_scan and not application.evidence.filter(indicator=SCAN).exists():
        raise ScanMissing
    return {
        field.key: read_value(field, application.facts.get(field.key)) for field in rules.form if field.type != "file"
    }


def _send(application: Application, level: int, move: Move, by: User, key: UUID) -> Application:
    """Frozen as it is submitted, and off to whoever is to act, who is told."""
    of = application.round
    application.facts = _sound(application)
    application.state, application.level = next_state(application.state, move), level
    application.submissions += 1
    application.submitted_at = clock.now()
    application.due_at = _due(of, application, level)
    application.save()
    checks.run(application, checks.SUBMITTED, by)
    snapshot = freeze([application], f"submitted-{application.submissions}")[0]
    content = {"state": application.state, "level": level, "snapshot": snapshot.digest}
    record(move, stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    tell_level(application, "programmes.awaits")
    return application


def _due(of: Round, application: Application, level: int) -> datetime | None:
    if level == CHECK:
        return None
    seat = seat_of(of.rules.levels[level], application.union)
    found = Quota.objects.filter(round=of, level=level, union=of.union if of.rules.levels[level].at == "unit" else seat)
    return found.values_list("ends_at", flat=True).first()


def tell_level(application: Application, template: str) -> None:
    """Tell those whose turn it is: the officers of the level's union, or those who run the round."""
    of = application.round
    if application.level == CHECK:
        to = holders(Right.RUN_ROUNDS, of.union.lineage)
    else:
        seat = seat_of(of.rules.levels[application.level], application.union)
        to = holders(Right.ENDORSE, [seat.pk] if seat else [])
    tell(template, to, url=f"/rounds/applications/{application.pk}/", round=of.title, unit=application.unit.name)


@transaction.atomic
def submit(pk: int, *, by: User, key: UUID) -> Application:
    """Submit a draft: it is frozen under a digest and goes to the first level, or straight to the check.

    Raises `FormIncomplete`, `ScanMissing`, `NotOpen`, `OutOfStep`.
    """
    application = _own(pk, by)
    stream = application.round.stream
    for move in (Move.SUBMIT, Move.SUBMIT_PAST):
        if made(move, stream=stream, subject=application.subject, key=key):
            return application
    level = level_after(application.round.rules, application.union)
    move = Move.SUBMIT_PAST if level == CHECK else Move.SUBMIT
    next_state(application.state, move)
    if refusal := against_open(application.round):
        raise refusal
    return _send(application, level, move, by, key)


@transaction.atomic
def resubmit(pk: int, *, by: User, key: UUID) -> Application:
    """Hand in again what was returned: it goes to the level that returned it, not to the start.

    Raises `FormIncomplete`, `MendLate`, `OutOfStep`.
    """
    application = _own(pk, by)
    stream = application.round.stream
    for move in (Move.RESUBMIT, Move.RESUBMIT_LAST):
        if made(move, stream=stream, subject=application.subject, key=key):
            return application
    move = Move.RESUBMIT_LAST if application.level == CHECK else Move.RESUBMIT
    next_state(application.state, move)
    if refusal := against_changing(application):
        raise refusal
    return _send(application, application.level, move, by, key)


@transaction.atomic
def recall(pk: int, *, by: User, key: UUID) -> Application:
    """Take a submission back to the draft while no level has acted on it and applications are still taken.

    Raises `AlreadyActed`, `NotOpen`, `OutOfStep`.
    """
    application = _own(pk, by)
    of = application.round
    if made(Move.RECALL, stream=of.stream, subject=application.subject, key=key):
        return application
    target = next_state(application.state, Move.RECALL)
    if acted := application.endorsements.select_related("union").first():
        raise AlreadyActed(union=acted.union.short)
    if refusal := against_open(of):
        raise refusal
    application.state, application.level = target, CHECK
    application.due_at = clock.end_of_day(of.closes_on)
    application.save(update_fields=["state", "level", "due_at"])
    content = {"state": application.state}
    record(Move.RECALL, stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    return application


def latest(application: Application) -> int:
    """The number of the draft's latest version; 0 where there is none."""
    return application.drafts.values_list("number", flat=True).first() or 0


def open_to(of: Round, user: User) -> list[Unit]:
    """The units this user may apply for in the round and that have no application yet."""
    if against_open(of) or of.rules.entry != "applied":
        return []
    own = Unit.objects.visible_to(user).filter(union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
    rest = own.exclude(applications__round=of).select_related("union")
    return [unit for unit in rest if eligible(of, unit)]
