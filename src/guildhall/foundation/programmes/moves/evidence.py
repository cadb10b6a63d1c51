"""Evidence to an application: handed in by its unit while the round is open, read by those who judge it."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NotHere, OutOfStep, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Endorsement, Evidence, LevelNotice
from guildhall.foundation.programmes.moves.applying import SCAN, against_changing
from guildhall.foundation.programmes.registry import MAY_READ
from guildhall.foundation.programmes.schema import Setup
from guildhall.foundation.programmes.states import WITH_UNIT, RoundState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.moves import made, record

MOST = 30
"""Pieces of evidence an application may have."""


class TooMany(Refusal):
    """More evidence than anyone reads."""

    code = "programmes.evidence-too-many"
    message = _("一份申报最多附 %(most)d 份材料。请删掉用不着的，或合并成一个 PDF。")
    status = 422


class MaterialsClosed(Refusal):
    """The materials' deadline is past; it binds by time, even if the clock's own move is late."""

    code = "programmes.materials-closed"
    message = _("材料已于 %(ended)s 截止。如需补交请联系市总。")


def against_evidence(application: Application, by: User) -> Refusal | None:
    """Why this user may not hand in evidence now, or None: the page says so, and the move raises it."""
    of = application.round
    if application.state in WITH_UNIT and by.may(Right.SPEAK_FOR_UNIT, application.union):
        return against_changing(application)
    if application.state != State.CHECKING:
        return OutOfStep(state=application.told_as(by), move=_("交材料"))
    if by.may(Right.RUN_ROUNDS, of.union):
        return None if of.state in (RoundState.OPEN, RoundState.CLOSED) else _out_of_step(of.told(by))
    ended = clock.end_of_day(of.closes_on)
    if of.state == RoundState.CLOSED or clock.now() > ended:
        return MaterialsClosed(ended=f"{ended:%Y-%m-%d %H:%M}")
    return None if of.state == RoundState.OPEN else _out_of_step(of.told(by))


def _out_of_step(state: RoundState) -> OutOfStep:
    return OutOfStep(state=state.label, move=_("交材料"))


def places(setup: Setup) -> set[str]:
    """What evidence may belong to: the indicators, the form's file fields, the sealed scan."""
    files = {field.key for field in setup.form if field.type == "file"}
    return {leaf.key for leaf in setup.leaves()} | files | {SCAN}


def _open(pk: int, by: User) -> Application:
    application = Application.objects.visible_to(by).hold(pk)
    if not by.may(Right.SPEAK_FOR_UNIT, application.union):
        require(by, Right.RUN_ROUNDS, at=application.round.union)
    return application


@transaction.atomic
def add_evidence(pk: int, *, indicator: str, title: str, upload: "UploadedFile[Any]", by: User, key: UUID) -> Evidence:
    """Add a file to one indicator of an application, by its unit's officer or the federation's.

    Raises `MaterialsClosed`, `OutOfStep`, `TooMany`, and what attachments refuse: size, kind, macros.
    """
    application = _open(pk, by)
    stream, subject = application.round.stream, application.subject
    if earlier := made("evidence", stream=stream, subject=subject, key=key, content={"indicator": indicator}):
        return Evidence.objects.get(pk=earlier.body["evidence"])
    if refusal := against_evidence(application, by):
        raise refusal
    if indicator not in places(application.round.rules):
        raise BadInput(what=_("没有这项指标。"))
    if application.evidence.count() >= MOST:
        raise TooMany(most=MOST)
    attachment = store(upload, by=by, stream=stream, subject=subject)
    piece = Evidence.objects.create(
        application=application,
        indicator=indicator,
        title=title.strip()[:120] or attachment.name,
        attachment=attachment,
    )
    content = {"evidence": piece.pk, "indicator": indicator, "digest": attachment.digest}
    record("evidence", stream=stream, subject=subject, by=by, content=content, key=key, note=piece.title)
    return piece


@transaction.atomic
def drop_evidence(pk: int, evidence_pk: int, *, by: User, key: UUID) -> Application:
    """Take a file back that was handed in by mistake; the record keeps its digest."""
    application = _open(pk, by)
    stream, subject = application.round.stream, application.subject
    if made("evidence_drop", stream=stream, subject=subject, key=key):
        return application
    if refusal := against_evidence(application, by):
        raise refusal
    piece = application.evidence.select_related("attachment").filter(pk=evidence_pk).first()
    if piece is None:
        raise NotHere
    content = {"evidence": piece.pk, "indicator": piece.indicator, "digest": piece.attachment.digest}
    piece.delete()
    record("evidence_drop", stream=stream, subject=subject, by=by, content=content, key=key, note=piece.title)
    return application


def _kept_from_reviewers(piece: Evidence) -> bool:
    """Whether it answers a field of the form that those who judge may not read."""
    form = piece.application.round.rules.form
    return any(one.key == piece.indicator and one.visible in ("staff", "sealed") for one in form)


def readable(pk: int, by: User) -> Evidence:
    """The piece of evidence, for whoever sees its application or is asked to judge it; else `NotHere`."""
    piece = Evidence.objects.select_related("application__round", "attachment").filter(pk=pk).first()
    if piece is None:
        raise NotHere
    seen = Application.objects.visible_to(by).filter(pk=piece.application_id).exists()
    if not seen and (_kept_from_reviewers(piece) or not any(may(by, piece.application) for may in MAY_READ)):
        raise NotHere
    return piece


def proof_of(pk: int, by: User) -> Attachment:
    """The proof of a level's notice, for whoever sees its application; else `NotHere`."""
    seen = Application.objects.visible_to(by)
    found = LevelNotice.objects.select_related("proof").filter(pk=pk, application__in=seen).first()
    if found is None or found.proof is None:
        raise NotHere
    return found.proof


def resolution_of(pk: int, by: User) -> Attachment:
    """The resolution behind an endorsement, for whoever sees its application; else `NotHere`."""
    seen = Application.objects.visible_to(by)
    found = Endorsement.objects.select_related("resolution").filter(pk=pk, application__in=seen).first()
    if found is None or found.resolution is None:
        raise NotHere
    return found.resolution
