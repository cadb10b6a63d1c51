"""What anyone may read of a round: from the drawing on how it will be computed, after the release all to recompute it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guildhall.foundation.errors import NotHere
from guildhall.foundation.programmes.models.round import worded
from guildhall.reform.assessment.models import Step, public_step
from guildhall.reform.assessment.rules import GROUPS, derived, seats_before
from guildhall.science.calibration import Model
from guildhall.science.draws import draw_lots
from guildhall.science.round_file import canonical


def _groups(step: Step) -> list[dict[str, object]]:
    """Each group with its lot, and its units by number with theirs."""
    rows = list(step.entrants.order_by("number").values_list("group", "number", "lot"))
    lots = draw_lots(step.round.rules.peers.groups, derived(step.group_seed, "group-lots")).tolist()
    return [
        {"name": GROUPS[group], "lot": lot, "units": [(number, own) for of, number, own in rows if of == group]}
        for group, lot in enumerate(lots)
    ]


def _seats(step: Step, groups: list[dict[str, object]]) -> list[dict[str, object]]:
    sizes = [len(group["units"]) for group in groups]  # type: ignore[arg-type]
    lots = [int(group["lot"]) for group in groups]  # type: ignore[call-overload]
    quotas, caps = seats_before(step.round.rules, sizes, lots)
    return [
        {
            "name": worded(tier.name),
            "seats": tier.seats,
            "sum": tier.sum_fen,
            "by_group": own,
            "cap": caps[n] if caps else 0,
        }
        for n, (tier, own) in enumerate(zip(step.round.rules.outcome.tiers, quotas, strict=True))
    ]


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The round's public page."""
    step = public_step(pk)
    groups = _groups(step)
    context = {
        "step": step, "of": step.round, "rules": step.round.rules, "groups": groups, "seats": _seats(step, groups),
        "model": Model(), "transfers": step.round.rules.peers.third_party_seats and len(groups) > 2,
        "released": step.round.released and bool(step.published_file),
    }  # fmt: skip
    return render(request, "assessment/public.html", context)


def _released(pk: int) -> Step:
    step = public_step(pk)
    if not step.round.released or not step.published_file:
        raise NotHere
    return step


def _json(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text.encode(), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file the result is computed from, exactly as stored: its digest covers these bytes."""
    return _json(_released(pk).published_file, f"round-{pk}.json")


@require_safe
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """The outcome as `guildhall assess` prints it."""
    return _json(canonical(_released(pk).outcome), f"outcome-{pk}.json")
