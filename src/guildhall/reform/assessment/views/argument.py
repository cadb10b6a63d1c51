"""What a unit's own page argues with: every number of it recomputed from the frozen file, and adding up on screen."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import quantiles
from typing import Any

from django.utils.translation import gettext as _

from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules import Working, computed_score
from guildhall.foundation.programmes.states import State
from guildhall.foundation.screens import formats
from guildhall.reform.assessment.models import Result, Step
from guildhall.reform.assessment.rules import GROUPS, adding_up, computed_file, judged
from guildhall.science.explanation import Explanation, ReviewLine, explain
from guildhall.science.marking import POINT

PICO = POINT**2
Term = tuple[str, object, str]


def equation(terms: list[tuple[int, str]], total: int, unit: int, label: str) -> tuple[list[Term], tuple[object, str]]:
    """Boxes that add up on screen at two places; a term for what rounding leaves, where it leaves anything."""
    shown, whole, left = adding_up([value for value, _label in terms], total, 2, unit)
    boxes: list[Term] = []
    for value, (_value, name) in zip(shown, terms, strict=True):
        sign = "" if not boxes else "−" if value < 0 else "+"
        boxes.append((sign, abs(value) if boxes else value, name))
    if left:
        boxes.append(("−" if left < 0 else "+", abs(left), _("四舍五入")))
    return boxes, (whole, label)


@dataclass(frozen=True)
class Criterion:
    """One area of the tree: the unit's score of 100, and the middle of all units."""

    label: str
    points: Decimal
    own: Decimal | None
    median: Decimal
    q1: Decimal
    q3: Decimal
    low: int = 0
    high: int = 100

    @property
    def ahead(self) -> Decimal:
        """Above the median by so many points."""
        return (self.own or Decimal()) - self.median


@dataclass(frozen=True)
class Argument:
    """One result with its step."""

    result: Result
    step: Step

    @cached_property
    def told(self) -> Explanation:
        """The science's explanation of this unit's row."""
        return explain(computed_file(self.step.published_file), self.result.application.entrant.number)

    @property
    def group(self) -> str:
        """甲, 乙, 丙."""
        return GROUPS[self.result.group]

    @cached_property
    def mates(self) -> int:
        """How many units of the group are ranked."""
        return sum(row["group"] == self.group and row["rank"] is not None for row in self._outcome["units"])

    @property
    def _outcome(self) -> dict[str, Any]:
        return self.step.outcome or {}

    @property
    def interval(self) -> tuple[int, int] | None:
        """The ranks that the errors leave open."""
        found = self.result.row.get("interval")
        return (found[0], found[1]) if found and found[0] != found[1] else None

    @property
    def taken_away(self) -> bool:
        """Whether an objection took the result away: its rank stays in the computation, nothing is paid."""
        return self.result.application.state == State.REFUSED

    @property
    def sum_fen(self) -> int:
        """What the unit gets."""
        return 0 if self.taken_away else self.result.sum_fen

    @property
    def tier_name(self) -> str:
        """The tier's name, that there is none, or that an objection took it away."""
        if self.taken_away:
            return _("异议成立，不予通过")
        tiers = self.step.round.rules.outcome.tiers
        return worded(tiers[self.result.tier].name) if self.result.tier is not None else _("不入档")

    @cached_property
    def tiers(self) -> list[dict[str, object]]:
        """The group's seats by tier: from which rank to which, after third parties moved theirs."""
        rows, upto = [], 0
        setup = self.step.round.rules.outcome.tiers
        for n, (tier, seats) in enumerate(zip(setup, self._outcome["tiers"], strict=True)):
            own = seats["by_group"][self.group]
            line = _seated(own, upto)
            rows.append({"label": worded(tier.name), "line": line, "amount": tier.sum_fen, "me": n == self.result.tier})
            upto += own
        line = _("第 %(a)d 名起") % {"a": upto + 1}
        if self.mates > upto:
            rows.append({"label": _("不入档"), "line": line, "amount": 0, "me": self.result.tier is None})
        return rows

    @property
    def next_tier(self) -> dict[str, object] | None:
        """The next better tier and how far its last seat in the own group is ahead."""
        found = self.told.next_tier
        if found is None:
            return None
        gap = Decimal(found.gap) / PICO
        names = self.step.round.rules.outcome.tiers
        return {"name": worded(names[found.tier].name), "gap": formats.score(gap, 2), "tie": found.gap == 0}

    @cached_property
    def peers_equation(self) -> tuple[list[Term], tuple[object, str]]:
        """Mean as given + correction for severity + pull towards the mean = the peers' score."""
        lines = self.told.lines
        if not lines:
            return equation([(self.told.mean, _("没有评分，取本组视角的平均"))], self.told.merit, POINT, _("互评分"))
        given = sum(line.given for line in lines) // len(lines)
        terms = [
            (given, _("%(n)d 份评分平均") % {"n": len(lines)}),
            (self.told.average - given, _("校准宽严和权重")),
            (self.told.pull, _("向平均收")),
        ]
        return equation(terms, self.told.merit, POINT, _("互评分"))

    @cached_property
    def final_equation(self) -> tuple[list[Term], tuple[object, str]]:
        """The three scores by their weights, and the bonus."""
        told, weights, shown = self.told, self.step.round.rules.weights, self.result
        parts = [
            (told.computed_part, weights.computed, shown.computed, _("量化分")),
            (told.panel_part, weights.panel, shown.panel, _("专家分")),
            (told.peers_part, weights.peers, shown.peers, _("互评分")),
        ]
        terms = [
            (part, f"{name} {formats.score(score, 2)} × {formats.percent(weight)}")
            for part, weight, score, name in parts
            if weight
        ]
        return equation([*terms, (told.bonus_part, _("加分"))], told.final, PICO, _("综合得分"))

    @cached_property
    def reviews(self) -> list[dict[str, object]]:
        """The reviews by what they gave, unnamed."""
        return [self._line(line) for line in sorted(self.told.lines, key=lambda line: (line.given, line.contribution))]

    @cached_property
    def panel(self) -> list[dict[str, object]]:
        """The panel's marks, in the same way."""
        return [
            self._line(line) for line in sorted(self.told.panel_lines, key=lambda line: (line.given, line.contribution))
        ]

    def _line(self, line: ReviewLine) -> dict[str, object]:
        more = line.one_more
        return {
            "given": formats.score(Decimal(line.given) / POINT, 2), "correction": signed(line.correction),
            "corrected": formats.score(line.corrected, 2), "weight": formats.score(line.weight, 2),
            "contribution": signed(line.contribution / POINT),
            "more": "" if more is None else signed(float(Decimal(more.final - self.told.final) / PICO), 3),
            "more_rank": "" if more is None else more.rank,
        }  # fmt: skip

    def _summed(self, lines: tuple[ReviewLine, ...], mean: int, total: int) -> dict[str, object]:
        shown, whole, left = adding_up([mean, *(line.contribution for line in lines)], total, 2, POINT)
        parts = sum(shown[1:], Decimal())
        return {
            "mean": shown[0], "sign": "−" if parts < 0 else "+", "sum": abs(parts), "left": abs(left),
            "left_sign": "−" if left < 0 else "+", "total": whole,
        }  # fmt: skip

    @property
    def review_sum(self) -> dict[str, object]:
        """Mean of the view + contributions (+ rounding) = the peers' score."""
        return self._summed(self.told.lines, self.told.mean, self.told.merit)

    @property
    def panel_sum(self) -> dict[str, object]:
        """The same for the panel."""
        total = int(self.result.panel * POINT)
        return self._summed(self.told.panel_lines, self.told.panel_mean or 0, total)

    @property
    def spread(self) -> dict[str, object] | None:
        """The corrected scores on one line, lowest to highest."""
        points = [line.corrected for line in self.told.lines]
        if not points:
            return None
        low, high = min(points) - 2, max(points) + 2
        dots = [round(4 + (one - low) / (high - low) * 92, 2) for one in sorted(points)]
        own = self.told.merit / POINT
        mark = round(4 + min(max((own - low) / (high - low), 0), 1) * 92, 2)
        return {
            "dots": dots,
            "own": mark,
            "low": formats.score(min(points)),
            "high": formats.score(max(points)),
            "merit": formats.score(own),
        }

    @cached_property
    def one_more(self) -> dict[str, object] | None:
        """What one point more on any one review would have meant."""
        mores = [line.one_more for line in self.told.lines if line.one_more]
        if not mores:
            return None
        gains = [Decimal(more.final - self.told.final) / PICO for more in mores]
        ranks, tiers = [more.rank for more in mores], {more.tier for more in mores}
        return {
            "low": formats.score(min(gains), 3), "high": formats.score(max(gains), 3), "best": min(ranks),
            "moves": min(ranks) < self.result.rank, "tier": tiers != {self.result.tier},
        }  # fmt: skip

    @cached_property
    def workings(self) -> list[tuple[str, Working]]:
        """How each computed indicator came to its points."""
        labels = {leaf.key: worded(leaf.label) for leaf in self.step.round.rules.leaves()}
        return [
            (labels[one.key], one) for one in computed_score(self.step.round.rules, self.result.application.facts)[1]
        ]

    @cached_property
    def criteria(self) -> list[Criterion]:
        """Each area: computed points and the peers' uncalibrated means together; of the others only the middle half."""
        rules = self.step.round.rules
        means = self.step.criterion_means(len(judged(rules)))
        scores: dict[int, list[Decimal | None]] = {}
        for entrant in self.step.entrants.select_related("application"):
            got = {one.key: one.points for one in computed_score(rules, entrant.application.facts)[1]}
            scores[entrant.pk] = [_area(area, got, means.get(entrant.pk, {})) for area in rules.indicators]
        own = scores[self.result.application.entrant.pk]
        return [
            Criterion(worded(area.label), area.points, own[n], *_middle([row[n] for row in scores.values()]))
            for n, area in enumerate(rules.indicators)
        ]

    @property
    def widest(self) -> "Criterion | None":
        """The area furthest below the median."""
        below = [one for one in self.criteria if one.own is not None and one.ahead < 0]
        return min(below, key=lambda one: one.ahead, default=None)


def signed(points: float, places: int = 2) -> str:
    """+1.30, −0.40, 0.00: two signs that line up."""
    text = formats.score(abs(points), places)
    return text if float(text) == 0 else f"{'+' if points > 0 else '−'}{text}"


def _seated(seats: int, above: int) -> str:
    """So many seats, and the ranks they stand for."""
    facts = {"n": seats, "a": above + 1, "b": above + seats}
    if not seats:
        return _("本组没有名额")
    return (_("%(n)d 个名额，第 %(a)d 名") if seats == 1 else _("%(n)d 个名额，第 %(a)d–%(b)d 名")) % facts


def _area(area: Any, got: dict[str, Decimal], means: dict[str, Decimal]) -> Decimal | None:
    """An area's score of 100; None where a judged indicator has no mark."""
    points = Decimal()
    whole: Decimal = area.points
    for leaf in area.of:
        if leaf.kind == "computed":
            points += got[leaf.key]
        elif leaf.key in means:
            points += leaf.points * means[leaf.key] / 100
        else:
            return None
    return (points / whole * 100).quantize(Decimal("0.1"))


def _middle(values: list[Decimal | None]) -> tuple[Decimal, Decimal, Decimal]:
    """Median and the two quartiles."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        only = known[0] if known else Decimal()
        return only, only, only
    q1, median, q3 = (Decimal(one).quantize(Decimal("0.1")) for one in quantiles(known, n=4, method="inclusive"))
    return median, q1, q3
