"""What is decided, released and published, repeated before the act: so many at each tier, and the sums."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from guildhall.foundation.programmes.models import Placement, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import checks
from guildhall.foundation.programmes.moves.placing import reckon
from guildhall.foundation.programmes.registry import RESULT, hook
from guildhall.foundation.programmes.rules.selection import Placed
from guildhall.foundation.programmes.states import RoundState, State


@dataclass(frozen=True)
class TierLine:
    """One tier: how many units, what each gets, the sum, and the first of them."""

    label: str
    units: int
    each_fen: int
    sum_fen: int
    first: str


@dataclass(frozen=True)
class Summary:
    """A round's result in figures."""

    tiers: list[TierLine]
    units: int
    paid: int
    sum_fen: int
    fund_fen: int

    @property
    def left_fen(self) -> int:
        """What stays in the fund."""
        return self.fund_fen - self.sum_fen


def tier_label(of: Round, tier: int | str | None) -> str:
    """A tier's name by its place, 0 the best; None is the unpaid one. A domain may give the name itself."""
    if isinstance(tier, str):
        return tier
    return _("未奖补") if tier is None else worded(of.rules.outcome.tiers[tier].name)


def held_against(of: Round) -> dict[str, object]:
    """What the rules say before the decision: of each one chosen that breaks one, and of the whole list."""
    setup = of.rules
    rows = checks.chosen(of) if setup.conditions or setup.clearances or setup.composition else []
    refusals = [checks.refusal_of(check) for check in checks.checked(of, rows, checks.DECIDED)] if rows else []
    listed = checks.list_verdicts(of, rows)
    said = [(one, checks.in_language(one.said.zh, one.said.en)) for one in listed]
    return {
        "failing": [refusal for refusal in refusals if refusal],
        "listed": said,
        "uneven": any(not one.holds for one in listed),
    }


def summary(of: Round) -> Summary:
    """The result as it stands, for the officer and the leader alone."""
    if of.rules.stepwise:
        return summed(of, [line for line in _chosen(of) if line["chosen"]])
    result = hook(RESULT, of)
    judged = (State.REVIEWING, State.PROPOSED, State.IN_NOTICE, State.HELD, State.CONFERRED)
    rows = of.applications.filter(state__in=judged).select_related("unit", "round__programme")
    lines = [{"unit": row.unit.name, **result(row)} for row in rows]
    return summed(of, lines)


def summed(of: Round, lines: list[dict[str, object]]) -> Summary:
    """The lines of a result or of a notice, by tier."""
    if of.rules.stepwise:
        return _by_class(of, lines)
    tiers = []
    for index, tier in enumerate(of.rules.outcome.tiers):
        mine = sorted(
            (line for line in lines if line["tier"] in (index, tier.name.zh)),
            key=lambda line: (line["rank"], line["group"]),
        )
        total = sum(int(str(line["sum_fen"])) for line in mine)
        first = str(mine[0]["unit"]) if mine else ""
        tiers.append(TierLine(tier_label(of, index), len(mine), tier.sum_fen, total, first))
    paid = sum(line.units for line in tiers)
    return Summary(tiers, len(lines), paid, sum(line.sum_fen for line in tiers), of.rules.outcome.fund_fen)


def _chosen(of: Round) -> list[dict[str, object]]:
    """What a review by steps comes to: reckoned until it is decided, from then on as it was kept."""
    rows = list(of.applications.select_related("unit", "placement").order_by("pk"))
    kept = [row for row in rows if hasattr(row, "placement")]
    if of.state == RoundState.REVIEWING:
        kept = []
    names = {row.pk: row.unit.name for row in rows}
    under_review = [row for row in rows if row.state == State.REVIEWING]
    found: list[tuple[int, Placement | Placed]] = [(row.pk, row.placement) for row in kept]
    found = found or [(one.pk, one) for one in reckon(of, under_review)]
    selection = of.rules.selection
    classes = selection.classes if selection else ()
    return [
        {
            "unit": names[pk], "chosen": one.chosen, "rank": one.rank, "group": 0, "sum_fen": one.sum_fen,
            "tier": classes[one.place].name.zh if one.place is not None else "",
        }
        for pk, one in found
    ]  # fmt: skip


def _by_class(of: Round, lines: list[dict[str, object]]) -> Summary:
    """By the selection's classes, or all that are chosen in one line."""
    selection = of.rules.selection
    assert selection is not None
    named = [(worded(one.name), one.name.zh, one.sum_fen) for one in selection.classes]
    tiers = []
    for label, name, each in named or [(_("入选"), "", selection.sum_fen)]:
        mine = [line for line in lines if not named or line["tier"] == name]
        mine.sort(key=lambda line: int(str(line["rank"] or 0)))
        total = sum(int(str(line["sum_fen"])) for line in mine)
        tiers.append(TierLine(label, len(mine), each, total, str(mine[0]["unit"]) if mine else ""))
    paid = sum(line.units for line in tiers)
    return Summary(tiers, len(lines), paid, sum(line.sum_fen for line in tiers), selection.cap_fen or 0)
