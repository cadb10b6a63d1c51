"""Word templates: what is in force, the versions before, replacing and restoring."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.documents import moves, rendering
from guildhall.foundation.documents.forms import TemplateForm
from guildhall.foundation.documents.models import Template, in_force, runs_the_office
from guildhall.foundation.documents.rendering.word import WORDS
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.errors import NoRight, NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.records.states import MEDIA_TYPES, AttachmentKind
from guildhall.foundation.screens.forms import KeyedForm


class SignedIn(HttpRequest):
    """A request past `login_required`."""

    user: User


def _kind(request: SignedIn, kind: str) -> DocumentKind:
    if not runs_the_office(request.user):
        raise NoRight
    if kind not in DocumentKind.values:
        raise NotHere
    return DocumentKind(kind)


def _index(request: SignedIn, *, status: int = 200, **more: Any) -> HttpResponse:
    if not runs_the_office(request.user):
        raise NoRight
    versions: dict[str, list[Template]] = {kind.value: [] for kind in DocumentKind}
    for row in Template.objects.visible_to(request.user).select_related("file", "put_by__person"):
        versions[row.kind].append(row)
    context = {
        "rows": [(kind, versions[kind.value], TemplateForm(auto_id=f"id_{kind.value}_%s")) for kind in DocumentKind],
        "words": list(WORDS.items()),
        "crumbs": [(_("文书"), reverse("documents:index")), (_("Word 模板"), "")], **more,
    }  # fmt: skip
    return render(request, "documents/templates.html", context, status=status)


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """Each kind's template, with its versions."""
    return _index(request)


@login_required
@require_POST
def replace(request: SignedIn, kind: str) -> HttpResponse:
    """Put an uploaded template in force."""
    of, form = _kind(request, kind), TemplateForm(request.POST, request.FILES, auto_id=f"id_{kind}_%s")
    if not form.is_valid():
        return _index(request, status=422, wrong=of, form=form)
    moves.replace_template(of, form.cleaned_data["file"], by=request.user, key=form.cleaned_data["key"])
    flash.success(request, _("模板已经换上，以后导出的 Word 都用它。"))
    return redirect("documents:templates")


@login_required
@require_POST
def restore(request: SignedIn, kind: str) -> HttpResponse:
    """Put the house's own template in force again."""
    of, form = _kind(request, kind), KeyedForm(request.POST)
    if not form.is_valid():
        return _index(request, status=422)
    moves.restore_template(of, by=request.user, key=form.cleaned_data["key"])
    flash.success(request, _("已经恢复原来的模板。"))
    return redirect("documents:templates")


@login_required
@require_safe
def now(request: SignedIn, kind: str) -> HttpResponse | FileResponse:
    """The template in force, to begin one's own from."""
    of = _kind(request, kind)
    own = in_force(of)
    if own and own.file:
        return serve(own.file)
    name = content_disposition_header(True, f"{of.label}.docx") or ""
    media = MEDIA_TYPES[AttachmentKind.DOCX]
    return HttpResponse(rendering.default_word(of.value), content_type=media, headers={"Content-Disposition": name})


@login_required
@require_safe
def version(request: SignedIn, pk: int) -> FileResponse:
    """A version of a template that was put in."""
    if not runs_the_office(request.user):
        raise NoRight
    row = Template.objects.visible_to(request.user).select_related("file").pick(pk)
    if row.file is None:
        raise NotHere
    return serve(row.file)
