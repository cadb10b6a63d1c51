"""After the lock: what the marks look like as a whole. It serves talks, and changes nothing."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.charts import Bar
from guildhall.reform.assessment.rules import GROUPS, computed_file
from guildhall.reform.assessment.states import StepState
from guildhall.reform.assessment.views import crumbs, inner_step
from guildhall.reform.assessment.views.argument import signed
from guildhall.science.analysis import Distribution, Severity, analyse


@dataclass(frozen=True)
class Spread:
    """A group's marks as columns, and its final scores' quartiles."""

    name: str
    bars: list[Bar]
    rows: list[tuple[str, int]]
    mean: str
    middle: str

    @classmethod
    def of(cls, found: Distribution) -> "Spread":
        """From the analysis of one group."""
        labels = [f"{10 * n}–{10 * n + (9 if n < 9 else 10)}" for n in range(10)]
        rows = [(label, n) for label, n in zip(labels, found.histogram, strict=True)][3:]
        low = sum(found.histogram[:3])
        rows = [(_("30 以下"), low), *rows]
        quartiles = [formats.score(one) for one in found.final_quartiles]
        middle = ""
        if quartiles:
            said = _("综合得分中间一半在 %(a)s 到 %(b)s，中位数 %(m)s")
            middle = said % {"a": quartiles[1], "m": quartiles[2], "b": quartiles[3]}
        return cls(
            GROUPS[found.group], [Bar(label, n) for label, n in rows], rows, formats.score(found.mean_given), middle
        )


def _severity_rows(found: tuple[Severity, ...]) -> list[dict[str, object]]:
    rows = sorted(found, key=lambda one: -abs(one.points or 0))
    return [
        {
            "assessor": one.assessor, "reviews": one.reviews, "set_aside": one.set_aside,
            "points": None if one.points is None else signed(one.points, 1),
            "range": "" if one.low is None or one.high is None else f"{signed(one.low, 1)} – {signed(one.high, 1)}",
            "lenient": (one.points or 0) < 0,
        }
        for one in rows
    ]  # fmt: skip


@login_required
@require_safe
def analysis(request: SignedIn, pk: int) -> HttpResponse:
    """Distributions, severities, flagged reviews, agreement."""
    step = inner_step(request.user, pk)
    if step.state not in (StepState.FROZEN, StepState.COMPUTED):
        raise OutOfStep(state=StepState(step.state).label, move=_("看评分分析"))
    found = analyse(computed_file(step.published_file), step.round.rules.peers.fewest)
    told = found.agreement
    context = {
        "step": step, "spreads": [Spread.of(one) for one in found.distributions], "flags": found.flags,
        "severities": _severity_rows(found.severities), "few": found.few_reviews, "crumbs": crumbs(step.round, (_("评分分析"), "")),
        "sigma": formats.score(told.sigma), "reliability": formats.percent(told.reliability),
        "with_panel": formats.score(told.with_panel, 2), "with_computed": formats.score(told.with_computed, 2),
    }  # fmt: skip
    return render(request, "assessment/analysis.html", context)
