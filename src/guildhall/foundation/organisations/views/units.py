"""The units: list, page, and what is done to one."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation import clock
from guildhall.foundation.organisations import forms, moves
from guildhall.foundation.organisations.models import Appointment, Sanction, Union, Unit, User
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.rules.parts import Part, unit_parts
from guildhall.foundation.organisations.states import Ownership, Right, UnionKind, UnitKind, UnitState
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent
from guildhall.foundation.screens import lists
from guildhall.foundation.screens.formats import day_table

ACTS: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "rename": (forms.RenameForm, moves.rename_unit, gettext_lazy("更名"), gettext_lazy("写入新名称"),
               gettext_lazy("旧名称和旧代码留在单位页上，以前的记录不改。")),
    "merge": (forms.MergeForm, moves.merge_unit, gettext_lazy("并入另一家单位"), gettext_lazy("并入"),
              gettext_lazy("并入后，这家单位的任职到今天为止，不再参加新的批次。不能撤回。")),
    "close": (forms.CloseForm, moves.close_unit, gettext_lazy("关闭单位"), gettext_lazy("关闭这家单位"),
              gettext_lazy("关闭后，这家单位的任职到今天为止，不再参加新的批次。不能撤回。")),
    "sanction": (forms.SanctionForm, moves.put_sanction, gettext_lazy("登记处罚"), gettext_lazy("登记"),
                 gettext_lazy("登记后，要求“没有处罚”的项目就不受理这家单位，解除后恢复。")),
    "move": (forms.MoveForm, None, gettext_lazy("换上级工会"), gettext_lazy("换到这里"),
             gettext_lazy("换过去以后，原来的上级工会看不到这家单位，新的上级工会马上看得到。")),
}  # fmt: skip
"""Of each act on a unit: its form, its move, the title, the button, and what happens next."""


class UnitList(lists.ListPage):
    """The units of the reader's scope."""

    title = gettext_lazy("单位名册")
    noun = gettext_lazy("家")
    search = ("name", "code", "former__name")
    search_label = gettext_lazy("单位名、信用代码、原名称")
    order = "name"
    empty = gettext_lazy("您的范围里还没有登记单位。")
    columns = (
        lists.Column(
            key="name", label=gettext_lazy("单位"), sort="name",
            link=lambda unit: reverse("organisations:unit", args=[unit.pk]),
        ),
        lists.Column(key="district", label=gettext_lazy("旗县区"), value="district.short", sort="district__short",
                     folds_with="district"),
        lists.Column(key="above", label=gettext_lazy("上级工会"), value="union.parent.short", hidden=True),
        lists.Column(key="kind", label=gettext_lazy("类别"), value="get_kind_display", sort="kind", folds_with="kind"),
        lists.Column(key="ownership", label=gettext_lazy("隶属"), value="get_ownership_display", sort="ownership",
                     folds_with="ownership"),
        lists.Column(key="trade", label=gettext_lazy("行业"), sort="trade"),
        lists.Column(key="headcount", label=gettext_lazy("职工人数"), kind=lists.Kind.NUMBER, sort="headcount",
                     total="sum", phone="right"),
        lists.Column(key="workers", label=gettext_lazy("产业工人数"), kind=lists.Kind.NUMBER, sort="workers",
                     total="sum"),
        lists.Column(key="code", label=gettext_lazy("统一社会信用代码"), sort="code", hidden=True),
        lists.Column(key="group_company", label=gettext_lazy("所属集团"), sort="group_company", hidden=True),
        lists.Column(key="level", label=gettext_lazy("级别"), sort="level", hidden=True),
        lists.Column(key="state", label=gettext_lazy("状态"), value="get_state_display", sort="state",
                     folds_with="state", hidden=True),
    )  # fmt: skip
    filters = (
        lists.Choice(key="kind", label=gettext_lazy("类别"), options=UnitKind.choices),
        lists.Choice(key="ownership", label=gettext_lazy("隶属"), options=Ownership.choices),
        lists.Choice(key="state", label=gettext_lazy("状态"), options=UnitState.choices),
    )


def districts(request: SignedIn) -> lists.Choice:
    """The filter of the districts in the reader's scope."""
    rows = Union.objects.visible_to(request.user).filter(kind=UnionKind.DISTRICT)
    options = list(rows.values_list("pk", "short"))
    return lists.Choice(key="district", label=gettext_lazy("旗县区"), options=options)


def rows(request: SignedIn) -> QuerySet[Unit]:
    """The units of the reader's scope, as the list shows them."""
    found = Unit.objects.visible_to(request.user).select_related("district", "union__parent")
    return found.distinct() if request.GET.get("q") else found


@login_required
@require_safe
def units(request: SignedIn) -> HttpResponse:
    """The list."""
    need(request, Right.READ_UNITS)
    page = type("UnitList", (UnitList,), {
        "__module__": __name__, "__qualname__": "UnitList", "filters": (districts(request), *UnitList.filters),
    })  # fmt: skip
    return lists.page(request, page, rows(request), acts=_list_acts(request))


def _list_acts(request: SignedIn) -> list[lists.Act]:
    if not request.user.may(Right.MANAGE_UNITS):
        return []
    return [
        lists.Act(label=_("批量导入"), url=reverse("organisations:unit_import"), icon="upload"),
        lists.Act(label=_("新增"), url=reverse("organisations:unit_new"), icon="plus", red=True),
    ]


@login_required
@require_safe
def unit(request: SignedIn, pk: int) -> HttpResponse:
    """One unit: its facts, what it was before, its offices, and what rooms above know of it."""
    shown = Unit.objects.visible_to(request.user).select_related("district", "union__parent", "parent_company").pick(pk)
    offices = Appointment.objects.visible_to(request.user).filter(union=shown.union).select_related("user__person")
    context = {
        "unit": shown, "offices": offices.order_by("role", "-starts"), "former": shown.former.order_by("-until"),
        "facts": facts_of(shown), "parts": unit_parts.gather(shown, request.user), "acts": _acts(request, shown),
        "successor": shown.successors.select_related("unit").first(), "crumbs": [(_("单位名册"), _list_url()), (shown, "")],
    }  # fmt: skip
    return render(request, "organisations/unit.html", context)


def facts_of(unit: Unit) -> list[tuple[object, object]]:
    """A unit's facts with their labels."""
    group = unit.group_company or (unit.parent_company and unit.parent_company.name)
    return [
        (_("统一社会信用代码"), unit.code), (_("类别"), unit.get_kind_display()),
        (_("隶属"), unit.get_ownership_display()), (_("级别"), unit.level), (_("行业"), unit.trade),
        (_("职工人数"), unit.headcount), (_("产业工人数"), unit.workers), (_("旗县区"), unit.district.short),
        (_("上级工会"), unit.union.parent), (_("所属集团"), group), (_("母公司"), unit.parent_company),
    ]  # fmt: skip


def _acts(request: SignedIn, unit: Unit) -> list[tuple[object, str]]:
    """What the reader may do to the unit."""
    if unit.state != UnitState.ACTIVE or not request.user.may(Right.MANAGE_UNITS, unit.union):
        return []
    edit = [(_("改资料"), reverse("organisations:unit_edit", args=[unit.pk]))]
    return edit + [(row[2], reverse(f"organisations:unit_{act}", args=[unit.pk])) for act, row in ACTS.items()]


def _list_url() -> str:
    return reverse("organisations:units")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Register a unit."""
    need(request, Right.MANAGE_UNITS)
    form = forms.UnitForm(request.POST or None, asker=request.user)
    made = sent(request, form, moves.register_unit)
    if made:
        flash.success(request, _("已登记“%(unit)s”和它的基层工会。下一步请给它任命工会主席。") % {"unit": made})
        return redirect("organisations:unit", made.pk)
    return form_page(request, form, _("登记单位"), _("登记"), crumbs=[(_("单位名册"), _list_url()), (_("登记"), "")])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """Change a unit's facts."""
    found = Unit.objects.visible_to(request.user).select_related("union", "district", "parent_company").pick(pk)
    require(request.user, Right.MANAGE_UNITS, at=found.union)
    form = forms.UnitForm(request.POST or None, asker=request.user, unit=found)
    if sent(request, form, lambda **values: moves.change_unit(pk, **values)):
        flash.success(request, _("已改“%(unit)s”的资料。进行中的批次用开批时的资料，不受影响。") % {"unit": found})
        return redirect("organisations:unit", pk)
    crumbs = [(_("单位名册"), _list_url()), (found, reverse("organisations:unit", args=[pk])), (_("改资料"), "")]
    return form_page(request, form, _("改资料"), _("保存"), crumbs=crumbs)


def run(act: str, pk: int, values: dict[str, Any]) -> Any:
    """Do one of `ACTS` to a unit."""
    if act == "move":
        unit = Unit.objects.visible_to(values["by"]).pick(pk)
        return moves.move_union(unit.union_id, **values)
    return ACTS[act][1](pk, **values)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: SignedIn, pk: int, act: str) -> HttpResponse:
    """Rename, merge, close or move a unit, on a page of its own that says what follows."""
    shape, _move, title, button, note = ACTS[act]
    found = Unit.objects.visible_to(request.user).select_related("union").pick(pk)
    require(request.user, Right.MANAGE_UNITS, at=found.union)
    form = shape(request.POST or None, asker=request.user, unit=found)
    if sent(request, form, lambda **values: run(act, pk, values)):
        flash.success(request, _("%(act)s：“%(unit)s”已办。%(note)s") % {"act": title, "unit": found, "note": note})
        return redirect("organisations:unit", pk)
    crumbs = [(_("单位名册"), _list_url()), (found, reverse("organisations:unit", args=[pk])), (title, "")]
    return form_page(request, form, f"{title}：{found}", button, note=note, crumbs=crumbs)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: SignedIn, pk: int) -> HttpResponse:
    """Lift a sanction, with what shows that it is settled."""
    found = Sanction.objects.visible_to(request.user).select_related("unit__union").pick(pk)
    require(request.user, Right.MANAGE_UNITS, at=found.unit.union)
    form = forms.LiftForm(request.POST or None, asker=request.user)
    if sent(request, form, lambda **values: moves.lift_sanction(pk, **values)):
        flash.success(request, _("“%(unit)s”的处罚今天起解除，依据写入记录。") % {"unit": found.unit})
        return redirect("organisations:unit", found.unit_id)
    above = [(_("单位名册"), _list_url()), (found.unit, reverse("organisations:unit", args=[found.unit_id]))]
    title = f"{_('解除处罚')}：{found.get_kind_display()} {found.document}"
    return form_page(request, form, title, _("解除"), crumbs=[*above, (_("解除处罚"), "")])


def sanctions_of(unit: Unit, reader: User) -> list[Part]:
    """What stands or stood against a unit, for its page; whoever manages it lifts it from here."""
    rows = Sanction.objects.visible_to(reader).filter(unit=unit)
    standing = set(rows.standing(clock.today()).values_list("pk", flat=True))
    manages = reader.may(Right.MANAGE_UNITS, unit.union)
    lines = [
        (reverse("organisations:sanction_lift", args=[row.pk]) if manages and row.pk in standing else "",
         (row.get_kind_display(), row.text, row.document, day_table(row.since), day_table(row.lifted_on or row.until),
          _("未解除") if row.pk in standing else _("已解除")))
        for row in rows
    ]  # fmt: skip
    heads = (_("类别"), _("事由"), _("文号"), _("起"), _("止"), _("状态"))
    return [Part(title=_("处罚和欠缴"), heads=heads, lines=lines, empty=_("没有。"))]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def union_new(request: SignedIn) -> HttpResponse:
    """Register a district or industry union under the federation."""
    need(request, Right.MANAGE_UNITS)
    form = forms.UnionForm(request.POST or None)
    top = Union.objects.visible_to(request.user).filter(kind=UnionKind.FEDERATION).get()
    made = sent(request, form, lambda **values: moves.register_union(parent=top, **values))
    if made:
        flash.success(request, _("已登记“%(union)s”。下一步请给它任命工会干部。") % {"union": made.name})
        return redirect("organisations:people")
    return form_page(
        request, form, _("登记工会"), _("登记"), crumbs=[(_("单位名册"), _list_url()), (_("登记工会"), "")]
    )
