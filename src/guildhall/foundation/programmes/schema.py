"""What a programme file may say: its shape, checked when it is loaded and again when a round is set up.

A programme is data. Sums are in fen, points and weights exact decimals, days whole numbers.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Points = Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)]


class Part(BaseModel):
    """A part of the file: unknown words are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """A text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=800)]


class FactField(Part):
    """One reported fact: a number with its unit."""

    key: Key
    label: Words
    unit: Words
    most: Annotated[Decimal, Field(gt=0)] = Decimal(10_000_000)
    whole: bool = True


class Band(Part):
    """From this value on, these points."""

    at: Annotated[Decimal, Field(ge=0)]
    points: Annotated[Decimal, Field(ge=0, le=100)]


class Measure(Part):
    """How a computed indicator reads the facts: a value, a ratio of two, or its share of full points.

    `bands` award the points of the highest band reached; without bands the ratio (at most 1) earns its share of the
    indicator's points.
    """

    value: Key | None = None
    ratio: tuple[Key, Key] | None = None
    bands: tuple[Band, ...] = ()

    @model_validator(mode="after")
    def _one_reading(self) -> Self:
        if (self.value is None) == (self.ratio is None):
            raise ValueError("say either value or ratio")
        if self.value and not self.bands:
            raise ValueError("a value needs bands")
        if [band.at for band in self.bands] != sorted({band.at for band in self.bands}, reverse=True):
            raise ValueError("bands stand from the highest to the lowest, each once")
        return self

    def facts(self) -> list[str]:
        """The keys of the facts it reads."""
        return [self.value] if self.value else list(self.ratio or ())


class Anchors(Part):
    """What each band of a judged mark means."""

    excellent: Words
    good: Words
    fair: Words
    poor: Words


class Indicator(Part):
    """A leaf of the tree: computed from facts, or judged by panel and peers against anchors."""

    key: Key
    label: Words
    points: Points
    kind: Literal["computed", "judged"]
    measure: Measure | None = None
    anchors: Anchors | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "computed" and (self.measure is None or self.anchors):
            raise ValueError(f"{self.key}: a computed indicator has a measure and no anchors")
        if self.kind == "judged" and (self.anchors is None or self.measure):
            raise ValueError(f"{self.key}: a judged indicator has anchors and no measure")
        if self.measure and any(band.points > self.points for band in self.measure.bands):
            raise ValueError(f"{self.key}: a band gives more than the indicator's points")
        return self


class Area(Part):
    """A first-level indicator; its points are the sum of its leaves'."""

    key: Key
    label: Words
    points: Points
    of: Annotated[tuple[Indicator, ...], Field(min_length=1)]


class Bonus(Part):
    """Points beyond the hundred: of the steps reached the highest counts, and the whole is capped."""

    fact: Key
    label: Words
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]


class Veto(Part):
    """A reported fact that bars the application where it is not 0, with the clause that says so."""

    fact: Key
    label: Words
    clause: str


class Weights(Part):
    """How the three scores join; they sum to 1."""

    computed: Annotated[Decimal, Field(ge=0, le=1, decimal_places=2)]
    panel: Annotated[Decimal, Field(ge=0, le=1, decimal_places=2)]
    peers: Annotated[Decimal, Field(gt=0, le=1, decimal_places=2)]


class Peers(Part):
    """The mutual assessment's numbers: page 6 of the design calls them m, C, λ and δ."""

    reviews_each: Annotated[int, Field(ge=2, le=20)] = 8
    groups: Annotated[int, Field(ge=2, le=9)] = 3
    fewest: Annotated[int, Field(ge=1, le=20)] = 4
    declare_days: Annotated[int, Field(ge=1, le=60)] = 10
    """Working days from the opening within which a unit may declare conflicts, at most `declared_most`."""
    declared_most: Annotated[int, Field(ge=0, le=20)] = 5
    third_party_seats: bool = True


class Panel(Part):
    """How many of the pool's experts mark each unit."""

    experts_each: Annotated[int, Field(ge=1, le=15)] = 3


class Tier(Part):
    """An award tier: so many seats at this sum."""

    name: Words
    seats: Annotated[int, Field(ge=1, le=100_000)]
    sum_fen: Annotated[int, Field(ge=0, le=10**13)]


class Grade(Part):
    """A grade without money: the best so many per cent, cumulatively."""

    name: Words
    upto: Annotated[Decimal, Field(gt=0, le=100)]


class Outcome(Part):
    """The tiers, the fund they share and the grades."""

    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=9)]
    fund_fen: Annotated[int, Field(gt=0, le=10**14)]
    step_fen: Annotated[int, Field(gt=0)] = 10_000
    grades: tuple[Grade, ...] = ()


class Period(Part):
    """A number of days, working or calendar; whether the first counts is a rule of the version."""

    days: Annotated[int, Field(ge=1, le=60)]
    count: Literal["working", "calendar"] = "working"
    count_first: bool = False


class Objections(Part):
    """How objections are taken and answered."""

    answer_days: Annotated[int, Field(ge=1, le=60)] = 5
    named: bool = True
    refill: Literal[False] = False


class Setup(Part):
    """All that a round can set for itself; what the programme says is its default."""

    form: Annotated[tuple[FactField, ...], Field(min_length=1)]
    indicators: Annotated[tuple[Area, ...], Field(min_length=1)]
    bonus: tuple[Bonus, ...] = ()
    bonus_cap: Annotated[Decimal, Field(ge=0, le=20)] = Decimal(10)
    vetoes: tuple[Veto, ...] = ()
    weights: Weights
    peers: Peers = Peers()
    panel: Panel = Panel()
    outcome: Outcome
    notice: Period
    objection: Objections = Objections()

    def leaves(self, kind: str | None = None) -> Iterator[Indicator]:
        """The leaves of the tree, of one kind or all, in order."""
        return (leaf for area in self.indicators for leaf in area.of if kind in (None, leaf.kind))

    @model_validator(mode="after")
    def _keys_meet(self) -> Self:
        known = Counter(field.key for field in self.form)
        asked = [key for leaf in self.leaves("computed") if leaf.measure for key in leaf.measure.facts()]
        asked += [bonus.fact for bonus in self.bonus] + [veto.fact for veto in self.vetoes]
        if missing := sorted(set(asked) - set(known)):
            raise ValueError(f"facts that the form does not ask for: {', '.join(missing)}")
        twice = [key for key, n in (known + Counter(leaf.key for leaf in self.leaves())).items() if n > 1]
        if twice:
            raise ValueError(f"keys used twice: {', '.join(sorted(twice))}")
        return self


class Grant(Part):
    """From which fund the sums are paid, and to whom."""

    fund: Annotated[str, Field(min_length=1, max_length=60)]
    payee: Literal["unit"] = "unit"


class ProgrammeFile(Part):
    """A whole programme: a policy in force, as data."""

    programme: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    name: Words
    policy: str
    subject: Key
    stages: Annotated[tuple[Words, ...], Field(min_length=2, max_length=8)]
    setup: Setup
    confer: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$")]
    grant: Grant | None = None
