"""Earlier results from Excel: a file is checked and shown, then its good rows are written, all of them or none."""

from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.moves.imports import MovedOn, NothingToWrite
from guildhall.foundation.organisations.moves.unions import hold_tree
from guildhall.foundation.organisations.rules.columns import headings, required
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.rules.sheets import MOST_BYTES, BadFile, read
from guildhall.foundation.organisations.rules.verdicts import Judged, Row
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import made, record
from guildhall.reform.assessment.models import EarlierFile, EarlierResult
from guildhall.reform.assessment.rules.earlier import FIELDS, TOLD, Entered, judge, to_write

STREAM: Final = "register:results"
CHECKS: Final = "earlier-results"


def _runs(by: User) -> None:
    require(by, Right.RUN_ROUNDS, at=Union.objects.get(kind=UnionKind.FEDERATION))


@transaction.atomic
def check_earlier(name: str, content: bytes, *, document: str, by: User, key: UUID) -> EarlierFile:
    """Keep a file for its preview, if it can be read at all; nothing of the register is written. Raises `BadFile`."""
    _runs(by)
    if len(content) > MOST_BYTES:
        raise BadFile(name=name, why=_("超过 %(n)d MB。") % {"n": MOST_BYTES // 1024**2})
    read(content, name, headings(FIELDS), required(FIELDS))
    body: dict[str, Any] = {"name": name, "bytes": len(content), "document": need_reason(document, 2)}
    if earlier := made("earlier.check", stream=STREAM, subject=CHECKS, key=key, content=body):
        return EarlierFile.objects.get(pk=earlier.body["file"])
    file = EarlierFile.objects.create(
        by=by, name=name[-120:], document=body["document"], content=content, begun_at=clock.now()
    )
    record("earlier.check", stream=STREAM, subject=CHECKS, by=by, content={**body, "file": file.pk}, key=key)
    return file


def checked(file: EarlierFile, by: User) -> Judged:
    """What the file would do to the register as it stands now."""
    sheet = read(bytes(file.content), file.name, headings(FIELDS), required(FIELDS))
    return Judged(sheet, judge(sheet, _entered(by)))


def _entered(by: User) -> Entered:
    """The units the asker sees, what was entered, and the years a round here assesses or assessed: three queries."""
    rows = EarlierResult.objects.visible_to(by).values("unit__code", "year", *TOLD)
    here = Round.objects.filter(step__isnull=False).exclude(state=RoundState.CANCELLED)
    return Entered(
        units=dict(Unit.objects.visible_to(by).values_list("code", "name")),
        before={(row.pop("unit__code"), row.pop("year")): row for row in rows},
        years_here=frozenset(here.values_list("year", flat=True)),
        this_year=clock.today().year,
    )


@transaction.atomic
def import_earlier(pk: int, *, expected: int, by: User, key: UUID) -> EarlierFile:
    """Write a checked file's new and changed rows, all or none. A year that a round here assesses is never among them.

    `expected` is how many rows the asker saw would be written. Raises `MovedOn`, `NothingToWrite`, `OutOfStep`.
    """
    hold_tree()  # Two files in turn: the second one finds what the first one wrote.
    file = EarlierFile.objects.visible_to(by).select_for_update(of=("self",)).pick(pk)
    subject = f"earlier-file:{pk}"
    if made("earlier.import", stream=STREAM, subject=subject, key=key):
        return file
    _runs(by)
    if file.written_at:
        raise OutOfStep(state=_("已写入"), move=_("再写入"))
    found = checked(file, by)
    if not found.to_write:
        raise NothingToWrite
    if found.to_write != expected:
        raise MovedOn(before=expected, now=found.to_write)
    told = _write(file, to_write(found.rows))
    file.written_at = clock.now()
    file.save(update_fields=["added", "changed", "written_at"])
    content = {"file": pk, "document": file.document, "results": told}
    record("earlier.import", stream=STREAM, subject=subject, by=by, content=content, key=key)
    return file


def _write(file: EarlierFile, rows: list[Row]) -> list[dict[str, Any]]:
    """Two statements; what each row says and said before, for the record."""
    units = Unit.objects.in_bulk([row.values["code"] for row in rows], field_name="code")
    held = {
        (one.unit_id, one.year): one
        for one in EarlierResult.objects.select_for_update().filter(unit__in=[unit.pk for unit in units.values()])
    }
    fresh, corrected, told = [], [], []
    for row in rows:
        unit, year = units[row.values["code"]], row.values["year"]
        facts: dict[str, Any] = {key: row.values[key] for key in TOLD if key in row.values}
        was: dict[str, Any] = {key: earlier for key, (earlier, _now) in row.changes.items()}
        told.append({"unit": unit.pk, "year": year, **facts, "before": was})
        if before := held.get((unit.pk, year)):
            for key, value in facts.items():
                setattr(before, key, value)
            before.file = file
            corrected.append(before)
        else:
            fresh.append(EarlierResult(unit=unit, year=year, file=file, **facts))
    EarlierResult.objects.bulk_create(fresh)
    EarlierResult.objects.bulk_update(corrected, [*TOLD, "file"])
    file.added, file.changed = len(fresh), len(corrected)
    return told
