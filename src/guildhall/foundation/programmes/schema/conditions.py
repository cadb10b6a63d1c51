"""The closed vocabulary of rules: on one application, or on the whole list. Every word is a class here, and no other
word exists; what each means is explained, in both languages, by `rules/conditions.py`."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from guildhall.foundation.programmes.schema.words import Key, Part

Sanction = Literal["safety", "wages", "environment", "insurance", "discipline", "dues"]
UnitFact = Literal["kind", "ownership", "trade", "headcount", "state"]
Number = Annotated[Decimal, Field(ge=-(10**15), le=10**15)]


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
    """What the form says: a number within bounds, a choice among some, or anything at all."""

    field: Key
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: tuple[str, ...] = ()
    filled: bool | None = None


class UnitIs(Part):
    """What the register of units says."""

    unit: UnitFact
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: tuple[str, ...] = ()


class EntryActive(Part):
    """The unit stands in this register today."""

    entry_active: Key


class EntriesSince(Part):
    """The unit has at least so many entries in a register since a year."""

    entries: Key
    at_least: Annotated[int, Field(ge=1)]
    since: Annotated[int, Field(ge=1949, le=2100)]


class NotConferredWithin(Part):
    """The unit was not named by a programme within so many years before the round's (one item a year)."""

    not_conferred: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    years: Annotated[int, Field(ge=1, le=20)] = 1


class NoOpenSanction(Part):
    """No sanction of these kinds stands open against the unit."""

    no_open_sanction: Annotated[tuple[Sanction, ...], Field(min_length=1)]


class ClearanceGiven(Part):
    """The department that was asked has no objection."""

    clearance: Key


Condition = Annotated[
    AllOf | AnyOf | NotSo | FieldIs | UnitIs | EntryActive | EntriesSince | NotConferredWithin | NoOpenSanction
    | ClearanceGiven,
    Field(union_mode="smart"),
]  # fmt: skip
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


AllOf.model_rebuild()
AnyOf.model_rebuild()
NotSo.model_rebuild()
