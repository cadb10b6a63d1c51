"""The records on screen: the chains' entries, their verification, and who looked at what is sealed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.organisations.views.pages import SignedIn
from guildhall.foundation.records import moves, verify
from guildhall.foundation.records.forms import LookForm, SealForm
from guildhall.foundation.records.models import Decision, stream_names
from guildhall.foundation.records.rules import ACCESS_ACTS, canonical
from guildhall.foundation.records.seals import latest_seal, recent_seals
from guildhall.foundation.records.states import Fault, act_label, chain_label, subject_label
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.panels import Panel
from guildhall.foundation.screens.todo import Todo


def _need(request: SignedIn, *roles: str) -> None:
    if not request.user.holds(*roles):
        raise NoRight


READERS = (Role.AUDITOR, Role.FEDERATION_OFFICER, Role.LEADER)


class RecordList(lists.ListPage):
    """Entries of all chains, newest first."""

    title = gettext_lazy("记录")
    noun = gettext_lazy("条")
    search = ("stream__name", "subject", "actor_name", "act", "hash")
    search_label = gettext_lazy("记录链、对象、经办、事项")
    order = "-at"
    empty = gettext_lazy("还没有记录。每办一件事，这里就多一条。")
    columns = (
        lists.Column(
            key="id", label=gettext_lazy("记录"), value=lambda row: f"{chain_label(row.stream.name)} #{row.number}",
            link=lambda row: reverse("records:entry", args=[row.pk]),
        ),
        lists.Column(
            key="act", label=gettext_lazy("事项"), value=lambda row: str(act_label(row.act, row.subject)), sort="act"
        ),
        lists.Column(
            key="subject", label=gettext_lazy("对象"), value=lambda row: subject_label(row.subject), sort="subject"
        ),
        lists.Column(key="actor_name", label=gettext_lazy("经办"), sort="actor_name"),
        lists.Column(key="business_at", label=gettext_lazy("业务时间"), kind=lists.Kind.MOMENT, sort="business_at"),
        lists.Column(key="at", label=gettext_lazy("实际时间"), kind=lists.Kind.MOMENT, sort="id", phone="right"),
        lists.Column(
            key="sealed", label=gettext_lazy("密级"), value=lambda row: _("仅审计可见") if row.sealed else "",
            hidden=True,
        ),
        lists.Column(key="hash", label=gettext_lazy("摘要"), value=lambda row: row.hash[:16]),
    )  # fmt: skip
    filters = (
        lists.Choice(
            key="stream",
            label=gettext_lazy("记录链"),
            options=stream_names,
        ),
        lists.Choice(key="sealed", label=gettext_lazy("密级"), options=[("True", gettext_lazy("仅审计可见"))]),
    )


class AccessList(lists.ListPage):
    """Who looked at what is masked or sealed, when and why."""

    title = gettext_lazy("访问记录")
    noun = gettext_lazy("条")
    search = RecordList.search
    search_label = RecordList.search_label
    order = "-business_at"
    empty = gettext_lazy("还没有人看过遮住或封存的内容。")
    columns = (*RecordList.columns[:5], lists.Column(key="why", label=gettext_lazy("理由"), value="note"))


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """The entries that the reader may know."""
    _need(request, *READERS)
    rows: QuerySet[Decision] = Decision.objects.visible_to(request.user).select_related("stream")
    return lists.page(request, RecordList, rows)


@login_required
@require_safe
def access(request: SignedIn) -> HttpResponse:
    """The looks at masked and sealed values."""
    _need(request, Role.AUDITOR)
    return lists.page(request, AccessList, Decision.objects.visible_to(request.user).told().filter(act__in=ACCESS_ACTS))


def _entry(request: SignedIn, pk: int, **more: Any) -> HttpResponse:
    entry = Decision.objects.visible_to(request.user).pick(pk)
    chain = chain_label(entry.stream.name)
    context = {"entry": entry, "chain": chain, "form": LookForm(), "facts": _facts(entry), **more}
    if not entry.sealed and not entry.content.erased_at:
        context["body"] = canonical(entry.body)
    return render(request, "records/entry.html", context, status=422 if context["form"].errors else 200)


def _both(said: object, code: str) -> str:
    """In words, with the code that the chain holds."""
    return code if said == code else f"{said} ({code})"


def _facts(entry: Decision) -> list[tuple[str, object]]:
    return [
        (_("记录链"), _both(chain_label(entry.stream.name), entry.stream.name)),
        (_("事项"), _both(act_label(entry.act, entry.subject), entry.act)),
        (_("对象"), _both(subject_label(entry.subject), entry.subject)),
        (_("经办"), entry.actor_name),
        (_("内容摘要"), entry.digest),
        (_("前一条"), entry.previous),
        (_("本条"), entry.hash),
    ]


@login_required
@require_safe
def entry(request: SignedIn, pk: int) -> HttpResponse:
    """One entry with what the chain holds of it; a sealed content stays closed."""
    _need(request, *READERS)
    return _entry(request, pk)


@login_required
@require_POST
def look(request: SignedIn, pk: int) -> HttpResponse:
    """Open a sealed content for an auditor who says why; the look is recorded."""
    _need(request, Role.AUDITOR)
    form = LookForm(request.POST)
    if not form.is_valid():
        return _entry(request, pk, form=form)
    body = moves.look(pk, by=request.user, **form.cleaned_data)
    return _entry(request, pk, body=canonical(body))


def _verification(request: SignedIn, **more: Any) -> HttpResponse:
    last = verify.latest_verification()
    found = (
        [(where, number, Fault(fault).label, detail) for where, number, fault, detail in last.findings] if last else []
    )
    context = {"last": last, "findings": found, "seal": latest_seal(), "form": SealForm(), **more}
    return render(request, "records/verification.html", {**context, "seals": recent_seals()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: SignedIn) -> HttpResponse:
    """What the last verification found; a POST verifies now."""
    if not request.user.may(Right.AUDIT):
        raise NoRight
    if request.method == "POST":
        kept = verify.verify_and_keep()
        text = ngettext("已核验 %(n)d 条记录。", "已核验 %(n)d 条记录。", kept.entries) % {"n": kept.entries}
        flash.success(request, text) if kept.ok else flash.error(request, text)
        return redirect("records:verification")
    return _verification(request)


@login_required
@require_POST
def compare(request: SignedIn) -> HttpResponse:
    """Compare with a seal printed earlier: only that shows a rewriting of the whole."""
    if not request.user.may(Right.AUDIT):
        raise NoRight
    form = SealForm(request.POST)
    if not form.is_valid():
        return _verification(request, form=form)
    lines, ok = verify.report(form.cleaned_data["seal"])
    return _verification(request, form=form, lines=lines, ok=ok)


def waiting(user: User) -> Iterator[Todo]:
    """For the auditor: a chain not verified for a day, or with faults."""
    if not user.may(Right.AUDIT):
        return
    last, url = verify.latest_verification(), reverse("records:verification")
    if last and not last.ok:
        yield Todo(_("查清记录链的问题"), _("上次核验发现不一致的记录。"), None, url, _("去看"))
    elif not last or last.at < timezone.now() - timedelta(days=1):
        why = _("还没有核验过。") if not last else _("上次核验 %(at)s。") % {"at": formats.moment(last.at)}
        yield Todo(_("核验记录链"), why, None, url, _("去核验"))


def beside(user: User) -> Iterator[Panel]:
    """For the auditor: what the last verification found, and the last seal."""
    if not user.may(Right.AUDIT):
        return
    last, seal = verify.latest_verification(), latest_seal()
    if last:
        found = _("记录链完整") if last.ok else _("有不一致的记录")
        note = _("最近的封签：%(seal)s") % {"seal": seal.printed} if seal else ""
        facts = [(found, formats.moment(last.at)), (_("记录"), formats.count(last.entries))]
        yield Panel(_("上次核验"), reverse("records:verification"), facts=facts, note=note)
