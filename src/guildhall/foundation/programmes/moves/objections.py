"""Objections: filed by a unit or by anyone, answered by the officer in charge, with effect on that one item."""

import secrets
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Notice, Objection
from guildhall.foundation.programmes.moves.changes import untold
from guildhall.foundation.programmes.rules import need_reason, next_state
from guildhall.foundation.programmes.states import Effect, Move, ObjectionState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.moves import CLOCK, made, record


class NoticeEnded(Refusal):
    """An objection after the period."""

    code = "programmes.notice-ended"
    message = _("公示期已于 %(ended)s 结束，不再受理异议。")


class NotChanged(Refusal):
    """An objection to something of a second list that the first says already."""

    code = "programmes.not-changed"
    message = _("这次公示只对有变动的单位提异议。没有变动的，请在第一次公示（%(number)s）的期限内提出。")
    status = 422


class NameMissing(Refusal):
    """The rule asks for a real name and a contact."""

    code = "programmes.name-missing"
    message = _("请写明姓名或单位，以及能找到您的联系方式。我们为反映情况的人保密。")
    status = 422


@transaction.atomic
def file_objection(
    notice_pk: int,
    *,
    application_pk: int | None,
    text: str,
    name: str,
    contact: str,
    by: User | None,
    key: UUID,
    attachment: "UploadedFile[Any] | None" = None,
) -> Objection:
    """File an objection to one item of a notice, or to its whole list, before the period ends.

    `by` is None for the public. The item is held until the answer; the others go on. The receipt is what the filer
    asks by later. Raises `NotHere`, `NoticeEnded`, `NameMissing`, `NotChanged`.
    """
    notices = Notice.objects.select_related("round__union", "round__programme").filter(pk=notice_pk)
    notice = notices.select_for_update(of=("self",), no_key=True).first()  # The same submission twice at once is one.
    if notice is None:
        raise NotHere
    actor = by or CLOCK
    of = notice.round
    asked = {"application": application_pk}
    if earlier := made("object", stream=of.stream, subject=f"notice:{notice_pk}", key=key, content=asked):
        return Objection.objects.get(pk=earlier.body["objection"])
    if clock.now() > notice.ends_at:
        raise NoticeEnded(ended=f"{notice.ends_at.astimezone(clock.now().tzinfo):%Y-%m-%d %H:%M}")
    if notice.edition > 1 and application_pk not in notice.changed:
        raise NotChanged(number=notice.body["first"])
    if of.rules.objection.named and not (name.strip() and contact.strip()):
        raise NameMissing
    said = need_reason(text, 10)
    application = _held(notice, application_pk) if application_pk else None
    at = clock.now()
    last = clock.add_working_days(at.date(), of.rules.objection.answer_days)
    stored = None
    if attachment:
        stored = store(attachment, by=by, stream=of.stream, subject=f"notice:{notice_pk}")
    objection = Objection.objects.create(
        notice=notice,
        application=application,
        filed_by=by,
        name=name.strip(),
        contact=contact.strip(),
        receipt=f"{at:%Y%m%d}-{secrets.token_hex(4).upper()}",
        text=said,
        attachment=stored,
        filed_at=at,
        answer_by=clock.end_of_day(last),
    )
    content = {"objection": objection.pk, **asked, "receipt": objection.receipt}
    note = "" if by else "public"
    record("object", stream=of.stream, subject=f"notice:{notice_pk}", by=actor, content=content, key=key, note=note)
    officers = holders(Right.RUN_ROUNDS, of.union.lineage)
    tell(
        "programmes.objection",
        officers,
        url=f"/objections/{objection.pk}/",
        round=of.title,
        until=f"{last.month}月{last.day}日",
    )
    return objection


def _held(notice: Notice, application_pk: int) -> Application:
    """The item, held: in notice it is put on hold, on hold already it stays."""
    application = (
        Application.objects.select_related("round", "unit")
        .select_for_update(of=("self",))
        .filter(pk=application_pk, round=notice.round, state__in=(State.IN_NOTICE, State.HELD))
        .first()
    )
    if application is None:
        raise NotHere
    if application.state == State.IN_NOTICE:
        application.state = next_state(application.state, Move.HOLD)
        application.save(update_fields=["state"])
        subject, content = application.subject, {"state": application.state}
        record(Move.HOLD, stream=notice.round.stream, subject=subject, by=CLOCK, content=content, key=None)
    return application


def _answer(pk: int, state: ObjectionState, answer: str, by: User, key: UUID) -> tuple[Objection, bool]:
    objection = Objection.objects.visible_to(by).hold(pk)
    of = objection.notice.round
    require(by, Right.RUN_ROUNDS, at=of.union)
    if made(f"answer:{state}", stream=of.stream, subject=f"objection:{pk}", key=key):
        return objection, True
    if objection.state != ObjectionState.OPEN:
        raise OutOfStep(state=ObjectionState(objection.state).label, move=_("答复"))
    objection.state, objection.answer = state, need_reason(answer, 10)
    objection.answered_by, objection.answered_at = by, clock.now()
    return objection, False


def _close(objection: Objection, by: User, key: UUID, **content: object) -> None:
    objection.save()
    stream, subject = objection.notice.round.stream, f"objection:{objection.pk}"
    body = {"state": objection.state, "application": objection.application_id, **content}
    record(f"answer:{objection.state}", stream=stream, subject=subject, by=by, content=body, key=key)
    if objection.filed_by:
        url = f"/objections/{objection.pk}/"
        tell("programmes.answered", [objection.filed_by], url=url, receipt=objection.receipt)


@transaction.atomic
def dismiss(pk: int, *, answer: str, by: User, key: UUID) -> Objection:
    """Answer that the objection does not hold: its item goes back into notice, unless another one holds it.

    What another objection corrected goes back by the second list alone.
    """
    objection, again = _answer(pk, ObjectionState.DISMISSED, answer, by, key)
    if again:
        return objection
    item = objection.application_id and Application.objects.hold(objection.application_id)
    _close(objection, by, key)
    others = Objection.objects.filter(application=objection.application_id, state=ObjectionState.OPEN)
    if item and item.state == State.HELD and not others.exists() and not _corrected(item):
        item.state = next_state(item.state, Move.DISMISS)
        item.save(update_fields=["state"])
        content = {"state": item.state, "objection": pk}
        record(Move.DISMISS, stream=item.round.stream, subject=item.subject, by=by, content=content, key=None)
    return objection


def _corrected(item: Application) -> bool:
    """Whether it was corrected and no list says so yet."""
    return any(one.application_id == item.pk for one in untold(item.round))


def answer_upheld(pk: int, *, answer: str, clause: str, effect: Effect, by: User, key: UUID) -> tuple[Objection, bool]:
    """Close an objection as upheld, with its clause and effect; the effect itself is the caller's."""
    objection, again = _answer(pk, ObjectionState.UPHELD, answer, by, key)
    if not again:
        objection.clause, objection.effect = need_reason(clause, 2), effect
        _close(objection, by, key, clause=objection.clause, effect=effect)
    return objection, again


@transaction.atomic
def uphold(pk: int, *, answer: str, clause: str, by: User, key: UUID) -> Objection:
    """Answer that the objection holds: the item is refused and not paid; nobody else is touched.

    The released result stays as it was computed. An objection to the whole list is answered in words alone.
    """
    objection, again = answer_upheld(pk, answer=answer, clause=clause, effect=Effect.REMOVED, by=by, key=key)
    if again:
        return objection
    item = objection.application_id and Application.objects.hold(objection.application_id)
    if item and item.state == State.HELD:
        item.state = next_state(item.state, Move.UPHOLD)
        item.reason, item.clause = objection.answer[:400], objection.clause
        item.save(update_fields=["state", "reason", "clause"])
        content = {"state": item.state, "objection": pk, "clause": item.clause}
        record(Move.UPHOLD, stream=item.round.stream, subject=item.subject, by=by, content=content, key=None)
        officers = holders(Right.SPEAK_FOR_UNIT, [item.union_id])
        tell("programmes.struck", officers, round=item.round.title, clause=item.clause)
    return objection
