"""Making an archive, in the worker: taken, built beside its place, kept with its digest on the chain.

A worker that is killed leaves a row without signs of life, which the next one takes up again; one that finds its row
taken stops.
"""

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation

from guildhall.foundation import clock
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.programmes.models import Archive
from guildhall.foundation.programmes.moves.archive.contents import gather
from guildhall.foundation.programmes.moves.archive.file import Written, write
from guildhall.foundation.programmes.states import ArchiveState
from guildhall.foundation.records.attachments import keep_file
from guildhall.foundation.records.moves import CLOCK, record
from guildhall.foundation.records.states import AttachmentKind
from guildhall.foundation.screens import formats

TASK: Final = "guildhall.foundation.programmes.jobs.make_archives"
TASK_LOCK: Final = "programmes.archives"
MADE: Final = "archive.make"
BEAT_S: Final = 1.0

log = logging.getLogger(__name__)


class Taken(Exception):
    """Another worker has this export now."""


def make_archives() -> int:
    """Make the archives that are waited for; returns how many were made."""
    count = 0
    while archive := _take():
        count += _make(archive)
    return count


@transaction.atomic
def _take() -> Archive | None:
    """The next one, marked as ours."""
    waiting = Archive.objects.to_make().select_for_update(skip_locked=True, of=("self",))
    archive = waiting.select_related("round__programme", "round__union", "asked_by__person").order_by("pk").first()
    if archive is not None:
        archive.state, archive.beat_at, archive.done = ArchiveState.MAKING, clock.now(), 0
        archive.save(update_fields=["state", "beat_at", "done"])
    return archive


def _make(archive: Archive) -> bool:
    folder = Path(settings.ATTACHMENTS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Beside its place, so that it is moved there and not copied; always in the language of the house's files.
        with tempfile.TemporaryDirectory(prefix="archive-", dir=folder) as place, translation.override("zh-hans"):
            contents = gather(archive.round)
            written = write(contents, Path(place) / "archive.zip", _beats(archive, contents.size))
            _finish(archive, written)
    except Taken:
        return False
    except Exception as fault:
        log.exception("the archive of round %s", archive.round_id)
        _fail(archive, fault)
        return False
    return True


def _beats(archive: Archive, total: int) -> Callable[[int], None]:
    """What the writing calls with the number of files done: the page shows it, once a second at most."""
    last = [0.0]

    def beat(done: int) -> None:
        if time.monotonic() - last[0] < BEAT_S and done < total:
            return
        last[0] = time.monotonic()
        _sign(archive, done, total)

    return beat


@transaction.atomic
def _sign(archive: Archive, done: int, total: int) -> None:
    now = clock.now()
    mine = Archive.objects.filter(pk=archive.pk, state=ArchiveState.MAKING, beat_at=archive.beat_at)
    if not mine.update(done=done, total=total, beat_at=now):
        raise Taken
    archive.beat_at = now


@transaction.atomic
def _finish(archive: Archive, written: Written) -> None:
    """The file into its place, its digest on the round's chain, and whoever asked is told."""
    of = archive.round
    held = Archive.objects.select_for_update().get(pk=archive.pk)
    if held.state != ArchiveState.MAKING or held.beat_at != archive.beat_at:
        raise Taken
    now = clock.now()
    name = f"{of.title}-归档-{formats.day_table(now)}.zip"
    held.attachment = keep_file(
        written.path, name=name, kind=AttachmentKind.ZIP, by=None, subject=f"round:{of.pk}", stream=of.stream
    )
    held.state, held.made_at, held.index_digest = ArchiveState.MADE, now, written.index_digest
    held.done = held.total = written.count
    held.save()
    content = {
        "archive": held.pk, "digest": held.attachment.digest, "index": written.index_digest,
        "files": written.count, "entries": written.entries, "missing": written.missing,
    }  # fmt: skip
    url = f"/rounds/{of.pk}/archive/"
    tell("programmes.archived", [archive.asked_by], url=url, once=f"archive:{held.pk}", round=of.title)
    record(MADE, stream=of.stream, subject=f"round:{of.pk}", by=CLOCK, content=content)


@transaction.atomic
def _fail(archive: Archive, fault: Exception) -> None:
    mine = Archive.objects.filter(pk=archive.pk, state=ArchiveState.MAKING)
    mine.update(state=ArchiveState.FAILED, fault=f"{type(fault).__name__}: {fault}"[:200])
