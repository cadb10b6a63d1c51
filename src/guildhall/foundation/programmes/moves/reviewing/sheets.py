"""The reviewers' sheets: kept while they are filled in, submitted once, with photographs from the site."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, OutOfStep
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Application, StepSheet
from guildhall.foundation.programmes.moves.reviewing.asking import in_review, step_of
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.rules.reviewing import SheetUnfinished, read_items, read_marks, read_vote
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.programmes.states import SheetState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.moves import made, record
from guildhall.foundation.records.states import AttachmentKind


def takes_sheets(application: Application, place: int) -> bool:
    """Whether its step still runs: it stands there, and no result is reckoned, whichever way that came out."""
    standing = application.state == State.REVIEWING and application.step == place
    return standing and not application.step_results.filter(step=place).exists()


def judges(user: User, application: Application) -> bool:
    """Whether the user is asked to judge it, and so may read its evidence. Registered with the cycle."""
    return StepSheet.objects.asked_of(user).filter(application=application).exists()


def _open_sheet(pk: int, by: User) -> tuple[StepSheet, ReviewStep]:
    sheet = StepSheet.objects.asked_of(by).hold(pk)
    in_review(sheet.application.round)
    if not takes_sheets(sheet.application, sheet.step):
        raise OutOfStep(state=_("这一步已经结束"), move=_("评审"))
    return sheet, step_of(sheet.application.round, sheet.step)


@transaction.atomic
def save_sheet(pk: int, body: Mapping[str, object], *, note: str = "", by: User) -> StepSheet:
    """Keep what is filled in so far, sound or not; a sheet that was submitted is not touched."""
    sheet, step = _open_sheet(pk, by)
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("修改"))
    known = {one.key for one in step.criteria} | {one.key for one in step.items} | {"vote", "verdict"}
    sheet.body = {name: value for name, value in body.items() if name in known}
    sheet.note = note[:2000]
    sheet.save(update_fields=["body", "note"])
    return sheet


@transaction.atomic
def submit_sheet(pk: int, body: Mapping[str, object], *, note: str = "", by: User, key: UUID) -> StepSheet:
    """Submit a sheet whole; it is not changed afterwards. Raises `SheetUnfinished`, `OutOfStep`, `NotHere`."""
    sheet, step = _open_sheet(pk, by)
    of, subject = sheet.application.round, f"step_sheet:{pk}"
    if made("submit_step", stream=of.stream, subject=subject, key=key):
        return sheet
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("提交"))
    sheet.body, sheet.verdict = _read(step, body, sheet)
    says_why = sheet.verdict is False and step.method == "officer"  # A checklist says it line by line.
    sheet.note = need_reason(note, 2) if says_why else note.strip()[:2000]
    sheet.state, sheet.submitted_at = SheetState.SUBMITTED, clock.now()
    sheet.save()
    content = {"application": sheet.application_id, "step": sheet.step}
    said = content if sheet.secret else content | {"body": sheet.body, "verdict": sheet.verdict}
    record("submit_step", stream=of.stream, subject=subject, by=by, content=said, key=key, sealed=sheet.secret)
    return sheet


def _read(step: ReviewStep, body: Mapping[str, object], sheet: StepSheet) -> tuple[dict[str, Any], bool | None]:
    match step.method:
        case "panel":
            return dict(read_marks(step, body)), None
        case "ballot":
            return dict(read_vote(body)), None
        case "checklist":
            items = read_items(step, body)
            wanted = [one for one in step.items if one.photograph]
            if wanted and not sheet.photographs.exists():
                raise SheetUnfinished(label=wanted[0].label.zh, why=_("要附现场照片。"))
            return items, all(line["mark"] == "pass" for line in items.values())
    verdict = body.get("verdict")
    if verdict not in ("pass", "fail", True, False):
        raise SheetUnfinished(label=step.label.zh, why=_("还没有选通过或不通过。"))
    return {}, verdict in ("pass", True)


@transaction.atomic
def add_photograph(pk: int, *, upload: "UploadedFile[Any]", by: User, key: UUID) -> StepSheet:
    """Add a photograph taken on the site to a sheet that is open; sent again by the same key it is kept once."""
    sheet, step = _open_sheet(pk, by)
    of, subject = sheet.application.round, f"step_sheet:{pk}"
    if made("photograph_step", stream=of.stream, subject=subject, key=key):
        return sheet
    if sheet.state != SheetState.OPEN or step.method != "checklist":
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("加照片"))
    if sheet.photographs.count() >= 20:
        raise BadInput(what=_("一次现场查看最多 20 张照片。"))
    kinds = (AttachmentKind.JPEG, AttachmentKind.PNG)
    kept = store(upload, by=by, stream=of.stream, subject=sheet.application.subject, kinds=kinds)
    sheet.photographs.add(kept)
    content = {"attachment": kept.pk, "digest": kept.digest}
    record("photograph_step", stream=of.stream, subject=subject, by=by, content=content, key=key)
    return sheet
