"""The closed vocabulary of rules: on one application, or on the whole list. Every word is a class here, and no other
word exists; what each means is explained, in both languages, by `rules/conditions.py`."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from guildhall.foundation.programmes.schema.words import Key, Part, Unfit

Sanction = Literal["safety", "wages", "environment", "insurance", "discipline", "dues"]
UnitFact = Literal["kind", "ownership", "trade", "headcount", "state"]
Number = Annotated[Decimal, Field(ge=-(10**15), le=10**15)]


def _in_order(at_least: Decimal | None, at_most: Decimal | None) -> None:
    if at_least is not None and at_most is not None and at_least > at_most:
        raise Unfit(f"下限 {at_least} 大于上限 {at_most}", f"at_least {at_least} is more than at_most {at_most}")


class AllOf(Part):
    """Every one of these holds."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1)]


class AnyOf(Part):
    """At least one of these holds."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1)]


class NotSo(Part):
    """This does not hold."""

    not_: Annotated["Condition", Field(alias="not")]


class FieldIs(Part):
    """What the form says: a number within bounds, a choice among some, or anything at all.

    `filled: true` asks for any value, `filled: false` for none; with nothing else said, a value is asked for.
    """

    field: Key
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: tuple[str, ...] = ()
    filled: bool | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _in_order(self.at_least, self.at_most)
        if self.filled is False and (self.one_of or self.at_least is not None or self.at_most is not None):
            raise Unfit("不填的栏没有值可比", "what is not filled in has no value to compare")
        return self


class UnitIs(Part):
    """What the register of units says."""

    unit: UnitFact
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        _in_order(self.at_least, self.at_most)
        bounds = self.at_least is not None or self.at_most is not None
        if not bounds and not self.one_of:
            raise Unfit("要写 at_least、at_most 或 one_of", "say at_least, at_most or one_of")
        if bounds and self.unit != "headcount":
            raise Unfit("只有 headcount 能比大小", "only headcount is a number")
        return self


class EntryActive(Part):
    """The unit stands in this register today. A programme without a register of its own is one by its code, with _ for -."""

    entry_active: Key


class EntriesSince(Part):
    """The unit has at least so many entries in a register since a year."""

    entries: Key
    at_least: Annotated[int, Field(ge=1)]
    since: Annotated[int, Field(ge=1949, le=2100)]


class NotConferredWithin(Part):
    """The unit was not named by a programme in the round's year or the so many years before it (one item a year)."""

    not_conferred: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    years: Annotated[int, Field(ge=1, le=20)] = 1


class NoOpenSanction(Part):
    """No sanction of these kinds stands open against the unit."""

    no_open_sanction: Annotated[tuple[Sanction, ...], Field(min_length=1)]


class ClearanceGiven(Part):
    """The department that was asked has no objection."""

    clearance: Key


WORDS: dict[str, type[Part]] = {
    "all": AllOf, "any": AnyOf, "not": NotSo, "field": FieldIs, "unit": UnitIs, "entry_active": EntryActive,
    "entries": EntriesSince, "not_conferred": NotConferredWithin, "no_open_sanction": NoOpenSanction,
    "clearance": ClearanceGiven,
}  # fmt: skip
"""The whole vocabulary: each word by the key that it begins with."""


def word_of(value: Any) -> str | None:
    """Which word a condition is, by its key; None where it is none."""
    if isinstance(value, dict):
        return next((word for word in WORDS if word in value), "not" if "not_" in value else None)
    return next((word for word, shape in WORDS.items() if isinstance(value, shape)), None)


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[NotSo, Tag("not")]
    | Annotated[FieldIs, Tag("field")]
    | Annotated[UnitIs, Tag("unit")]
    | Annotated[EntryActive, Tag("entry_active")]
    | Annotated[EntriesSince, Tag("entries")]
    | Annotated[NotConferredWithin, Tag("not_conferred")]
    | Annotated[NoOpenSanction, Tag("no_open_sanction")]
    | Annotated[ClearanceGiven, Tag("clearance")],
    Discriminator(word_of),
]
"""Any word of the vocabulary."""


class Rule(Part):
    """A rule on one application, with the clause it comes from."""

    clause: Annotated[str, Field(min_length=1, max_length=80)]
    holds: Condition


class Composition(Part):
    """A rule on the whole list: of those chosen, the share of which this condition holds (percent)."""

    clause: Annotated[str, Field(min_length=1, max_length=80)]
    of: Condition
    at_least: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    at_most: Annotated[Decimal, Field(ge=0, lt=100)] | None = None

    @model_validator(mode="after")
    def _says_a_share(self) -> Self:
        _in_order(self.at_least, self.at_most)
        if self.at_least is None and self.at_most is None:
            raise Unfit("要写 at_least 或 at_most（百分比）", "say at_least or at_most, in percent")
        return self


AllOf.model_rebuild()
AnyOf.model_rebuild()
NotSo.model_rebuild()
