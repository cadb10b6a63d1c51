"""How far the scoring is, by assessor and never by reviewed unit; reminders and substitutes."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import BadInput, NotHere
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.templatetags.screens import tag
from guildhall.reform.assessment.forms import SubstituteForm
from guildhall.reform.assessment.models import Sheet, Step
from guildhall.reform.assessment.moves import reminding
from guildhall.reform.assessment.moves import scoring as moves
from guildhall.reform.assessment.rules import GROUPS, judged
from guildhall.reform.assessment.states import MeetingState, SheetKind, SheetState, StepState
from guildhall.reform.assessment.views import crumbs, run_step

Rows = QuerySet[Any]


def in_progress(step: Step) -> Rows:
    """The round's sheets with who marks them and how far they are."""
    return step.sheets.in_progress(len(judged(step.round.rules))).select_related("entrant__application")


def _by_state(rows: Rows, value: str) -> Rows:
    waiting = ~Q(state=SheetState.SUBMITTED)
    chosen = {
        "submitted": Q(state=SheetState.SUBMITTED),
        "full": waiting & Q(done=F("given")),
        "part": waiting & Q(done__gt=0, done__lt=F("given")),
        "none": waiting & Q(done=0),
    }
    return rows.filter(chosen[value])


def _said(sheet: Any) -> object:
    tones = {SheetState.SUBMITTED: "green", SheetState.OPEN: "amber" if sheet.done else ""}
    label = _("未开始") if sheet.state == SheetState.OPEN and not sheet.done else sheet.get_state_display()
    return tag(label, tones.get(sheet.state, ""))


class ProgressList(lists.ListPage):
    """Sheets by assessor. No unit that is reviewed, and no score, stands here."""

    title = gettext_lazy("评分进度")
    noun = gettext_lazy("份")
    columns = (
        lists.Column(key="who", label=gettext_lazy("评分的单位或专家"), sort="who"),
        lists.Column(
            key="state",
            label=gettext_lazy("状态"),
            show=_said,
            export=lambda row: row.get_state_display(),
            sort="state",
            folds_with="state",
            phone="right",
        ),
        lists.Column(key="done", label=gettext_lazy("已评（家）"), kind=lists.Kind.NUMBER, sort="done", total="sum"),
        lists.Column(key="given", label=gettext_lazy("分到（家）"), kind=lists.Kind.NUMBER, sort="given", total="sum"),
        lists.Column(key="assessor", label=gettext_lazy("互评人"), sort="assessor"),
        lists.Column(key="deputy", label=gettext_lazy("替补"), sort="deputy"),
        lists.Column(key="kind", label=gettext_lazy("类别"), value="get_kind_display", sort="kind", folds_with="kind"),
        lists.Column(
            key="group",
            label=gettext_lazy("组"),
            value=lambda row: GROUPS[row.entrant.group] if row.entrant else "",
            sort="entrant__group",
            folds_with="group",
        ),
        lists.Column(
            key="submitted_at", label=gettext_lazy("提交时间"), kind=lists.Kind.MOMENT, sort="submitted_at", hidden=True
        ),
    )
    filters = (
        lists.Choice(
            key="state",
            label=gettext_lazy("状态"),
            apply=_by_state,
            options=[
                ("submitted", gettext_lazy("已提交")),
                ("full", gettext_lazy("评完未提交")),
                ("part", gettext_lazy("评了一部分")),
                ("none", gettext_lazy("一家没评")),
            ],
        ),
        lists.Choice(key="kind", label=gettext_lazy("类别"), options=SheetKind.choices),
        lists.Choice(
            key="group", label=gettext_lazy("组"), options=[(n, GROUPS[n]) for n in range(9)], field="entrant__group"
        ),
        lists.Choice(
            key="named",
            label=gettext_lazy("互评人"),
            options=[("no", gettext_lazy("没有互评人")), ("alone", gettext_lazy("没有替补"))],
            apply=lambda rows, value: rows.filter(
                kind=SheetKind.PEERS, **{"assessor" if value == "no" else "deputy": None}
            ),
        ),
    )
    search = ("entrant__application__unit__name", "expert__person__name")
    search_label = gettext_lazy("按评分的单位或专家查找")
    order = "who"
    template = "assessment/progress.html"
    foot = gettext_lazy("这里只看评分的人评了没有，看不到评了谁、打了多少分。")
    empty = gettext_lazy("还没有分组排号。")


def _in_the_hall(step: Step) -> bool:
    """Whether the meeting is not over. Until then nobody is told how many units an assessor has marked: read after
    each speaker, the count would tell who marks whom."""
    meeting = getattr(step, "meeting", None)
    return meeting is not None and meeting.state == MeetingState.FIXED


TELLING = ("done", "given")


def _listed(step: Step, bulk: tuple[lists.Bulk, ...]) -> type[lists.ListPage]:
    """The list as it may be read now."""
    if not _in_the_hall(step):
        return type("ProgressList", (ProgressList,), {"bulk": bulk, "__module__": __name__})
    columns = [one for one in ProgressList.columns if one.key not in (*TELLING, "state")]
    columns.insert(1, lists.Column(key="state", label=_("状态"), value="get_state_display", phone="right"))
    filters = [one for one in ProgressList.filters if one.key != "state"]
    foot = _("考核会开完以前，不显示各家评了几家：一家一家地看，会看出谁评谁。")
    shown = {"bulk": bulk, "columns": columns, "filters": filters, "foot": foot, "__module__": __name__}
    return type("ProgressList", (ProgressList,), shown)


@login_required
@require_safe
def progress(request: SignedIn, pk: int) -> HttpResponse:
    """The list, with what the picked can be asked."""
    step = run_step(request.user, pk)
    scoring = step.state == StepState.SCORING and step.round.state == RoundState.REVIEWING
    bulk = (lists.Bulk(label=_("提醒"), url=reverse("assessment:remind", args=[pk]), red=True),
            lists.Bulk(label=_("请人代评"), url=reverse("assessment:absent", args=[pk])))  # fmt: skip
    listed = _listed(step, bulk if scoring else ())
    handed = step.sheets.filter(state=SheetState.SUBMITTED).count()
    extra = {"step": step, "handed": handed, "all": step.sheets.count()}
    lead = formats.deadline(step.round.scoring_closes_at)
    return lists.page(
        request, listed, in_progress(step), lead=lead, crumbs=crumbs(step.round, (_("评分进度"), "")), extra=extra
    )


def _picked(request: SignedIn) -> list[int]:
    asked = request.POST.getlist("pk")
    if not all(one.isdecimal() and len(one) < 15 for one in asked):
        raise NotHere
    return [int(one) for one in asked]


@login_required
@require_POST
def remind(request: SignedIn, pk: int) -> HttpResponse:
    """Remind those who were picked; nobody twice a day."""
    told = reminding.remind(pk, _picked(request), by=request.user, key=_key(request))
    said = ngettext(
        "已提醒 %(n)d 人。今天提醒过的、已提交的不再发。", "已提醒 %(n)d 人。今天提醒过的、已提交的不再发。", told
    )
    messages.success(request, said % {"n": told})
    return redirect("assessment:progress", pk)


def _key(request: SignedIn) -> Any:
    """The list's bar carries no key: one a submission will do, since nobody is told twice a day."""
    return key_of(request) if "key" in request.POST else uuid4()


@login_required
@require_POST
def absent(request: SignedIn, pk: int) -> HttpResponse:
    """From the one picked assessor to the page that asks who stands in."""
    step = run_step(request.user, pk)
    picked = _picked(request)
    if len(picked) != 1:
        raise BadInput(what=_("代评一次办一家，请只选一家。"))
    found = step.sheets.filter(pk=picked[0]).first()
    if found is None:
        raise NotHere
    if found.kind != SheetKind.PEERS:
        raise BadInput(what=_("专家不能代评。请选一家单位。"))
    return redirect("assessment:substitute", pk, found.entrant_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: SignedIn, pk: int, entrant_pk: int) -> HttpResponse:
    """Another unit of the same group takes over what an absent assessor has not marked."""
    step = run_step(request.user, pk)
    source = in_progress(step).filter(entrant=entrant_pk).select_related("entrant__application__unit").first()
    if source is None or source.entrant is None:
        raise NotHere
    form = SubstituteForm(request.POST or None, candidates=_candidates(step, source), initial={"absent": entrant_pk})
    if request.method == "POST" and form.is_valid():
        return _handed(request, pk, form.cleaned_data, entrant_pk)
    way = crumbs(step.round, (_("评分进度"), reverse("assessment:progress", args=[pk])), (_("代评"), ""))
    context = {"step": step, "source": source, "form": form, "crumbs": way, "group": GROUPS[source.entrant.group],
               "hidden": _in_the_hall(step)}  # fmt: skip
    return render(request, "assessment/substitute.html", context, status=422 if form.errors else 200)


def _candidates(step: Step, source: Sheet) -> list[tuple[int, str]]:
    group = source.entrant.group if source.entrant else -1
    rows: Rows = in_progress(step).filter(entrant__group=group, state=SheetState.OPEN).exclude(pk=source.pk)
    said = _("%(name)s（已评 %(done)d / %(given)d 家）") if not _in_the_hall(step) else "%(name)s"
    found = rows.order_by("given", "who").values("entrant_id", "who", "done", "given")
    return [
        (row["entrant_id"], said % {"name": row["who"], "done": row["done"], "given": row["given"]}) for row in found
    ]


def _handed(request: SignedIn, pk: int, given: dict[str, Any], absent_pk: int) -> HttpResponse:
    facts = {"reason": given["reason"], "by": request.user, "key": given["key"]}
    n = moves.substitute(pk, absent_pk, given["stand_in"], **facts)
    messages.success(request, _("已把 %(n)d 家交给它代评，加在它自己的评分表里，已发通知。") % {"n": n})
    return redirect("assessment:progress", pk)
