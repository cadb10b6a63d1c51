"""`docs/programme-file.md`, drawn from the models of a programme file and from what each word of the vocabulary says."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "innovation-studio.yaml"
SAMPLES: dict[str, dict[str, Any]] = {
    "all": {"all": [{"field": "members", "at_least": 5}, {"entry_active": "pilots"}]},
    "any": {"any": [{"field": "patents", "at_least": 1}, {"unit": "headcount", "at_least": 50}]},
    "not": {"not": {"unit": "state", "one_of": ["merged", "closed"]}},
    "field": {"field": "members", "at_least": 5},
    "unit": {"unit": "ownership", "one_of": ["private"]},
    "entry_active": {"entry_active": "pilots"},
    "entries": {"entries": "pilots", "at_least": 2, "since": 2020},
    "not_conferred": {"not_conferred": "innovation-studio", "years": 3},
    "no_open_sanction": {"no_open_sanction": ["safety", "wages"]},
    "clearance": {"clearance": "emergency"},
}
"""Of each word a condition, put to the worked example's form."""

HEAD = """# The programme file

A programme is one YAML file: the form, the levels, the conditions, the review, the outcome and the notice of one policy in
force. It is checked when it is loaded, and kept as an immutable version; a round takes a copy of its `setup`.

`guildhall programmes check FILE.yaml` says whether a file is sound, and names every fault with its line; the loader refuses
the same. Sums are in fen (1 yuan is 100), shares and points exact decimals. Every text for readers is given as
`{zh: …, en: …}`. An unknown word is a fault, and nothing in the file is ever run as code."""

LISTS = """A condition asks for what is known of one application. It answers yes, no, or "not known" where what it asks for was never
filled in or answered; `not` leaves "not known" as it is, so no rule holds by silence. Conditions are held against an
application when it is submitted, before the federation accepts it, and before the decision; what came of it is kept with the
facts that were read. One condition has one word; `all`, `any` and `not` join them."""


def page() -> str:
    """The whole page."""
    from guildhall.foundation.programmes.schema import ProgrammeFile

    parts = "\n\n".join(_part(shape) for shape in _shapes(ProgrammeFile))
    example = EXAMPLE.read_text(encoding="utf-8").strip()
    return "\n\n".join((
        HEAD, "## The parts", parts, "## Conditions", LISTS, "\n\n".join(_words()), "## Over the whole list",
        ("A rule of `composition` names a share, in percent, of those chosen. Shares are exact; where one is broken, the page "
        "says how many are missing or too many with the list as long as it is. The leader may decide a list that breaks a "
        "rule only with the reason on record."),
        "## A whole programme", f"[`examples/{EXAMPLE.name}`](examples/{EXAMPLE.name}), which a test holds to be sound:",
        f"```yaml\n{example}\n```",
    ))  # fmt: skip


# The parts ------------------------------------------------------------------------------------------------------------


def _shapes(top: Any) -> list[Any]:
    """The parts, each once, in the order in which a reader meets them; conditions have a chapter of their own."""
    from guildhall.foundation.programmes.schema import WORDS
    from guildhall.foundation.programmes.schema.words import Part

    found: list[Any] = []

    def visit(shape: Any) -> None:
        if shape in found or shape in WORDS.values():
            return
        found.append(shape)
        for field in shape.model_fields.values():
            for part in _inner(field.annotation, Part):
                visit(part)

    visit(top)
    return found


def _inner(annotation: Any, kind: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, kind):
        return [annotation]
    return [part for inner in get_args(annotation) for part in _inner(inner, kind)]


def _part(shape: Any) -> str:
    said = inspect.cleandoc(shape.__doc__ or "")
    return f"### {shape.__name__}\n\n{said}\n\n{_fields(shape)}"


def _fields(shape: Any) -> str:
    notes = dict(_notes(shape))
    lines = ["| word | is | |", "| --- | --- | --- |"]
    for name, field in shape.model_fields.items():
        note = " ".join(notes.get(name, "").split())
        lines.append(f"| `{field.alias or name}` | {_kind(field)} | {' '.join((_default(field), note)).strip()} |")
    return "\n".join(lines)


def _notes(shape: Any) -> Iterator[tuple[str, str]]:
    """The sentence under a field in the source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(shape))).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            if isinstance(below.value, ast.Constant):
                yield field.target.id, str(below.value.value)


def _kind(field: FieldInfo) -> str:
    return _named(field.annotation, list(field.metadata))


def _named(annotation: Any, limits: list[Any]) -> str:  # noqa: PLR0911
    """A field's type in a reader's words, with its limits."""
    from guildhall.foundation.programmes.schema.words import Part

    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _named(inner[0], [*limits, *inner[1:]])
    if origin in (UnionType, Union):
        known = [one for one in inner if one is not type(None)]
        if len(known) > 1:
            return "a [condition](#conditions)"
        return _named(known[0], limits)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inner)
    if origin is tuple:
        several = len(inner) != 2 or inner[1] is not Ellipsis
        if several:
            return f"{len(inner)} × {_named(inner[0], [])}"
        return f"a list of {_named(inner[0], [])}{_limited(limits, ' items')}"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    name = {str: "text", int: "whole number", Decimal: "number", bool: "`true` or `false`"}.get(
        annotation, str(annotation)
    )
    if annotation is str and any(_pattern(one) for one in limits):
        return "key"
    return name + _limited(limits, " characters" if annotation is str else "")


def _pattern(limit: Any) -> bool:
    inner = getattr(limit, "metadata", [])
    return bool(getattr(limit, "pattern", None)) or any(_pattern(one) for one in inner)


def _limited(limits: list[Any], of: str) -> str:
    flat = [one for limit in limits for one in (getattr(limit, "metadata", None) or [limit])]
    said = []
    for one in flat:
        if isinstance(one, Ge | Gt):
            said.append(f"from {one.ge}" if isinstance(one, Ge) else f"above {one.gt}")
        elif isinstance(one, Le | Lt):
            said.append(f"to {one.le}" if isinstance(one, Le) else f"below {one.lt}")
        elif isinstance(one, MinLen) and one.min_length > 1:
            said.append(f"at least {one.min_length}{of}")
        elif isinstance(one, MaxLen):
            said.append(f"at most {one.max_length}{of}")
    return f", {' '.join(said)}" if said else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required.**"
    value = field.default
    if value in (None, (), PydanticUndefined) or isinstance(value, BaseModel):
        return ""
    return f"Unless said: `{str(value).lower() if isinstance(value, bool) else value}`."


# The vocabulary -------------------------------------------------------------------------------------------------------


def _words() -> Iterator[str]:
    from guildhall.foundation.programmes.rules.conditions import examine, told
    from guildhall.foundation.programmes.schema import WORDS, Condition

    known = _known()
    shapes: TypeAdapter[Any] = TypeAdapter(Condition)
    for word, shape in WORDS.items():
        said = told(examine(shapes.validate_python(SAMPLES[word]), known))
        yield "\n\n".join((
            f"### `{word}`", inspect.cleandoc(shape.__doc__ or ""), _fields(shape),
            f"`{_flow(SAMPLES[word])}` says of a unit:", f"> {said.zh}\n>\n> {said.en}",
        ))  # fmt: skip


def _known() -> Any:
    import yaml

    from guildhall.foundation.programmes.rules.known import Known
    from guildhall.foundation.programmes.schema import ProgrammeFile

    setup = ProgrammeFile.model_validate(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))).setup
    return Known(
        year=2024, form=setup.form, departments=setup.clearances, values={"members": "4", "patents": "2"},
        unit={"kind": "enterprise", "ownership": "private", "trade": "制造业", "headcount": 80, "state": "active"},
        active=frozenset({"pilots"}), entries={"pilots": [2023]}, conferred={"innovation-studio": [2022]},
        sanctions={"wages": ["包人社〔2024〕3号"]}, clearances={"emergency": "asked"},
    )  # fmt: skip


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in value.items())}}}"
    return f"[{', '.join(_flow(one) for one in value)}]" if isinstance(value, list) else str(value)
