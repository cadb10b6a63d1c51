"""The application form as a programme file asks for it: what is filled in, where it comes from, who may read it."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guildhall.foundation.programmes.schema.words import Key, Part, Unfit, Words

Visibility = Literal["public", "staff", "reviewers", "sealed"]
"""Who may read a field: anyone, the officers of the levels, those who judge it too, or the officer in charge alone."""

Prefill = Literal[
    "unit.name", "unit.code", "unit.ownership", "unit.trade", "unit.headcount", "unit.district", "unit.chair", "last"
]
"""Where a field's first value comes from: the unit's register, its union's chair, or the unit's last application."""


class Option(Part):
    """One choice of a field."""

    key: Key
    label: Words


class Cell(Part):
    """A column of a table field."""

    key: Key
    label: Words
    type: Literal["text", "number", "date", "money"] = "text"
    required: bool = True


class FactField(Part):
    """One field of the form. A number has its unit and limits, a choice its options, a table its columns.

    Numbers, money (in yuan) and ratios feed the computed indicators; they are kept as exact decimal texts.
    """

    key: Key
    label: Words
    type: Literal["number", "money", "text", "long", "choice", "date", "period", "person", "unit", "table", "file"] = (
        "number"
    )
    unit: Words | None = None
    most: Annotated[Decimal, Field(gt=0)] = Decimal(10_000_000)
    whole: bool = True
    required: bool = True
    hint: Words | None = None
    length: Annotated[int, Field(ge=1, le=20_000)] = 4_000
    options: tuple[Option, ...] = ()
    columns: tuple[Cell, ...] = ()
    rows: Annotated[int, Field(ge=1, le=500)] = 100
    prefill: Prefill | None = None
    visible: Visibility = "reviewers"

    @property
    def counts(self) -> bool:
        """Whether it is a number that indicators and rules can reckon with."""
        return self.type in ("number", "money")

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise Unfit(
                f"“{self.key}”：choice 要写 options，别的类型不能写",
                f"{self.key}: a choice has options, nothing else has",
            )
        if (self.type == "table") != bool(self.columns):
            raise Unfit(
                f"“{self.key}”：table 要写 columns，别的类型不能写",
                f"{self.key}: a table has columns, nothing else has",
            )
        if self.type == "number" and self.unit is None:
            raise Unfit(f"“{self.key}”：number 要写 unit（单位）", f"{self.key}: a number has a unit")
        return self


class Section(Part):
    """A step of the wizard: one topic and its fields, in order."""

    key: Key
    label: Words
    fields: Annotated[tuple[Key, ...], Field(min_length=1, max_length=7)]
