"""Marking: my sheets, one sheet, one unit and one criterion at a time, the check and the submission."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules import computed_score
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.middleware import number_of
from guildhall.reform.assessment.models import Sheet
from guildhall.reform.assessment.moves import scoring
from guildhall.reform.assessment.moves.scoring import SheetChanged
from guildhall.reform.assessment.rules import FlatSheet, SheetIncomplete, reason_missing
from guildhall.reform.assessment.states import SheetKind
from guildhall.reform.assessment.views.desk import Desk, Spot, desks
from guildhall.science.marking import in_points


@login_required
@require_safe
def sheets(request: SignedIn) -> HttpResponse:
    """All the sheets of this person; where exactly one is open, straight there."""
    rows = list(Sheet.objects.visible_to(request.user).told().order_by("-step__round__year", "-step", "pk"))
    waiting = [row for row in rows if row.takes_marks]
    if len(waiting) == 1 and "all" not in request.GET:
        return redirect("assessment:sheet", waiting[0].pk)
    dues = formats.deadlines([row.step.round.scoring_closes_at for row in rows])
    return render(request, "assessment/sheets.html", {"sheets": list(zip(desks(rows), dues, strict=True))})


@login_required
@require_safe
def sheet(request: SignedIn, pk: int) -> HttpResponse:
    """One sheet: its units, what is marked, the deadline."""
    desk = Desk(Sheet.objects.visible_to(request.user).pick(pk))
    return render(request, "assessment/sheet.html", {"desk": desk, "sheet": desk.sheet, "go_on": desk.go_on()})


def _spot(request: SignedIn, pk: int, review_pk: int, key: str) -> Spot:
    return Desk(Sheet.objects.visible_to(request.user).pick(pk)).at(review_pk, key)


def _shown(request: SignedIn, spot: Spot, status: int = 200, **entered: Any) -> HttpResponse:
    """The scoring page; `entered` is what was typed and could not be taken."""
    value, said = spot.unit.marks.get(spot.item.key, ("", ""))
    context = {
        "spot": spot, "desk": spot.desk, "sheet": spot.desk.sheet, "unit": spot.unit, "item": spot.item,
        "label": worded(spot.item.label), "value": value, "reason": said, "version": spot.unit.review.version,
        "evidence": spot.unit.evidence.get(spot.item.key, 0), "state": spot.state(request.user.pk),
        "expert": spot.desk.sheet.kind == SheetKind.PANEL, **entered,
    }  # fmt: skip
    return render(request, "assessment/score.html", context, status=status)


@login_required
@never_cache
@require_safe
def score(request: SignedIn, pk: int, review_pk: int) -> HttpResponse:
    """One unit, one criterion."""
    spot = _spot(request, pk, review_pk, request.GET.get("item", ""))
    if not spot.desk.sheet.takes_marks:
        return redirect("assessment:check", pk)
    if spot.desk.shut_for(spot.unit):
        return redirect("assessment:sheet", pk)
    return _shown(request, spot)


@login_required
@require_POST
def keep(request: SignedIn, pk: int, review_pk: int) -> HttpResponse:
    """Without scripts: save the mark and go on; what cannot be taken is shown again with its error."""
    spot = _spot(request, pk, review_pk, request.POST.get("item", ""))
    value, said = request.POST.get("value", ""), request.POST.get("reason", "")
    entered = {"value": value, "reason": said}
    try:
        review = scoring.save_marks(
            pk, review_pk, {spot.item.key: (value, said)}, by=request.user, version=_version(request)
        )
    except SheetChanged:
        return _shown(request, spot, 409, **entered, theirs=spot.unit.marks.get(spot.item.key, ("–", "")))
    except Refusal as refusal:
        return _shown(request, spot, refusal.status, **entered, error=str(refusal))
    if reason_missing(int(value), said):
        return _shown(request, spot, 422, **entered, version=review.version, short=True)
    return redirect(_spot(request, pk, review_pk, spot.item.key).next_url)


def _version(request: SignedIn) -> int | None:
    asked = request.POST.get("version", "")
    return int(asked) if asked.isdecimal() and len(asked) < 9 else None


@login_required
@require_POST
def save(request: SignedIn, pk: int, review_pk: int) -> HttpResponse:
    """The draft as it is typed: answers the version and the time saved, or what both versions say."""
    item = request.POST.get("item", "")
    marks = {item: (request.POST.get("value", ""), request.POST.get("reason", ""))}
    try:
        review = scoring.save_marks(pk, review_pk, marks, by=request.user, version=_version(request))
    except Refusal as refusal:
        return JsonResponse(_refused(request, pk, review_pk, item, refusal), status=refusal.status)
    return JsonResponse({"version": review.version, "at": formats.clock_time(clock.now())})


def _refused(request: SignedIn, pk: int, review_pk: int, item: str, refusal: Refusal) -> dict[str, Any]:
    answer: dict[str, Any] = {"code": refusal.code, "sentence": str(refusal), "number": number_of(request)}
    if isinstance(refusal, SheetChanged):
        unit = _spot(request, pk, review_pk, item).unit
        answer |= {"version": unit.review.version, "theirs": unit.marks.get(item, ["", ""])}
    return answer


@login_required
@never_cache
@require_safe
def check(request: SignedIn, pk: int) -> HttpResponse:
    """Every mark of the sheet before it is submitted; afterwards the same page, to read."""
    desk = Desk(Sheet.objects.visible_to(request.user).pick(pk))
    return render(request, "assessment/check.html", {"desk": desk, "sheet": desk.sheet, "key": uuid4()})


@login_required
@require_POST
def submit(request: SignedIn, pk: int) -> HttpResponse:
    """Submit the sheet as a whole; what is missing is named with links."""
    try:
        done = scoring.submit(pk, by=request.user, key=key_of(request))
    except (SheetIncomplete, FlatSheet) as refusal:
        desk = Desk(Sheet.objects.visible_to(request.user).pick(pk))
        context = {"desk": desk, "sheet": desk.sheet, "key": request.POST["key"], "refused": str(refusal)}
        return render(request, "assessment/check.html", context, status=refusal.status)
    until = formats.moment(done.step.round.scoring_closes_at)
    messages.success(
        request, _("已提交。%(until)s 评分截止后由市总封存、测算，公布时会通知各单位。") % {"until": until}
    )
    return redirect("assessment:sheet", pk)


@login_required
@require_safe
def materials(request: SignedIn, pk: int, review_pk: int) -> HttpResponse:
    """What a unit brought: its own words, its evidence, and what was computed from its facts."""
    spot = _spot(request, pk, review_pk, request.GET.get("item", ""))
    rules, application = spot.desk.sheet.step.round.rules, spot.unit.application
    total, workings = computed_score(rules, application.facts) if application.facts else (0, [])
    labels = {leaf.key: worded(leaf.label) for leaf in rules.leaves()}
    pieces = application.evidence.select_related("attachment").order_by("indicator", "pk")
    context = {
        "spot": spot, "desk": spot.desk, "unit": spot.unit, "statement": application.statement,
        "pieces": [(labels.get(piece.indicator, ""), piece) for piece in pieces],
        "workings": [(labels[one.key], one) for one in workings], "total": in_points(total),
    }  # fmt: skip
    return render(request, "assessment/materials.html", context)


@login_required
@require_safe
def evidence(request: SignedIn, pk: int, review_pk: int, piece_pk: int) -> HttpResponseBase:
    """One file of a unit on this person's sheet."""
    unit = _spot(request, pk, review_pk, "").unit
    piece = unit.application.evidence.select_related("attachment").filter(pk=piece_pk).first()
    if piece is None:
        raise NotHere
    return serve(piece.attachment, inline=True)


@require_safe
def why(request: SignedIn) -> HttpResponse:
    """Why an assessor's marks never touch its own unit's rank."""
    return render(request, "assessment/why.html")
