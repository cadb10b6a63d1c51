"""The levels an application climbs, and what each of them must do before it endorses."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guildhall.foundation.programmes.schema.words import Key, Part, Period, Unfit, Words

Seat = Literal["unit", "district_or_industry", "federation"]
"""Which union acts: the unit's own, the district or industry union above it (skipped where there is none), the
federation."""


class Level(Part):
    """One endorsing level.

    `days` are the working days the level has, counted from the end of the level before it (the first from the end of
    submissions). `quota` is how many applications each union of the level may endorse; None is no limit.
    """

    at: Seat
    days: Annotated[int, Field(ge=1, le=120)] = 10
    rank: bool = False
    quota: Annotated[int, Field(ge=1, le=10_000)] | None = None
    notice: Period | None = None
    resolution: bool = False
    countersign: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.rank and self.countersign:
            raise Unfit(
                "排序推荐的一级不再会签：rank 和 countersign 只写一个", "a level ranks or countersigns, not both"
            )
        return self


class Clearance(Part):
    """A department that is asked for its dated opinion on every application (征求意见)."""

    key: Key
    label: Words
    days: Annotated[int, Field(ge=1, le=60)] = 10
    binding: bool = True
    """Whether its objection bars the application; where not, the officer may set it aside with the reason on record."""
