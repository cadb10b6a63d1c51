"""An application's material as those who judge it may read it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from guildhall.foundation.programmes.models import Application, Evidence
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.screens import formats

OPEN_TO_REVIEWERS = ("public", "reviewers")


def materials(application: Application) -> dict[str, Any]:
    """The fields and files open to reviewers; what a field keeps from them is not said to be there."""
    fields = [one for one in application.round.rules.form if one.visible in OPEN_TO_REVIEWERS]
    kept_back = {one.key for one in application.round.rules.form} - {one.key for one in fields}
    labels = {one.key: worded(one.label) for one in fields}
    labels |= {leaf.key: worded(leaf.label) for leaf in application.round.rules.leaves()}
    pieces = application.evidence.select_related("attachment").exclude(indicator__in=kept_back)
    said = application.facts
    return {
        "facts": [(worded(one.label), shown(one, said.get(one.key))) for one in fields if one.type not in APART],
        "tables": [_table(one, said.get(one.key)) for one in fields if one.type == "table" and said.get(one.key)],
        "texts": [(worded(one.label), said[one.key]) for one in fields if one.type == "long" and said.get(one.key)],
        "pieces": [_piece(piece, labels) for piece in pieces],
    }


APART = ("table", "long", "file")
"""What is shown apart from the short facts."""


def shown(field: FactField, value: Any) -> str:
    """A short value in the reader's words; empty where nothing was said."""
    if value in (None, "", []):
        return ""
    match field.type:
        case "number" | "money":
            return _number(field, str(value))
        case "choice":
            return {one.key: worded(one.label) for one in field.options}.get(str(value), str(value))
        case "period":
            return " – ".join(str(one) for one in value)
        case "person" | "unit":
            return str(value[-1] if isinstance(value, list | tuple) else value)
    return str(value)


def _number(field: FactField, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if field.type == "money":
        return formats.yuan_prose(int(number * 100))
    said = f"{number.normalize():,f}"
    return f"{said} {worded(field.unit)}" if field.unit else said


def _table(field: FactField, rows: Any) -> dict[str, Any]:
    cells = field.columns
    lines = [[str(row.get(cell.key, "")) for cell in cells] for row in rows if isinstance(row, dict)]
    return {"label": worded(field.label), "heads": [worded(cell.label) for cell in cells], "rows": lines}


def _piece(piece: Evidence, labels: dict[str, str]) -> dict[str, Any]:
    return {"piece": piece, "label": labels.get(piece.indicator, "")}
