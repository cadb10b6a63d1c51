"""A finished round's archive: ask for it, see how far it is, fetch it."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.programmes.models import Archive, Round, may_archive
from guildhall.foundation.programmes.moves.archive import ask_for_archive
from guildhall.foundation.programmes.registry import WORDS
from guildhall.foundation.programmes.states import ArchiveState, RoundState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.rounds import shown
from guildhall.foundation.records.attachments import serve

TONES: dict[str, str] = {ArchiveState.MADE: "green", ArchiveState.FAILED: "red", ArchiveState.MAKING: "amber"}


def register() -> None:
    """What the acts are called in a round's time line; called once when Django is ready."""
    WORDS.update({"archive.ask": lazy("提出归档"), "archive.make": lazy("导出归档")})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedIn, pk: int) -> HttpResponse:
    """The round's archives, the newest first; POST asks for another one."""
    of = Round.objects.visible_to(request.user).pick(pk)
    if not may_archive(of, request.user):
        raise NoRight
    if request.method == "POST":
        ask_for_archive(pk, by=request.user, key=key_of(request))
        messages.success(request, _("正在导出。可以离开这一页，办好后会通知您。"))
        return redirect("rounds:archive", pk)
    return render(request, "programmes/archive/archive.html", _shown(request, of))


def _shown(request: SignedIn, of: Round) -> dict[str, object]:
    rows = Archive.objects.visible_to(request.user).filter(round=of).select_related("attachment", "asked_by__person")
    archives = [(row, TONES.get(row.state, "")) for row in rows[:50]]
    going_on = any(row.state in (ArchiveState.WAITING, ArchiveState.MAKING) for row, _tone in archives)
    finished = of.state == RoundState.FINISHED
    facts = {"archives": archives, "going_on": going_on, "finished": finished, "ask_key": uuid4()}
    return shown(request, of.pk, "archive", of=of, **facts)


@login_required
@require_safe
def download(request: SignedIn, pk: int) -> FileResponse:
    """The archive's file."""
    archive = Archive.objects.visible_to(request.user).pick(pk)
    assert archive.attachment is not None
    return serve(archive.attachment)
