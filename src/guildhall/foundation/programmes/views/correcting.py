"""After an upheld objection: the facts corrected with a look ahead, and the second list."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.correcting import CorrectForm
from guildhall.foundation.programmes.models import Application, Objection, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import correcting
from guildhall.foundation.programmes.moves.changes import gap_after, said_gap
from guildhall.foundation.programmes.rules import counted_days
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.programmes.states import Change
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.decision import tier_label
from guildhall.foundation.programmes.views.rounds import shown
from guildhall.foundation.screens import formats

TONES: dict[str, str] = {Change.REMOVED: "red", Change.CORRECTED: "amber", Change.MOVED_UP: "green"}


def placed(of: Round, result: dict[str, Any] | None) -> dict[str, Any] | None:
    """A result as a line of a comparison says it: score, rank, tier and sum."""
    if not result:
        return None
    final = result.get("final")
    return {
        "final": formats.score(final, 2) if final is not None else "", "rank": result.get("rank"),
        "tier": tier_label(of, result.get("tier")), "sum_fen": result["sum_fen"],
    }  # fmt: skip


def changed_lines(of: Round, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes of a list as the pages show them."""
    return [
        {
            **line, "label": Change(line["change"]).label, "tone": TONES[line["change"]],
            "before": placed(of, line["before"]), "after": placed(of, line["after"]),
        }
        for line in changes
    ]  # fmt: skip


def said_value(field: FactField, value: Any) -> str:
    """A field's value in words."""
    if field.type == "choice":
        return next((worded(one.label) for one in field.options if one.key == value), formats.DASH)
    return f"{value} {worded(field.unit)}" if field.unit and value != "" else str(value or formats.DASH)


def correction_of(application: Application) -> dict[str, Any] | None:
    """What an objection made of an application, beside what was released; None where nothing did."""
    correction = application.corrected
    if not correction:
        return None
    of, facts = application.round, correction.get("facts", {})
    lines = [
        (worded(one.label), said_value(one, application.facts.get(one.key, "")), said_value(one, facts[one.key]))
        for one in of.rules.form
        if one.key in facts
    ]
    return {
        "clause": correction["clause"], "facts": lines, "before": placed(of, correction.get("released")),
        "after": placed(of, correction["result"]),
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SignedIn, pk: int) -> HttpResponse:
    """Correct the item's facts: the form, then what it comes to, then the act."""
    objection = Objection.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=objection.notice.round.union)
    step = request.POST.get("step")
    if step == "act":
        return _act(request, objection)
    correcting.may_correct(objection)
    form = _form(request, objection)
    ahead = _ahead(request, objection, form) if step == "look" else None
    status = 422 if step == "look" and form.errors else 200
    return render(request, "programmes/objections/correct.html", _facts(objection, form, ahead), status=status)


def _form(request: SignedIn, objection: Objection) -> CorrectForm:
    item = Application.objects.visible_to(request.user).pick(objection.application_id or 0)
    stood = item.facts | (item.corrected or {}).get("facts", {})
    return CorrectForm(request.POST or None, asks=item.round.rules.form, stood=stood)


def _ahead(request: SignedIn, objection: Objection, form: CorrectForm) -> correcting.Foreseen | None:
    if not form.is_valid():
        return None
    try:
        return correcting.foresee(objection.pk, form.facts(), by=request.user)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None


def _act(request: SignedIn, objection: Objection) -> HttpResponse:
    form = _form(request, objection)
    if not form.is_valid():
        return render(request, "programmes/objections/correct.html", _facts(objection, form, None), status=422)
    said = form.cleaned_data
    correcting.correct(
        objection.pk, form.facts(), answer=said["answer"], clause=said["clause"], by=request.user, key=said["key"]
    )
    messages.success(request, _("已答复：异议成立，数据已更正。第二次名单发布以前，该项不命名、不付款。"))
    return redirect("objections:page", objection.pk)


def _facts(objection: Objection, form: CorrectForm, ahead: correcting.Foreseen | None) -> dict[str, Any]:
    of, above = objection.notice.round, reverse("objections:page", args=[objection.pk])
    crumbs = [(_("异议"), reverse("objections:index")), (objection.receipt, above), (_("更正数据"), "")]
    facts: dict[str, Any] = {"objection": objection, "round": of, "form": form, "crumbs": crumbs}
    if ahead:
        changes = [(worded(one.label), said_value(one, old), said_value(one, new)) for one, old, new in ahead.facts]
        facts |= {"ahead": ahead, "changes": changes, "gap": said_gap(ahead.gap_fen)}
        facts |= {"before": placed(of, ahead.before), "after": placed(of, ahead.after)}
    return facts


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish_again(request: SignedIn, pk: int) -> HttpResponse:
    """Publish the second list; what changed and why is repeated before."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if request.method == "POST":
        return _publish(request, of)
    changes, days = correcting.against_again(of), counted_days(clock.today(), of.rules.notice)
    facts = shown(
        request, pk, "page", of=of, changes=changed_lines(of, changes), days=days, ends=clock.end_of_day(days[-1]),
        gap=said_gap(gap_after(of, changes)), key=uuid4(),
    )  # fmt: skip
    return render(request, "programmes/rounds/publish_again.html", facts)


def _publish(request: SignedIn, of: Round) -> HttpResponse:
    published = correcting.publish_again(of.pk, by=request.user, key=key_of(request))
    said = {"number": published.number, "until": formats.moment(published.ends_at)}
    told = _("第二次名单已发布，编号 %(number)s，%(until)s 结束。没有变动的单位不受影响。")
    messages.success(request, told % said)
    return redirect("rounds:notice", of.pk)
