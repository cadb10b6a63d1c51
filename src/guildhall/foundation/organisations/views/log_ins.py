"""Log-ins of the units' union chairs: who has one, issuing them from a file, resetting many, and the one showing."""

import base64
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations import forms, moves
from guildhall.foundation.organisations.models import LogInSheet, Unit, User
from guildhall.foundation.organisations.moves.log_ins import checked, kept_apart, unshown, with_chairs
from guildhall.foundation.organisations.rules.log_ins import BY_KEY, FIELDS, KEEP_HOURS, Slip
from guildhall.foundation.organisations.rules.parts import unit_filters
from guildhall.foundation.organisations.rules.verdicts import Judged, Verdict
from guildhall.foundation.organisations.rules.workbooks import PLAIN, filled, marked
from guildhall.foundation.organisations.states import Right, UnitState
from guildhall.foundation.organisations.views import verdicts
from guildhall.foundation.organisations.views.imports import workbook
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent
from guildhall.foundation.organisations.views.units import districts
from guildhall.foundation.screens import lists, todo
from guildhall.foundation.screens.lists.listing import Listing, Rows, Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS = verdicts.Words(
    fields=BY_KEY,
    labels={
        Verdict.NEW: gettext_lazy("发账号"),
        Verdict.CHANGED: gettext_lazy("用已有账号"),
        Verdict.SAME: gettext_lazy("已有主席"),
        Verdict.WRONG: gettext_lazy("有错"),
    },
    notes={
        Verdict.NEW: gettext_lazy("开账号，任命为工会主席"),
        Verdict.CHANGED: gettext_lazy("只加任职，密码不变"),
        Verdict.SAME: gettext_lazy("不重复发"),
        Verdict.WRONG: gettext_lazy("不写入"),
    },
    naming=frozenset({"code", "unit", "name"}),
    placing=frozenset({"phone", "starts"}),
    codes=frozenset({"code", "phone", "starts"}),
)
STANDS = {"none": gettext_lazy("没有账号"), "new": gettext_lazy("还没改密码"), "used": gettext_lazy("在用")}


def _stand(unit: Any) -> object:
    """How a unit's log-in stands."""
    return STANDS["none" if unit.chair is None else "new" if unit.must_change else "used"]


def _standing(rows: Rows, value: str) -> Rows:
    """The units whose log-in stands so."""
    if value == "none":
        return rows.filter(chair=None)
    return rows.filter(chair__isnull=False, must_change=value == "new")


class LogInList(lists.ListPage):
    """The units that go on, and whether their union chair can sign in."""

    title = gettext_lazy("单位登录账号")
    noun = gettext_lazy("家")
    search = ("name", "code")
    search_label = gettext_lazy("单位名、信用代码")
    order = "name"
    empty = gettext_lazy("还没有登记单位。")
    columns = (
        lists.Column(key="name", label=gettext_lazy("单位"), sort="name",
                     link=lambda unit: reverse("organisations:unit", args=[unit.pk])),
        lists.Column(key="district", label=gettext_lazy("旗县区"), value="district.short", sort="district__short",
                     folds_with="district"),
        lists.Column(key="chair", label=gettext_lazy("工会主席"), value="chair_name", sort="chair_name"),
        lists.Column(key="username", label=gettext_lazy("用户名"), sort="username"),
        lists.Column(key="stands", label=gettext_lazy("账号"), value=_stand, folds_with="stands", phone="right"),
        lists.Column(key="signed_in", label=gettext_lazy("上次登录"), kind=lists.Kind.DAY, sort="signed_in"),
        lists.Column(key="code", label=gettext_lazy("统一社会信用代码"), sort="code", hidden=True),
    )  # fmt: skip
    filters = (lists.Choice(key="stands", label=gettext_lazy("账号"), options=list(STANDS.items()), apply=_standing),)


def _page(request: SignedIn) -> type[LogInList]:
    """The list with the filters of the reader's districts, and those that rooms above bring."""
    bulk = (
        lists.Bulk(label=_("下载所选单位的模板"), url=reverse("organisations:log_in_template")),
        lists.Bulk(label=_("重设所选单位的密码"), url=reverse("organisations:log_in_reset")),
    )
    filters = (districts(request), *unit_filters.gather(), *LogInList.filters)
    facts = {"__module__": __name__, "__qualname__": "LogInList", "filters": filters, "bulk": bulk}
    return type("LogInList", (LogInList,), facts)


def _rows(request: SignedIn) -> QuerySet[Unit]:
    units = Unit.objects.visible_to(request.user).filter(state=UnitState.ACTIVE).select_related("district")
    return with_chairs(units, request.user)


def _chosen(request: SignedIn) -> Rows:
    """The picked units, else all that the filters let through."""
    params: QueryDict = request.POST if request.method == "POST" else request.GET
    if picked := [int(pk) for pk in params.getlist("pk") if pk.isdecimal() and len(pk) < 19]:
        return _rows(request).filter(pk__in=picked).order_by("name")
    return Listing(_page(request), _rows(request), request.GET).rows.order_by("name")


def _crumbs(*more: tuple[Text, str]) -> list[tuple[Text, str]]:
    home = (_("人员与任职"), reverse("organisations:people"))
    return [home, (LogInList.title, reverse("organisations:log_ins") if more else ""), *more]


@login_required
@require_safe
def log_ins(request: SignedIn) -> HttpResponse:
    """Which units have a log-in; templates and resets go by what the filters let through, or by what is picked."""
    need(request, Right.MANAGE_PEOPLE)
    asked = request.GET.copy()
    asked.pop("page", None)
    acts = [
        lists.Act(label=_("下载模板"), url=f"{reverse('organisations:log_in_template')}?{asked.urlencode()}", icon="download"),
        lists.Act(label=_("重设密码"), url=f"{reverse('organisations:log_in_reset')}?{asked.urlencode()}", icon="refresh"),
        lists.Act(label=_("导入填好的表"), url=reverse("organisations:log_in_import"), icon="upload", red=True),
    ]  # fmt: skip
    lead = _("先筛选出要发账号的单位，下载模板填好主席姓名和电话，再导入。")
    return lists.page(request, _page(request), _rows(request), lead=lead, acts=acts, crumbs=_crumbs())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: SignedIn) -> HttpResponseBase:
    """The workbook to fill in, with the chosen units that have no log-in; `?empty=1` leaves the rows out."""
    need(request, Right.MANAGE_PEOPLE)
    units = () if request.GET.get("empty") else _chosen(request).filter(chair=None)
    rows = ({"code": unit.code, "unit": unit.name} for unit in units)
    return workbook(filled(rows, {}, FIELDS, _("工会主席")), _("单位登录账号.xlsx"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: SignedIn) -> HttpResponse:
    """Choose a filled-in workbook; it is checked and shown, nobody gets anything yet."""
    need(request, Right.MANAGE_PEOPLE)
    form = forms.FileForm(request.POST or None, request.FILES or None)
    made = sent(request, form, _check)
    if made:
        return redirect("organisations:log_in_sheet", made.pk)
    recent = LogInSheet.objects.visible_to(request.user).with_progress().defer("content")[:8]
    page, crumbs = "organisations/log_ins/choose.html", _crumbs((_("导入"), ""))
    title, button = _("导入工会主席名单"), _("检查这份文件")
    return form_page(request, form, title, button, template=page, recent=recent, crumbs=crumbs)


def _check(file: Any, **values: Any) -> LogInSheet:
    return moves.check_log_ins(file.name, file.read(), **values)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SignedIn, pk: int) -> HttpResponse:
    """What the file would give whom; a POST gives it. Then how far the passwords are, and where they are fetched."""
    shown = LogInSheet.objects.visible_to(request.user).with_progress().pick(pk)
    form = forms.WriteForm(request.POST or None)
    if sent(request, form, lambda **values: moves.issue_log_ins(pk, **values)):
        flash.success(request, _("已写入。密码正在生成，您可以先去办别的事，好了工作台会提醒。"))
        return redirect("organisations:log_in_sheet", pk)
    crumbs = _crumbs((shown.name or _("重设密码"), ""))
    if shown.written_at:
        return _written(request, shown, crumbs)
    found = checked(shown, request.user)
    context = {"sheet": shown, "form": form, "found": found, "crumbs": crumbs, **_facts(request, shown, found)}
    return render(request, "organisations/log_ins/preview.html", context, status=422 if form.errors else 200)


def _facts(request: SignedIn, shown: LogInSheet, found: Judged) -> dict[str, Any]:
    told = verdicts.preview(request.GET, found.rows, found.sheet.fields, WORDS)
    return {**told, "errors_url": reverse("organisations:log_in_errors", args=[shown.pk])}


def _written(request: SignedIn, shown: Any, crumbs: list[tuple[Text, str]]) -> HttpResponse:
    """The sheet once it is written; asked for by htmx, the progress alone, and the whole page when it is through."""
    through = shown.made == shown.total
    lapsed = through and not shown.kept and not shown.shown_at
    context = {"sheet": shown, "through": through, "lapsed": lapsed, "crumbs": crumbs, "form": forms.PasswordForm(),
               "hours": KEEP_HOURS}  # fmt: skip
    if getattr(request, "htmx", False) and request.GET.get("part"):
        response = render(request, "organisations/log_ins/progress.html", context)
        if through:
            response.headers["HX-Refresh"] = "true"
        return response
    return render(request, "organisations/log_ins/sheet.html", context)


@login_required
@require_safe
def errors(request: SignedIn, pk: int) -> HttpResponseBase:
    """The wrong rows as a workbook, each bad cell marked."""
    shown = LogInSheet.objects.visible_to(request.user).filter(written_at=None).pick(pk)
    found = checked(shown, request.user)
    wrong = [row for row in found.rows if row.wrong]
    return workbook(marked(wrong, found.sheet.fields, BY_KEY), _("有错的行.xlsx"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: SignedIn) -> HttpResponse:
    """Who would get a new password, from what was picked or filtered; then, confirmed, the new ones are made."""
    need(request, Right.MANAGE_PEOPLE)
    if "user" in request.POST:
        form = forms.PasswordForm(request.POST)
        if not form.is_valid():
            raise NoRight
        users = [int(pk) for pk in request.POST.getlist("user") if pk.isdecimal() and len(pk) < 19]
        made = moves.reset_log_ins(users, by=request.user, key=form.cleaned_data["key"])
        return redirect("organisations:log_in_sheet", made.pk)
    return render(request, "organisations/log_ins/reset.html", _to_reset(request))


def _to_reset(request: SignedIn) -> dict[str, Any]:
    """The accounts that can be reset, those that cannot and why, and how many units have none."""
    units = list(_chosen(request))
    pks = {unit.chair for unit in units if unit.chair} - {request.user.pk}
    users = list(User.objects.visible_to(request.user).filter(pk__in=pks, is_active=True).select_related("person"))
    apart = kept_apart(pks)
    return {
        "users": [user for user in users if user.pk not in apart], "apart": [user for user in users if user.pk in apart],
        "without": sum(unit.chair is None for unit in units), "form": forms.PasswordForm(),
        "crumbs": _crumbs((_("重设密码"), "")),
    }  # fmt: skip


@login_required
@require_POST
@never_cache
@sensitive_variables()
def passwords(request: SignedIn, pk: int) -> HttpResponse:
    """The one showing of a sheet's passwords: a slip a unit to print, and the same as a workbook inside the page."""
    form = forms.PasswordForm(request.POST)
    if not form.is_valid():
        raise NoRight
    slips = moves.show_log_ins(pk, by=request.user, key=form.cleaned_data["key"])
    file = f"data:{XLSX};base64,{base64.b64encode(_slips_workbook(slips)).decode()}"
    door = request.build_absolute_uri(reverse("account_login"))
    context = {"slips": slips, "file": file, "door": door, "back": reverse("organisations:log_in_sheet", args=[pk])}
    return render(request, "organisations/log_ins/slips.html", context)


def _slips_workbook(slips: Iterable[Slip]) -> bytes:
    """The slips as rows of text."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    page, bold = book.add_worksheet(_("一次性密码")), book.add_format({"bold": True, "bottom": 1})
    heads = (_("单位"), _("旗县区"), _("姓名"), _("用户名"), _("一次性密码"))
    for column, (head, width) in enumerate(zip(heads, (34, 14, 12, 14, 20), strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, head, bold)
    for number, slip in enumerate(slips, 1):
        for column, value in enumerate(slip):
            page.write_string(number, column, value)
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def waiting(user: User) -> list[todo.Todo]:
    """Sheets whose passwords are made and not yet fetched."""
    if not user.may(Right.MANAGE_PEOPLE):
        return []
    return [
        todo.Todo(
            title=_("取单位的一次性密码"), why=one.name or _("重设密码"), due=None, button=_("取密码"),
            url=reverse("organisations:log_in_sheet", args=[one.pk]),
        )
        for one in unshown(user).defer("content")
    ]  # fmt: skip
