"""The list of documents, one document, its files, its revocation."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.documents import moves, rendering
from guildhall.foundation.documents.forms import RevokeForm
from guildhall.foundation.documents.models import Document, runs_the_office, years
from guildhall.foundation.documents.states import READS, DocumentKind, DocumentState
from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import User
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.records.states import MEDIA_TYPES, AttachmentKind, act_label
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.templatetags.screens import tag


class SignedIn(HttpRequest):
    """A request past `login_required`."""

    user: User


def _state(row: Document) -> object:
    return tag(row.get_state_display(), "red" if row.state == DocumentState.REVOKED else "green")


class DocumentList(lists.ListPage):
    """Documents in the reader's scope, the latest numbers first."""

    title = gettext_lazy("文书")
    noun = gettext_lazy("份")
    search = ("number", "title")
    search_label = gettext_lazy("编号、标题")
    order = "-number"
    empty = gettext_lazy("还没有文书。公示发布、结果审定、证书制发时，这里自动登记。")
    columns = (
        lists.Column(
            key="number", label=gettext_lazy("编号"), sort=("year", "ordinal"),
            link=lambda row: reverse("documents:page", args=[row.pk]),
        ),
        lists.Column(key="title", label=gettext_lazy("标题"), sort="title"),
        lists.Column(
            key="kind", label=gettext_lazy("种类"), value="get_kind_display", sort="kind", folds_with="kind"
        ),
        lists.Column(key="union", label=gettext_lazy("发文单位"), value=lambda row: "、".join(row.seals)),
        lists.Column(key="issued_at", label=gettext_lazy("制发时间"), kind=lists.Kind.MOMENT, sort="issued_at"),
        lists.Column(
            key="state", label=gettext_lazy("状态"), value="get_state_display", show=_state, sort="state",
            folds_with="state", phone="right",
        ),
        lists.Column(key="short", label=gettext_lazy("摘要"), hidden=True),
    )  # fmt: skip
    filters = (
        lists.Choice(key="kind", label=gettext_lazy("种类"), options=DocumentKind.choices),
        lists.Choice(key="state", label=gettext_lazy("状态"), options=DocumentState.choices),
        lists.Choice(key="year", label=gettext_lazy("年份"), options=years),
    )


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """The documents that the reader's offices cover."""
    if not any(request.user.may(right) for right in READS):
        raise NoRight
    rows = Document.objects.visible_to(request.user).select_related("union")
    office = [
        lists.Act(label=_("编号系列"), url=reverse("documents:series")),
        lists.Act(label=_("Word 模板"), url=reverse("documents:templates")),
    ]
    return lists.page(request, DocumentList, rows, acts=office if runs_the_office(request.user) else [])


def _page(request: SignedIn, pk: int, *, status: int = 200, **more: Any) -> HttpResponse:
    document = Document.objects.visible_to(request.user).told().pick(pk)
    context = {
        "document": document, "entries": _entries(document), "form": RevokeForm(), "facts": _facts(document),
        "rare": rendering.lacks_rare(), "may_revoke": document.may_revoke(request.user), "revoked": document.state == DocumentState.REVOKED,
        "crumbs": [(_("文书"), reverse("documents:index")), (document.number, "")],
        "check_url": request.build_absolute_uri(f"{reverse('web:check')}?code={document.check_code}"), **more,
    }  # fmt: skip
    return render(request, "documents/document.html", context, status=status)


def _facts(document: Document) -> list[tuple[str, object]]:
    return [
        (_("编号"), document.number),
        (_("种类"), document.get_kind_display()),
        (_("制发时间"), formats.moment_table(document.issued_at)),
        (_("经办"), str(document.issued_by or _("到时自动制发"))),
        (_("内容摘要"), document.digest),
    ]


def _entries(document: Document) -> list[dict[str, object]]:
    rows = list(document.decisions())[::-1]
    return [
        {
            "at": row.business_at, "who": row.actor_name if row.actor_id else "", "say": row.note,
            "what": str(act_label(row.act, row.subject)), "kind": "now" if number == 0 else "",
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip


@login_required
@require_safe
def page(request: SignedIn, pk: int) -> HttpResponse:
    """One document: its files, its issuers, its line, and how to take it back."""
    return _page(request, pk)


def served_paper(document: Document, by: User | None) -> FileResponse:
    """The PDF, printed now where it was issued without a font; the caller has checked who asks. Raises `NoFont`."""
    file = document.file or moves.print_out(document.pk, by=by).file
    assert file is not None  # Printed, or refused.
    return serve(file)


def served_word(document: Document) -> HttpResponse:
    """The Word file, written now; the caller has checked who asks."""
    name = content_disposition_header(True, f"{document.number}.docx") or ""
    kind = MEDIA_TYPES[AttachmentKind.DOCX]
    return HttpResponse(moves.word_of(document), content_type=kind, headers={"Content-Disposition": name})


@login_required
@require_safe
def paper(request: SignedIn, pk: int) -> FileResponse:
    """The PDF."""
    return served_paper(Document.objects.visible_to(request.user).told().pick(pk), request.user)


@login_required
@require_safe
def word(request: SignedIn, pk: int) -> HttpResponse:
    """The Word file, for the office to edit and print."""
    return served_word(Document.objects.visible_to(request.user).told().pick(pk))


@login_required
@require_POST
def revoke(request: SignedIn, pk: int) -> HttpResponse:
    """Take a document back, with the reason that the public will read."""
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, status=422, form=form)
    moves.revoke(pk, by=request.user, **form.cleaned_data)
    flash.success(request, _("已作废。核验它的人会看到作废时间和原因。"))
    return redirect("documents:page", pk)
