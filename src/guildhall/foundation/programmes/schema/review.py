"""How applications are judged and chosen: the steps of the review with their cuts, and what the last step gives."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guildhall.foundation.programmes.schema.words import Key, Part, Unfit, Words

Method = Literal["officer", "checklist", "panel", "computed", "ballot", "external"]


class Cut(Part):
    """Which applications go on after a step: the best `top`, those of at least `score`, the best `top` of each group, or
    all that passed (none of the two)."""

    top: Annotated[int, Field(ge=1, le=100_000)] | None = None
    score: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    by: Key | None = None
    """The choice field that makes the groups."""

    @model_validator(mode="after")
    def _one_cut(self) -> Self:
        if self.top is not None and self.score is not None:
            raise Unfit("一个门槛只写 top 或 score，不能都写", "a cut says top or score, not both")
        if self.by and self.top is None:
            raise Unfit("按组取（by）要写 top", "a cut by group says top")
        return self


class CheckItem(Part):
    """One line of a checklist, passed or to be rectified on the spot."""

    key: Key
    label: Words
    photograph: bool = False


class Criterion(Part):
    """One criterion of a panel's sheet, marked 0 – 100 and weighed by its points."""

    key: Key
    label: Words
    points: Annotated[Decimal, Field(gt=0, le=100)]


class ReviewStep(Part):
    """One step of the review."""

    key: Key
    label: Words
    method: Method
    weight: Annotated[Decimal, Field(ge=0, le=1, decimal_places=2)] = Decimal(0)
    """Its share of the final score; the weights of the scoring steps sum to 1."""
    cut: Cut = Cut()
    items: tuple[CheckItem, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    experts: Annotated[int, Field(ge=1, le=99)] = 3
    """How many experts mark each application, or how many vote."""
    drop: Literal["none", "extremes"] = "none"
    """`extremes`: the highest and the lowest sheet are left out of the mean, where there are at least 5."""
    field: Key | None = None
    """The choice field by which experts of the trade are drawn."""
    quorum: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.67")
    majority: Annotated[Decimal, Field(ge=Decimal("0.5"), le=1)] = Decimal("0.5")
    """Of those who voted; more than this share."""

    @property
    def scores(self) -> bool:
        """Whether the step gives a score, 0 – 100."""
        return self.method in ("panel", "computed")

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        if (self.method == "checklist") != bool(self.items):
            raise Unfit(
                f"“{self.key}”：checklist 要写 items，别的方法不能写",
                f"{self.key}: a checklist has items, no other method has",
            )
        if (self.method == "panel") != bool(self.criteria):
            raise Unfit(
                f"“{self.key}”：panel 要写 criteria，别的方法不能写",
                f"{self.key}: a panel has criteria, no other method has",
            )
        if self.weight and not self.scores:
            raise Unfit(
                f"“{self.key}”：只有 panel 和 computed 有分数，才有权重",
                f"{self.key}: only a panel's or a computed score has a weight",
            )
        if self.cut.score is not None and not self.scores:
            raise Unfit(f"“{self.key}”：按分数取（cut.score）要有分数", f"{self.key}: a cut by score needs a score")
        return self


class Class(Part):
    """A class of the outcome: so many seats, at this sum each."""

    name: Words
    seats: Annotated[int, Field(ge=1, le=100_000)]
    sum_fen: Annotated[int, Field(ge=0, le=10**13)] = 0


class Selection(Part):
    """What the last step gives.

    `classes`: seats in the order of the final score. `threshold`: all of at least `score`. `each`: all that passed every
    step, by decision. `first_come`: in the order of submission until `cap_fen` is spent. `pro_rata`: each asks a sum by
    `asks`, and where `cap_fen` does not reach each gets the same share of it, rounded down to `step_fen`.
    `reserve` is how many follow in order and may move up.
    """

    kind: Literal["classes", "threshold", "each", "first_come", "pro_rata"]
    classes: tuple[Class, ...] = ()
    score: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    sum_fen: Annotated[int, Field(ge=0, le=10**13)] = 0
    cap_fen: Annotated[int, Field(gt=0, le=10**14)] | None = None
    asks: Key | None = None
    step_fen: Annotated[int, Field(gt=0)] = 100
    reserve: Annotated[int, Field(ge=0, le=1_000)] = 0
    ties: tuple[Key, ...] = ()
    """The steps whose scores decide a tie, in order; after them who came first."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "classes") != bool(self.classes):
            raise Unfit(
                "kind: classes 要写 classes，别的不能写", "classes are given with kind: classes, and only there"
            )
        if (self.kind == "threshold") != (self.score is not None):
            raise Unfit("kind: threshold 要写 score，别的不能写", "score is given with kind: threshold, and only there")
        if (self.kind in ("first_come", "pro_rata")) != (self.cap_fen is not None):
            raise Unfit(
                "kind: first_come 和 pro_rata 要写 cap_fen，别的不能写",
                "cap_fen is given with kind: first_come or pro_rata, and only there",
            )
        if (self.kind == "pro_rata") != (self.asks is not None):
            raise Unfit(
                "kind: pro_rata 要用 asks 写明金额栏，别的不能写",
                "asks names the money field with kind: pro_rata, and only there",
            )
        return self
