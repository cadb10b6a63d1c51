"""People, accounts and offices; and a unit's own page of who scores for it."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations import forms, moves
from guildhall.foundation.organisations.models import Appointment, Unit, User
from guildhall.foundation.organisations.rules.offices import SCORERS
from guildhall.foundation.organisations.states import Right, Role, UnitState
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.lists.listing import Rows


def _in_force(rows: Rows, value: str) -> Rows:
    chosen: Rows = rows.active() if value == "now" else rows.not_active()  # type: ignore[attr-defined]
    return chosen


class PeopleList(lists.ListPage):
    """Who holds which office."""

    title = gettext_lazy("人员与任职")
    noun = gettext_lazy("项任职")
    search = ("user__person__name", "user__username", "union__name")
    search_label = gettext_lazy("姓名、用户名、工会")
    order = "name"
    empty = gettext_lazy("还没有人任职。")
    columns = (
        lists.Column(key="name", label=gettext_lazy("姓名"), value="user.person.name", sort="user__person__name",
                     link=lambda row: reverse("organisations:person", args=[row.user_id])),
        lists.Column(key="role", label=gettext_lazy("职务"), value="get_role_display", sort="role", folds_with="role",
                     phone="right"),
        lists.Column(key="union", label=gettext_lazy("工会"), value="union.short", sort="union__short"),
        lists.Column(key="title", label=gettext_lazy("职务名称"), sort="title"),
        lists.Column(key="starts", label=gettext_lazy("起"), kind=lists.Kind.DAY, sort="starts"),
        lists.Column(key="ends", label=gettext_lazy("止"), kind=lists.Kind.DAY, sort="ends"),
        lists.Column(key="stands", label=gettext_lazy("代理"), value=lambda row: _("代") if row.stands_in_for_id else ""),
        lists.Column(key="username", label=gettext_lazy("用户名"), value="user.username", sort="user__username",
                     hidden=True),
        lists.Column(key="phone", label=gettext_lazy("电话"), value=lambda row: formats.mask_phone(row.user.person.phone),
                     hidden=True, phone=""),
    )  # fmt: skip
    filters = (
        lists.Choice(key="role", label=gettext_lazy("职务"), options=Role.choices),
        lists.Choice(
            key="now", label=gettext_lazy("时间"), apply=_in_force,
            options=(("now", gettext_lazy("在任")), ("past", gettext_lazy("不在任"))),
        ),
    )  # fmt: skip


@login_required
@require_safe
def people(request: SignedIn) -> HttpResponse:
    """The offices of the reader's scope."""
    need(request, Right.MANAGE_PEOPLE)
    rows = Appointment.objects.visible_to(request.user).select_related("user__person", "union")
    acts = [
        lists.Act(label=_("单位登录账号"), url=reverse("organisations:log_ins"), icon="key"),
        lists.Act(label=_("登记工会"), url=reverse("organisations:union_new"), icon="sitemap"),
        lists.Act(label=_("新开账号"), url=reverse("organisations:person_new"), icon="plus", red=True),
    ]
    return lists.page(request, PeopleList, rows, acts=acts)


def _crumbs(*more: tuple[object, str]) -> list[tuple[object, str]]:
    return [(_("人员与任职"), reverse("organisations:people")), *more]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """A person, and an account whose password is shown this once."""
    need(request, Right.MANAGE_PEOPLE)
    form = forms.AccountForm(request.POST or None, asker=request.user)
    made = sent(request, form, moves.open_account)
    if made:
        user, password = made
        _tell_password(request, user, password)
        return redirect("organisations:person", user.pk)
    return form_page(request, form, _("新开账号"), _("开账号"), crumbs=_crumbs((_("新开账号"), "")))


def _tell_password(request: SignedIn, user: User, password: str) -> None:
    """Show a password this once: whoever sits here hands it over."""
    facts = {"name": user.person.name, "username": user.username, "password": password}
    if password:
        text = _(
            "%(name)s的用户名是 %(username)s，密码是 %(password)s。只显示这一次，请当面交给本人。本人登录后必须改。"
        )
        flash.success(request, text % facts)
    else:
        flash.success(request, _("%(name)s用原来的账号 %(username)s 登录，密码不变。") % facts)


@login_required
@require_safe
def person(request: SignedIn, pk: int) -> HttpResponse:
    """One account: the person, the offices, and what may be done."""
    need(request, Right.MANAGE_PEOPLE)
    shown = User.objects.visible_to(request.user).select_related("person__employer").pick(pk)
    offices = (
        Appointment.objects.visible_to(request.user).filter(user=shown).select_related("union").order_by("-starts")
    )
    facts = [
        (_("用户名"), shown.username), (_("电话"), shown.person.phone), (_("电子邮箱"), shown.person.email),
        (_("所在单位"), shown.person.employer), (_("专业领域"), shown.person.field),
    ]  # fmt: skip
    context = {"shown": shown, "offices": offices, "facts": facts, "crumbs": _crumbs((shown, "")), "today": clock.today(),
               "form": forms.PasswordForm()}  # fmt: skip
    return render(request, "organisations/person.html", context)


def _page_of(shown: User) -> tuple[object, str]:
    return shown, reverse("organisations:person", args=[shown.pk])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """Change what is known of a person."""
    need(request, Right.MANAGE_PEOPLE)
    shown = User.objects.visible_to(request.user).select_related("person").pick(pk)
    initial = {name: getattr(shown.person, name) for name in ("name", "phone", "email", "field")}
    form = forms.PersonForm(request.POST or None, initial=initial)
    if sent(request, form, lambda **values: moves.change_person(pk, **values)):
        flash.success(request, _("已改%(name)s的资料。以后的短信发到新的号码。") % {"name": shown})
        return redirect("organisations:person", pk)
    return form_page(request, form, _("改资料"), _("保存"), crumbs=_crumbs(_page_of(shown), (_("改资料"), "")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: SignedIn, pk: int) -> HttpResponse:
    """Appoint a person to an office."""
    need(request, Right.MANAGE_PEOPLE)
    shown = User.objects.visible_to(request.user).select_related("person").pick(pk)
    form = forms.AppointmentForm(request.POST or None, asker=request.user, initial={"starts": clock.today()})
    made = sent(request, form, lambda **values: moves.appoint(shown, **values))
    if made:
        facts = {"name": shown, "office": made, "day": formats.day(made.starts)}
        flash.success(request, _("已任命%(name)s为%(office)s，%(day)s起生效，登录后就能办事。") % facts)
        return redirect("organisations:person", pk)
    title = _("任命%(name)s") % {"name": shown}
    return form_page(request, form, title, _("任命"), crumbs=_crumbs(_page_of(shown), (_("任命"), "")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SignedIn, pk: int) -> HttpResponse:
    """End an office with a day."""
    need(request, Right.MANAGE_PEOPLE)
    office = Appointment.objects.visible_to(request.user).select_related("union", "user__person").pick(pk)
    form = forms.EndForm(request.POST or None, initial={"on": clock.today()})
    if sent(request, form, lambda **values: moves.end_appointment(pk, **values)):
        flash.success(request, _("已办。过了这一天，%(name)s不再看得到这项职务的事。") % {"name": office.user})
        return redirect("organisations:person", office.user_id)
    title = _("免去%(name)s的%(office)s") % {"name": office.user, "office": office}
    return form_page(request, form, title, _("免去"), crumbs=_crumbs(_page_of(office.user), (_("免职"), "")))


@login_required
@require_POST
def password(request: SignedIn, pk: int) -> HttpResponse:
    """A new password, shown this once."""
    form = forms.PasswordForm(request.POST)
    if not form.is_valid():
        raise NoRight
    fresh = moves.reset_password(pk, by=request.user, key=form.cleaned_data["key"])
    if fresh:
        text = _("新密码是 %(password)s。只显示这一次，请当面交给本人。本人登录后必须改。")
        flash.success(request, text % {"password": fresh})
    own = request.user.may(Right.MANAGE_PEOPLE)
    return redirect("organisations:person", pk) if own else redirect("organisations:scorers")


@login_required
@require_safe
def scorers(request: SignedIn) -> HttpResponse:
    """Who scores for the reader's own unit."""
    need(request, Right.NAME_ASSESSORS)
    return _scorers(request)


@login_required
@require_POST
def scorer(request: SignedIn, pk: int) -> HttpResponse:
    """Name a unit's assessor or deputy."""
    need(request, Right.NAME_ASSESSORS)
    form = forms.ScorerForm(request.POST)
    named = sent(request, form, lambda **values: moves.name_scorer(pk, **values))
    if not named:
        return _scorers(request, pk, form)
    _tell_password(request, named.user, named.password)
    return redirect("organisations:scorers")


def _scorers(request: SignedIn, pk: int = 0, sent_form: forms.ScorerForm | None = None) -> HttpResponse:
    """The reader's units with both seats, who holds them, who held them, and a form each."""
    units = Unit.objects.visible_to(request.user).named_by(request.user).filter(state=UnitState.ACTIVE)
    unions = list(units.values_list("union", flat=True))
    rows = Appointment.objects.visible_to(request.user).filter(union__in=unions, role__in=SCORERS)
    offices = list(rows.select_related("user__person").order_by("-starts"))
    today = clock.today()
    seats = [
        _seat(unit, role, [one for one in offices if one.union_id == unit.union_id and one.role == role], today,
              sent_form if sent_form and unit.pk == pk and sent_form.data.get("role") == role else None)
        for unit in units for role in (Role.ASSESSOR, Role.DEPUTY)
    ]  # fmt: skip
    context = {"seats": seats, "form": sent_form, "several": len(unions) > 1}
    return render(request, "organisations/scorers.html", context, status=422 if sent_form else 200)


def _seat(unit: Unit, role: Role, held: list[Appointment], today: Any, form: Any) -> dict[str, Any]:
    now = next((one for one in held if one.starts <= today and (one.ends is None or one.ends >= today)), None)
    fresh = form or forms.ScorerForm(initial={"role": role.value}, auto_id=f"{role.value}-{unit.pk}-%s")
    return {"unit": unit, "role": role, "now": now, "past": [one for one in held if one is not now], "form": fresh}
