"""Number series: how each is written, how far it has come, what is changed."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.documents import moves
from guildhall.foundation.documents.forms import SeriesForm
from guildhall.foundation.documents.models import Series, runs_the_office
from guildhall.foundation.documents.rules import written
from guildhall.foundation.documents.states import SERIES
from guildhall.foundation.errors import NoRight, NotHere
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import Right


class SignedIn(HttpRequest):
    """A request past `login_required`."""

    user: User


def _union(user: User) -> Union:
    """The federation, for whoever runs its rounds."""
    if not runs_the_office(user):
        raise NoRight
    return next(office.union for office in user.offices if office.union_id in user.unions_with(Right.RUN_ROUNDS))


def _index(request: SignedIn, *, status: int = 200, wrong: str = "", form: SeriesForm | None = None) -> HttpResponse:
    union, year = _union(request.user), clock.today().year
    kept = {row.name: row for row in Series.objects.visible_to(request.user).filter(union=union, year=year)}
    rows: list[dict[str, Any]] = []
    for place, name in enumerate([*SERIES, *sorted(kept.keys() - SERIES.keys())]):
        row = kept.get(name) or Series(name=name, pattern=SERIES.get(name, ""), last=0)
        first = {"pattern": row.pattern, "last": row.last}
        shown = form if name == wrong else SeriesForm(initial=first, auto_id=f"id_{place}_%s")
        following = written(row.pattern, year=year, number=row.last + 1, union=union.short)
        rows.append({"row": row, "next": following, "form": shown})
    crumbs = [(_("文书"), reverse("documents:index")), (_("编号系列"), "")]
    return render(request, "documents/series.html", {"rows": rows, "crumbs": crumbs, "form": form}, status=status)


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """This year's series."""
    return _index(request)


@login_required
@require_POST
def change(request: SignedIn, name: str) -> HttpResponse:
    """Write a series otherwise from now on, or go on behind numbers given elsewhere."""
    union, form = _union(request.user), SeriesForm(request.POST)
    if name not in SERIES:
        raise NotHere
    if not form.is_valid():
        return _index(request, status=422, wrong=name, form=form)
    moves.set_series(union.pk, name, by=request.user, **form.cleaned_data)
    flash.success(request, _("编号已经改好，下一份文书照这样编。"))
    return redirect("documents:series")
