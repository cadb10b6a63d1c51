"""Objections: filed by the public or a unit, asked after by receipt, answered by the officer in charge."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.organisations.views.pages import sent
from guildhall.foundation.programmes.forms.objections import AnswerForm, ObjectionForm, ReceiptForm, UpholdForm
from guildhall.foundation.programmes.models import Notice, Objection, by_receipt
from guildhall.foundation.programmes.moves import objections
from guildhall.foundation.programmes.moves.correcting import against_correcting
from guildhall.foundation.programmes.states import ObjectionState
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Choice, Column, Kind, ListPage, page

FILED_AN_HOUR = 6
ASKED_AN_HOUR = 30
TONES: dict[str, str] = {ObjectionState.OPEN: "amber", ObjectionState.UPHELD: "red", ObjectionState.DISMISSED: ""}


class TooOften(Refusal):
    """More asked from one address than a person asks."""

    code = "programmes.too-often"
    message = lazy("这个网络地址 1 小时内提交得太多了。请过一会儿再来，或打 %(contact)s。")
    status = 429


def not_too_often(request: HttpRequest, what: str, most: int) -> None:
    """Count what one address asks within an hour. Raises `TooOften`."""
    place = f"often:{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(place, 0, 3600)
    if cache.incr(place) > most:
        raise TooOften(contact=settings.FEDERATION_CONTACT)


def _own(user: Any) -> User | None:
    return user if user.is_authenticated else None


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, notice_pk: int) -> HttpResponse:
    """The form for everyone: name, contact, which item, the facts."""
    notice = Notice.objects.visible_to(request.user).pick(notice_pk)
    form = _form(request, notice)
    if request.method == "POST":
        not_too_often(request, "object", FILED_AN_HOUR)
        if form.is_valid() and _file(request, notice, form):
            return redirect("objections:filed")
    crumbs = [(_("公示公告"), reverse("web:notices")), (notice.number, reverse("notices:page", args=[notice.pk]))]
    facts = {
        "notice": notice,
        "form": form,
        "crumbs": [*crumbs, (_("提出异议"), "")],
        "running": notice.ends_at >= clock.now() and (notice.edition == 1 or bool(notice.changed)),
    }
    return render(request, "programmes/objections/file.html", facts, status=422 if form.errors else 200)


def _form(request: HttpRequest, notice: Notice) -> ObjectionForm:
    again = notice.edition > 1
    lines = [line for line in notice.body["lines"] if not again or line["application"] in notice.changed]
    items = [(str(line["application"]), line["unit"]) for line in lines]
    known, user = {"item": request.GET.get("item", "")}, _own(request.user)
    if user and (offices := [one for one in user.offices if one.union_id in user.unions_with(Right.SPEAK_FOR_UNIT)]):
        known |= {"name": f"{offices[0].union.name} {user}", "contact": user.person.phone or user.person.email}
    return ObjectionForm(request.POST or None, request.FILES or None, items=items, whole=not again, initial=known)


def _file(request: HttpRequest, notice: Notice, form: ObjectionForm) -> bool:
    """Whether it was filed; where what was handed in cannot be taken the form says why and keeps all that was written."""
    said = form.cleaned_data
    try:
        filed = objections.file_objection(
            notice.pk, application_pk=int(said["item"]) if said["item"] else None, text=said["text"],
            name=said["name"], contact=said["contact"], attachment=said["attachment"], by=_own(request.user),
            key=said["key"],
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.status not in (413, 422):
            raise
        form.add_error(None, str(refusal))
        return False
    request.session["receipt"] = filed.receipt
    return True


@require_safe
def filed(request: HttpRequest) -> HttpResponse:
    """The receipt, once: what happens next, by when."""
    found = by_receipt(request.session.get("receipt", ""))
    if found is None:
        raise NotHere
    return render(request, "programmes/objections/filed.html", {"objection": found})


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """How an objection was answered, for whoever holds its receipt."""
    form = ReceiptForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        not_too_often(request, "receipt", ASKED_AN_HOUR)
        found = by_receipt(form.cleaned_data["receipt"].strip().upper())
        if found is None:
            form.add_error("receipt", _("没有这个回执编号。请对照回执再输一次。"))
    crumbs = [(_("公示公告"), reverse("web:notices")), (_("查异议答复"), "")]
    facts = {"form": form, "objection": found, "crumbs": crumbs}
    return render(request, "programmes/objections/receipt.html", facts, status=422 if form.errors else 200)


def _item(row: Any) -> object:
    return row.application.unit.name if row.application else lazy("整份名单")


class Objections(ListPage):
    """异议: without the names of those who filed them."""

    title = lazy("异议")
    noun = lazy("件")
    columns = (
        Column(key="receipt", label=lazy("回执"), link=lambda row: reverse("objections:page", args=[row.pk]), sort="receipt"),
        Column(key="unit", label=lazy("对象"), value=_item, sort="application__unit__name"),
        Column(key="round", label=lazy("批次"), value="notice.round.title", sort="notice__round__title"),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state", phone="right"),
        Column(key="filed_at", label=lazy("提出"), kind=Kind.MOMENT, sort="filed_at"),
        Column(key="answer_by", label=lazy("答复期限"), kind=Kind.MOMENT, sort="answer_by"),
        Column(key="answered_at", label=lazy("答复"), kind=Kind.MOMENT, sort="answered_at", hidden=True),
    )  # fmt: skip
    filters = (Choice(key="state", label=lazy("状态"), options=ObjectionState.choices),)
    search = ("receipt", "application__unit__name")
    search_label = lazy("回执编号、单位名")
    order = "answer_by"
    empty = lazy("没有异议。公示期内收到的异议会出现在这里。")


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """The objections within the reader's scope; of one round where `round` says so."""
    rows = Objection.objects.visible_to(request.user).select_related("notice__round", "application__unit")
    if (asked := request.GET.get("round", "")).isdecimal() and len(asked) < 15:
        rows = rows.filter(notice__round=int(asked))
    return page(request, Objections, rows)


@login_required
@require_safe
def record(request: SignedIn, pk: int) -> HttpResponse:
    """One objection; whoever runs the round answers it here."""
    return render(request, "programmes/objections/objection.html", _shown(request, pk))


def _shown(request: SignedIn, pk: int, **more: object) -> dict[str, object]:
    found = Objection.objects.visible_to(request.user).pick(pk)
    of, user = found.notice.round, request.user
    waits = found.state == ObjectionState.OPEN
    runs = user.may(Right.RUN_ROUNDS, of.union)
    return {
        "objection": found, "round": of, "tone": TONES[found.state], "waits": waits, "runs": runs, "key": uuid4(),
        "lead": formats.deadline(found.answer_by) if waits else formats.moment(found.answered_at),
        "insider": runs or user.may(Right.DECIDE, of.union), "dismiss_form": AnswerForm(auto_id="dismiss_%s"),
        "uphold_form": UpholdForm(auto_id="uphold_%s"), "may_correct": against_correcting(found) is None,
        "crumbs": [(_("异议"), reverse("objections:index")), (found.receipt, "")],
        **more,
    }  # fmt: skip


@login_required
@require_POST
def dismiss(request: SignedIn, pk: int) -> HttpResponse:
    """Answer that it does not hold."""
    form = AnswerForm(request.POST, auto_id="dismiss_%s")
    if not sent(request, form, lambda **said: objections.dismiss(pk, **said)):
        facts = _shown(request, pk, dismiss_form=form, form=form)
        return render(request, "programmes/objections/objection.html", facts, status=422)
    messages.success(request, _("已答复：异议未采纳。该项继续公示，提出人凭回执能看到答复。"))
    return redirect("objections:page", pk)


@login_required
@require_POST
def uphold(request: SignedIn, pk: int) -> HttpResponse:
    """Answer that it holds: the item is refused and not paid."""
    form = UpholdForm(request.POST, auto_id="uphold_%s")
    if not sent(request, form, lambda **said: objections.uphold(pk, **said)):
        facts = _shown(request, pk, uphold_form=form, form=form)
        return render(request, "programmes/objections/objection.html", facts, status=422)
    messages.success(request, _("已答复：异议成立。该项移出名单，不付款，其他单位不变。接着发布第二次名单。"))
    return redirect("objections:page", pk)


@login_required
@require_safe
def attachment(request: SignedIn, pk: int) -> FileResponse:
    """What was handed in with it."""
    found = Objection.objects.visible_to(request.user).pick(pk)
    if found.attachment is None:
        raise NotHere
    return serve(found.attachment)
