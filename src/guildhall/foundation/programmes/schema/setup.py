"""What a round can set for itself, and the whole programme file that gives the defaults.

A programme is data, checked when it is loaded and again when a round is set up. Sums are in fen, points and weights
exact decimals, days whole numbers.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guildhall.foundation.programmes.schema.conditions import Composition, Rule
from guildhall.foundation.programmes.schema.fields import FactField, Section
from guildhall.foundation.programmes.schema.levels import Clearance, Level
from guildhall.foundation.programmes.schema.review import ReviewStep, Selection
from guildhall.foundation.programmes.schema.words import Key, Part, Period, Points, Unfit, Words


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
            raise Unfit("value 和 ratio 要写一个，只能写一个", "say either value or ratio")
        if self.value and not self.bands:
            raise Unfit("value 要有 bands", "a value needs bands")
        if [band.at for band in self.bands] != sorted({band.at for band in self.bands}, reverse=True):
            raise Unfit("bands 要从高到低，不能重复", "bands stand from the highest to the lowest, each once")
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
            raise Unfit(
                f"“{self.key}”：computed 指标要写 measure，不写 anchors",
                f"{self.key}: a computed indicator has a measure and no anchors",
            )
        if self.kind == "judged" and (self.anchors is None or self.measure):
            raise Unfit(
                f"“{self.key}”：judged 指标要写 anchors，不写 measure",
                f"{self.key}: a judged indicator has anchors and no measure",
            )
        if self.measure and any(band.points > self.points for band in self.measure.bands):
            raise Unfit(
                f"“{self.key}”：有一档给的分超过指标的分值",
                f"{self.key}: a band gives more than the indicator's points",
            )
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
    peers: Annotated[Decimal, Field(ge=0, le=1, decimal_places=2)]


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

    tiers: Annotated[tuple[Tier, ...], Field(max_length=9)] = ()
    fund_fen: Annotated[int, Field(ge=0, le=10**14)] = 0
    step_fen: Annotated[int, Field(gt=0)] = 10_000
    grades: tuple[Grade, ...] = ()


class Objections(Part):
    """How objections are taken and answered."""

    answer_days: Annotated[int, Field(ge=1, le=60)] = 5
    named: bool = True
    refill: bool = False
    """Whether the next in order moves up for an item that an upheld objection strikes out; decided beforehand."""


class Setup(Part):
    """All that a round can set for itself; what the programme says is its default.

    A round is judged in one of two ways: by mutual assessment (`weights`, `peers`, `panel`, `outcome`), which its domain
    runs, or step by step (`review`, `selection`), which the cycle runs itself.
    """

    entry: Literal["entered", "applied"] = "entered"
    """`entered`: at the opening each eligible unit has its application, in checking; `applied`: units apply themselves."""
    form: Annotated[tuple[FactField, ...], Field(min_length=1)]
    sections: tuple[Section, ...] = ()
    sealed_scan: bool = False
    """Whether the printed application must be uploaded again, sealed, before it is submitted."""
    levels: Annotated[tuple[Level, ...], Field(max_length=4)] = ()
    conditions: tuple[Rule, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    composition: tuple[Composition, ...] = ()
    indicators: tuple[Area, ...] = ()
    bonus: tuple[Bonus, ...] = ()
    bonus_cap: Annotated[Decimal, Field(ge=0, le=20)] = Decimal(10)
    vetoes: tuple[Veto, ...] = ()
    weights: Weights = Weights(computed=Decimal(1), panel=Decimal(), peers=Decimal())
    peers: Peers = Peers()
    panel: Panel = Panel()
    outcome: Outcome = Outcome()
    review: Annotated[tuple[ReviewStep, ...], Field(max_length=6)] = ()
    selection: Selection | None = None
    notice: Period
    public_notice: bool = True
    """Whether what is decided stands in public notice before it is conferred; a small subsidy may go without."""
    objection: Objections = Objections()

    def numbers(self) -> tuple[FactField, ...]:
        """The fields that a workbook of facts may bring: the numbers."""
        return tuple(field for field in self.form if field.counts)

    @property
    def stepwise(self) -> bool:
        """Whether the cycle itself runs the review, step by step."""
        return bool(self.review)

    def leaves(self, kind: str | None = None) -> Iterator[Indicator]:
        """The leaves of the tree, of one kind or all, in order."""
        return (leaf for area in self.indicators for leaf in area.of if kind in (None, leaf.kind))

    @model_validator(mode="after")
    def _judged_one_way(self) -> Self:
        if self.stepwise != (self.selection is not None):
            raise Unfit("review 和 selection 要一起写", "review and selection stand together")
        if not self.stepwise and not (self.indicators and self.outcome.tiers and self.weights.peers):
            raise Unfit(
                "没有写怎样评：写 review 和 selection，或者写 indicators、weights 和 outcome",
                "say how it is judged: review and selection, or indicators, weights and outcome",
            )
        if self.levels and self.entry != "applied":
            raise Unfit(
                "有 levels 就要单位自己申报：entry: applied", "levels endorse what units apply for: entry: applied"
            )
        return self

    @model_validator(mode="after")
    def _keys_meet(self) -> Self:
        known = Counter(field.key for field in self.form)
        asked = [key for leaf in self.leaves("computed") if leaf.measure for key in leaf.measure.facts()]
        asked += [bonus.fact for bonus in self.bonus] + [veto.fact for veto in self.vetoes]
        if missing := sorted(set(asked) - set(known)):
            raise Unfit(
                f"表里没有这些栏：{'、'.join(missing)}", f"facts that the form does not ask for: {', '.join(missing)}"
            )
        named = {field.key: field for field in self.form}
        if wrong := sorted(key for key in asked if not named[key].counts):
            raise Unfit(
                f"指标只能读数字栏，这些不是：{'、'.join(wrong)}",
                f"indicators read numbers alone, not: {', '.join(wrong)}",
            )
        twice = [key for key, n in (known + Counter(leaf.key for leaf in self.leaves())).items() if n > 1]
        if twice:
            raise Unfit(f"代号用了两次：{'、'.join(sorted(twice))}", f"keys used twice: {', '.join(sorted(twice))}")
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
    """The register whose entries may apply, or `units` for every unit that goes on."""
    rolling: bool = False
    """Whether applications come all year and each goes its own way, in one open round a year."""
    stages: Annotated[tuple[Words, ...], Field(min_length=2, max_length=8)]
    setup: Setup
    confer: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$")]
    grant: Grant | None = None
