"""Departments asked for their opinion (征求意见): a letter with a link of its own, answered in parts, submitted as a whole."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NotHere, OutOfStep, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Clearance, ClearanceRequest, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import Opinion, RoundState, State
from guildhall.foundation.records.moves import CLOCK, made, record

GRACE: Final = timedelta(days=7)
"""How long after its day a link still opens: a late answer is better than none."""
SIGNER = Signer(salt="programmes.clearance")

Answers = Mapping[int, tuple[str, str]]
"""By application, what a department says: the opinion, and its text."""


class NobodyToAsk(Refusal):
    """No application waits for this department's opinion."""

    code = "programmes.nobody-to-ask"
    message = _("没有要向%(department)s征求意见的申报：正在审查的都已经发过函。")


class Unanswered(Refusal):
    """A letter submitted with rows left open."""

    code = "programmes.unanswered"
    message = _("还有 %(n)d 家没有选意见。可以先保存，全部选好再提交。")
    status = 422


class Binds(Refusal):
    """An objection that the version lets nobody set aside."""

    code = "programmes.binds"
    message = _("按这个项目的办法，%(department)s的意见不能不采纳。")


def digest_of_secret(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def department_of(of: Round, key: str) -> str:
    """A department's name in the reader's language; its key where the round asks no such one."""
    return next((worded(one.label) for one in of.rules.clearances if one.key == key), key)


# The office -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    round_pk: int, department: str, due: date, *, again: bool = False, by: User, key: UUID
) -> tuple[ClearanceRequest, str]:
    """Ask a department about the applications in the check that it was not asked about; `again` asks about all of them.

    Returns the letter and its link's token, which is kept nowhere and never told again: the same key gives the letter
    alone. Raises `NotHere`, `NoRight`, `OutOfStep`, `BadInput`, `NobodyToAsk`.
    """
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    asked = {"department": department, "due": due.isoformat()}
    if earlier := made("clearance_ask", stream=of.stream, subject=f"round:{round_pk}", key=key, content=asked):
        return ClearanceRequest.objects.get(pk=earlier.body["request"]), ""
    if of.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(of.state).label, move=_("征求意见"))
    if department not in {one.key for one in of.rules.clearances}:
        raise BadInput(what=_("这个项目不向这个部门征求意见。"))
    if due < clock.today():
        raise BadInput(what=_("答复期限要在今天以后。"))
    standing = of.clearance_requests.filter(department=department, revoked_at=None)
    waiting = of.applications.filter(state=State.CHECKING).order_by("pk")
    if not again:
        waiting = waiting.exclude(clearances__request__in=standing)
    rows = list(waiting.values_list("pk", flat=True))
    if not rows:
        raise NobodyToAsk(department=department_of(of, department))
    secret = secrets.token_urlsafe(24)
    number = of.clearance_requests.filter(department=department).count() + 1
    letter = ClearanceRequest.objects.create(
        round=of, department=department, number=number, secret=digest_of_secret(secret), due_on=due,
        asked_at=clock.now(), asked_by=by,
    )  # fmt: skip
    Clearance.objects.bulk_create(Clearance(request=letter, application_id=pk) for pk in rows)
    content = {"request": letter.pk, **asked, "applications": rows}
    record("clearance_ask", stream=of.stream, subject=f"round:{round_pk}", by=by, content=content, key=key)
    return letter, SIGNER.sign(secret)


def _hold(pk: int, by: User) -> ClearanceRequest:
    letters = ClearanceRequest.objects.visible_to(by).select_related("round__union", "round__programme")
    letter = letters.select_for_update(of=("self",)).filter(pk=pk).first()
    if letter is None:
        raise NotHere
    require(by, Right.RUN_ROUNDS, at=letter.round.union)
    return letter


@transaction.atomic
def revoke(pk: int, *, reason: str, by: User, key: UUID) -> ClearanceRequest:
    """End a letter's link at once. What was submitted by it stays; what was not is asked by another letter."""
    letter = _hold(pk, by)
    stream, subject = letter.round.stream, f"round:{letter.round_id}"
    if made("clearance_revoke", stream=stream, subject=subject, key=key, content={"request": pk}):
        return letter
    if letter.revoked_at:
        raise OutOfStep(state=_("已停用"), move=_("停用"))
    said = need_reason(reason)
    letter.revoked_at = clock.now()
    letter.save(update_fields=["revoked_at"])
    content = {"request": pk, "department": letter.department}
    record("clearance_revoke", stream=stream, subject=subject, by=by, content=content, key=key, note=said)
    return letter


@transaction.atomic
def set_aside(pk: int, *, reason: str, by: User, key: UUID) -> Clearance:
    """Set an objection aside, with the reason; only where the version says that the department does not bind."""
    rows = Clearance.objects.select_related("request__round__union", "request__round__programme", "application__unit")
    row = (
        rows.select_for_update(of=("self",)).filter(pk=pk, request__in=ClearanceRequest.objects.visible_to(by)).first()
    )
    if row is None:
        raise NotHere
    of = row.request.round
    require(by, Right.RUN_ROUNDS, at=of.union)
    own = {"clearance": pk}
    if made("clearance_set_aside", stream=of.stream, subject=row.application.subject, key=key, content=own):
        return row
    binding = next((one.binding for one in of.rules.clearances if one.key == row.request.department), True)
    if binding:
        raise Binds(department=department_of(of, row.request.department))
    if row.state != Opinion.OBJECTS or row.application.state != State.CHECKING:
        raise OutOfStep(state=Opinion(row.state).label, move=_("不采纳"))
    row.set_aside, row.set_aside_by = need_reason(reason), by
    row.save(update_fields=["set_aside", "set_aside_by"])
    content = {**own, "department": row.request.department}
    record(
        "clearance_set_aside", stream=of.stream, subject=row.application.subject, by=by, content=content, key=key,
        note=row.set_aside,
    )  # fmt: skip
    return row


# The department -------------------------------------------------------------------------------------------------------


def by_token(token: str, *, hold: bool = False) -> ClearanceRequest:
    """The letter of a link; `NotHere` alike for one forged, unknown, revoked or run out."""
    try:
        secret = SIGNER.unsign(token)
    except BadSignature:
        raise NotHere from None
    letters = ClearanceRequest.objects.select_related("round__union", "round__programme")
    found = letters.filter(secret=digest_of_secret(secret), revoked_at=None)
    letter = (found.select_for_update(of=("self",)) if hold else found).first()
    if letter is None or clock.today() > letter.due_on + GRACE:
        raise NotHere
    return letter


def _said(letter: ClearanceRequest, answers: Answers) -> dict[int, tuple[str, str]]:
    """The answers to this letter's rows, and to nothing else."""
    own = set(letter.clearances.values_list("application", flat=True))
    if set(answers) - own:
        raise NotHere
    given = {pk: (state, text.strip()[:1000]) for pk, (state, text) in answers.items()}
    if any(state not in Opinion.values for state, _text in given.values()):
        raise BadInput(what=_("请选“无意见”或“有意见”。"))
    return given


@transaction.atomic
def save_part(token: str, answers: Answers, *, signed: str = "") -> ClearanceRequest:
    """Keep what the department has said so far; nothing of it counts until the whole is submitted."""
    letter = by_token(token, hold=True)
    if letter.submitted_at:
        raise OutOfStep(state=_("已答复"), move=_("修改"))
    kept = {str(pk): [state, text] for pk, (state, text) in _said(letter, answers).items()}
    letter.draft = {"answers": kept, "signed": signed.strip()[:40]}
    letter.save(update_fields=["draft"])
    return letter


@transaction.atomic
def submit(token: str, answers: Answers, *, signed: str, dated: date, key: UUID) -> ClearanceRequest:
    """The department's whole answer, signed and dated. Raises `Unanswered`, `BadInput`, `OutOfStep` once it is given.

    It is corrected by another letter alone, so what was accepted meanwhile stays accepted on what was known.
    """
    letter = by_token(token, hold=True)
    of = letter.round
    if made("clearance_answer", stream=of.stream, subject=f"round:{of.pk}", key=key, content={"request": letter.pk}):
        return letter
    if letter.submitted_at:
        raise OutOfStep(state=_("已答复"), move=_("修改"))
    given = _said(letter, answers)
    rows = list(letter.clearances.select_for_update(of=("self",)).order_by("pk"))
    given_up = (Opinion.ASKED.value, "")
    if left := sum(given.get(row.application_id, given_up)[0] == Opinion.ASKED for row in rows):
        raise Unanswered(n=left)
    if any(state == Opinion.OBJECTS and len(text) < 5 for state, text in given.values()):
        raise BadInput(what=_("有意见的，请写明事实和依据，至少 5 个字。"))
    if not signed.strip():
        raise BadInput(what=_("请写明答复人。"))
    if dated > clock.today():
        raise BadInput(what=_("意见日期不能晚于今天。"))
    at = clock.now()
    for row in rows:
        row.state, row.text = given[row.application_id]
        row.signed, row.dated, row.answered_at = signed.strip()[:40], dated, at
    Clearance.objects.bulk_update(rows, ["state", "text", "signed", "dated", "answered_at"])
    letter.submitted_at, letter.draft = at, {}
    letter.save(update_fields=["submitted_at", "draft"])
    told = {str(row.application_id): row.state for row in rows}
    content = {"request": letter.pk, "department": letter.department, "opinions": told, "dated": dated.isoformat()}
    record(
        "clearance_answer",
        stream=of.stream,
        subject=f"round:{of.pk}",
        by=CLOCK,
        content=content,
        key=key,
        note="public",
    )
    return letter


def objections_to(of: Round) -> list[Clearance]:
    """The objections that departments made, newest letter first, with their units: what the officer has to settle."""
    rows = Clearance.objects.filter(request__round=of, state=Opinion.OBJECTS)
    return list(rows.select_related("request", "application__unit", "set_aside_by__person").order_by("-request", "pk"))
