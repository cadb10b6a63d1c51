"""The table of working days: read by everyone signed in, changed by federation officers."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guildhall.foundation import clock
from guildhall.foundation.clock.models import CalendarDay
from guildhall.foundation.organisations import forms, moves
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.organisations.views.pages import SignedIn, need, sent


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def working_days(request: SignedIn) -> HttpResponse:
    """What differs from Monday to Friday in a year; a POST enters a year, or corrects a day."""
    years = [day.year for day in CalendarDay.objects.visible_to(request.user).dates("day", "year")]
    asked = request.GET.get("year", "")
    year = next((year for year in years if str(year) == asked), clock.today().year)
    entering, correcting = _forms(request)
    if request.method == "POST" and _sent(request, entering, correcting):
        return redirect("organisations:working_days")
    rows = CalendarDay.objects.visible_to(request.user).filter(day__year=year)
    context = {"years": years, "year": year, "months": _months(rows), "entering": entering, "correcting": correcting,
               "wrong": next((form for form in (entering, correcting) if form.is_bound), None),
               "may": request.user.may(Right.RUN_ROUNDS)}  # fmt: skip
    return render(request, "organisations/working_days.html", context, status=422 if request.method == "POST" else 200)


def _forms(request: SignedIn) -> tuple[forms.YearForm, forms.CorrectionForm]:
    """Both forms; the one whose field was sent is bound."""
    correcting = "day" in request.POST
    entering = request.method == "POST" and not correcting
    return (
        forms.YearForm(request.POST if entering else None, auto_id="year-%s"),
        forms.CorrectionForm(request.POST if correcting else None, auto_id="day-%s"),
    )


def _sent(request: SignedIn, entering: forms.YearForm, correcting: forms.CorrectionForm) -> bool:
    """Do what was sent, and say what follows."""
    need(request, Right.RUN_ROUNDS)
    if entering.is_bound and sent(request, entering, moves.enter_year):
        flash.success(request, _("已录入。期限可以推算到这一年了。"))
        return True
    if correcting.is_bound and sent(request, correcting, moves.correct_day):
        flash.success(request, _("已更正。以后推算的期限按新的算，已经公布的期限不变。"))
        return True
    return False


def _months(rows: Any) -> list[tuple[int, list[tuple[date, bool, str]]]]:
    """The days that differ from the ordinary week, by month."""
    found: dict[int, list[tuple[date, bool, str]]] = defaultdict(list)
    for row in rows:
        if row.works != (row.day.weekday() < 5):
            found[row.day.month].append((row.day, row.works, row.source))
    return sorted(found.items())
