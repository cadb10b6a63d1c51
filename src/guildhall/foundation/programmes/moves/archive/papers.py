"""The applications of a round as an archive keeps them: what was said, handed in, judged and decided of each."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Prefetch

from guildhall.foundation.documents.models import documents_of
from guildhall.foundation.programmes.models import (
    Application,
    Clearance,
    Endorsement,
    Evidence,
    LevelNotice,
    Round,
)
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.registry import RESULT, hook
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.programmes.states import Move, State
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.states import ENDINGS

SEALED = "sealed"
ENDORSED = ("union", "by__person", "countersigned_by__person", "resolution")
NAMED = (State.CONFERRED, State.NOT_SELECTED, State.IN_NOTICE, State.HELD, State.REFUSED)
"""Where a result may stand."""


def applications(of: Round) -> list[dict[str, Any]]:
    """Each application with its folder in the archive; `attachments` are its files by their names there."""
    beside = (
        Prefetch("evidence", Evidence.objects.select_related("attachment")),
        Prefetch("endorsements", Endorsement.objects.select_related(*ENDORSED)),
        Prefetch("clearances", Clearance.objects.select_related("request")),
        Prefetch("level_notices", LevelNotice.objects.select_related("proof")), "snapshots", "checks", "step_results",
    )  # fmt: skip
    rows = of.applications.select_related("unit__district", "union", "placement", "round__programme")
    return [_told(of, number, row) for number, row in enumerate(rows.prefetch_related(*beside).order_by("pk"), 1)]


def _told(of: Round, number: int, row: Application) -> dict[str, Any]:
    folder = f"applications/{number:04d}"
    attachments, evidence = _evidence(of, row, folder)
    for kind, pieces in (("resolution", row.endorsements.all()), ("proof", row.level_notices.all())):
        held = [piece for piece in (getattr(one, kind) for one in pieces) if piece is not None]
        attachments += [(f"{folder}/{kind}s/{n:02d}{ENDINGS[one.kind][0]}", one) for n, one in enumerate(held, 1)]
    return {
        "number": number, "id": row.pk, "folder": folder, "unit": row.unit.name, "code": row.unit.code,
        "district": str(row.unit.district or ""), "union": row.union.name, "state": State(row.state).label,
        "submitted_at": row.submitted_at, "submissions": row.submissions, "reason": row.reason, "clause": row.clause,
        "files": [name for name, _file in attachments], "facts": _facts(of, row), "statement": row.statement, "evidence": evidence, "attachments": attachments,
        "snapshots": [_snapshot(of, one) for one in row.snapshots.all()], "result": _result(of, row),
        "placement": _placement(row), **_on_the_way(row),
    }  # fmt: skip


def _facts(of: Round, row: Application) -> list[dict[str, Any]]:
    """The form as it was filled; a sealed field is named, and stays in the system."""
    found = []
    for one in of.rules.form:
        said = "" if one.visible == SEALED else row.facts.get(one.key, "")
        unit = worded(one.unit) if one.unit else ""
        told = _in_words(one, said)
        found.append({
            "key": one.key, "label": worded(one.label), "said": said, "told": told, "unit": unit,
            "sealed": one.visible == SEALED,
        })  # fmt: skip
    return found


def _in_words(field: FactField, said: Any) -> str:
    """What was filled in, as one reads it: an option by its name, both ends of a period, a table row by row."""
    if isinstance(said, dict):
        return str(said.get("name", ""))
    if isinstance(said, list):
        rows = ["，".join(str(cell) for cell in row.values()) if isinstance(row, dict) else str(row) for row in said]
        return ("–" if field.type == "period" else "；").join(rows)
    return next((worded(option.label) for option in field.options if option.key == said), str(said))


def _evidence(of: Round, row: Application, folder: str) -> tuple[list[tuple[str, Attachment]], list[dict[str, Any]]]:
    leaves = {leaf.key: worded(leaf.label) for leaf in of.rules.leaves()}
    files, told = [], []
    for number, piece in enumerate(row.evidence.all(), 1):
        name = f"{folder}/evidence/{number:02d}{ENDINGS[piece.attachment.kind][0]}"
        files.append((name, piece.attachment))
        told.append({
            "file": name, "title": piece.title, "indicator": leaves.get(piece.indicator, piece.indicator),
            "name": piece.attachment.name, "size": piece.attachment.size, "sm3": piece.attachment.digest,
            "uploaded_at": piece.attachment.uploaded_at,
        })  # fmt: skip
    return files, told


def _snapshot(of: Round, one: Any) -> dict[str, Any]:
    hidden = {field.key for field in of.rules.form if field.visible == SEALED}
    body = dict(one.body)
    if hidden and isinstance(body.get("facts"), dict):
        body["facts"] = {key: value for key, value in body["facts"].items() if key not in hidden}
    return {"stage": one.stage, "at": one.at, "digest": one.digest, "body": body}


def _result(of: Round, row: Application) -> dict[str, Any]:
    if row.state not in NAMED:
        return {}
    try:
        told: dict[str, Any] = hook(RESULT, of)(row)
    except (ObjectDoesNotExist, KeyError):  # Refused before anyone judged it; a programme without results.
        return {}
    return told


def _placement(row: Application) -> dict[str, Any]:
    placed = getattr(row, "placement", None)
    names = ("score", "rank", "place", "chosen", "reserve", "sum_fen", "why")
    return {name: getattr(placed, name) for name in names} if placed else {}


def _on_the_way(row: Application) -> dict[str, Any]:
    """What the levels, the departments, the rules and the steps said; which reviewer said what is not among it."""
    return {
        "endorsements": [
            {
                "level": one.level, "union": one.union.name, "act": Move(one.act).label, "text": one.text,
                "rank": one.rank, "resolved_on": one.resolved_on, "by": str(one.by), "at": one.at,
                "countersigned_by": str(one.countersigned_by or ""), "submission": one.submission,
            }
            for one in row.endorsements.all()
        ],
        "level_notices": [
            {"level": one.level, "starts_on": one.starts_on, "ends_on": one.ends_on, "place": one.place}
            for one in row.level_notices.all()
        ],
        "checks": [
            {"stage": one.stage, "sound": one.sound, "verdicts": one.verdicts, "at": one.at} for one in row.checks.all()
        ],
        "clearances": [
            {
                "department": one.request.department, "opinion": one.get_state_display(), "text": one.text,
                "signed": one.signed, "dated": one.dated,
            }
            for one in row.clearances.all()
        ],
        "steps": [
            {"step": one.step, "score": one.score, "rank": one.rank, "passed": one.passed}
            for one in row.step_results.all()
        ],
    }  # fmt: skip


def documents(of: Round) -> list[dict[str, Any]]:
    """What was issued on the round, with its paper where it was printed."""
    return [
        {
            "number": one.number, "kind": one.get_kind_display(), "title": one.title, "union": one.union.name,
            "issued_at": one.issued_at, "check_code": one.check_code, "digest": one.digest, "content": one.content,
            "state": one.get_state_display(), "revoked_at": one.revoked_at, "reason": one.reason,
            "file": f"documents/{n:02d}.pdf" if one.file else "", "attachment": one.file,
        }
        for n, one in enumerate(documents_of(f"round:{of.pk}"), 1)
    ]  # fmt: skip


def rankings(of: Round, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ranked lists of the levels, by the numbers that the applications have here."""
    numbers = {row["id"]: row["number"] for row in rows}
    return [
        {
            "level": one.level, "union": one.union.name, "order": [numbers.get(pk) for pk in one.order],
            "digest": one.digest, "at": one.at,
        }
        for one in of.ranked_lists.select_related("union").order_by("pk")
    ]  # fmt: skip
