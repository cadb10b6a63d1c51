"""Asking for a round's archive."""

import time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, OutOfStep, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Archive, Round, may_archive
from guildhall.foundation.programmes.moves.archive.making import TASK, TASK_LOCK
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import made, record

ASK: Final = "archive.ask"


class ArchiveUnderWay(Refusal):
    """One export of a round at a time."""

    code = "programmes.archive-under-way"
    message = _("这个批次正在导出，办好后会通知提出的人。")


@transaction.atomic
def ask_for_archive(round_pk: int, *, by: User, key: UUID) -> Archive:
    """Ask the worker for the archive of a finished round. Raises `NoRight`, `OutOfStep`, `ArchiveUnderWay`."""
    of = Round.objects.visible_to(by).hold(round_pk)
    if not may_archive(of, by):
        raise NoRight
    if earlier := made(ASK, stream=of.stream, subject=f"round:{of.pk}", key=key):
        return Archive.objects.get(pk=earlier.body["archive"])
    if of.state != RoundState.FINISHED:
        raise OutOfStep(state=of.told(by).label, move=_("导出归档"))
    if Archive.objects.filter(round=of).going_on().exists():
        raise ArchiveUnderWay
    now = clock.now()
    archive = Archive.objects.create(round=of, asked_by=by, asked_at=now, beat_at=now)
    record(ASK, stream=of.stream, subject=f"round:{of.pk}", by=by, content={"archive": archive.pk}, key=key)
    transaction.on_commit(wake_the_worker)
    return archive


def wake_the_worker() -> None:
    """Ask for it now, not with the next minute."""
    try:
        app.configure_task(TASK, queueing_lock=TASK_LOCK).defer(timestamp=int(time.time()))
    except AlreadyEnqueued:
        return  # It waits already, and will see what was written.
