"""A person's own pages: the workbench, what they were told, their account, how they read."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.messages.models import Message
from guildhall.foundation.messages.moves import mark_read
from guildhall.foundation.screens import formats, panels, todo
from guildhall.foundation.screens.context import LARGE_COOKIE
from guildhall.web.views import SignedIn

YEAR_SECONDS = 365 * 24 * 3600


@login_required
@require_safe
def workbench(request: SignedIn) -> HttpResponse:
    """What waits, by deadline; the first line says how much and until when."""
    now, waiting = clock.now(), todo.waiting(request.user)
    context = {
        "now": now,
        "first_line": first_line(waiting, now),
        "groups": todo.grouped(waiting, now),
        "waiting": waiting,
        "panels": panels.panels(request.user),
        "tabs": _tabs(request, len(waiting), "workbench"),
    }
    return render(request, "web/workbench.html", context)


def first_line(waiting: list[todo.Todo], now: datetime) -> str:
    """上午好。有 7 件事等您办，最早的一件今天 12:00 截止。"""
    hello = _("上午好。") if now.hour < 12 else _("下午好。") if now.hour < 18 else _("晚上好。")
    if not waiting:
        return hello + _("现在没有事等您办。")
    facts = {"n": len(waiting), "when": formats.moment(waiting[0].due)}
    if waiting[0].due is None:
        line = ngettext("有 %(n)d 件事等您办，都不限时。", "有 %(n)d 件事等您办，都不限时。", len(waiting))
    elif waiting[0].due < now:
        line = ngettext(
            "有 %(n)d 件事等您办，最早的一件%(when)s 已经到期。",
            "有 %(n)d 件事等您办，最早的一件%(when)s 已经到期。",
            len(waiting),
        )
    else:
        line = ngettext(
            "有 %(n)d 件事等您办，最早的一件%(when)s 截止。",
            "有 %(n)d 件事等您办，最早的一件%(when)s 截止。",
            len(waiting),
        )
    return hello + line % facts


def _tabs(request: SignedIn, waiting: int | None, here: str) -> list[dict[str, object]]:
    unread = Message.objects.visible_to(request.user).filter(read_at=None).count()
    return [
        {"label": _("等我办"), "url": "/workbench/", "current": here == "workbench", "count": waiting},
        {"label": _("消息"), "url": "/messages/", "current": here == "messages", "count": unread or None},
    ]


@login_required
@require_safe
def told(request: SignedIn) -> HttpResponse:
    """What the person was told, newest first."""
    rows = Paginator(Message.objects.visible_to(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "web/messages.html", {"rows": rows, "tabs": _tabs(request, None, "messages")})


@login_required
@require_POST
def read(request: SignedIn) -> HttpResponse:
    """Mark all as read."""
    mark_read(request.user)
    flash.success(request, _("都标为已读了。"))
    return redirect("web:messages")


@login_required
@require_safe
def more(request: SignedIn) -> HttpResponse:
    """On a phone: everything that the bar of four has no room for."""
    return render(request, "web/more.html")


@login_required
@require_safe
def account(request: SignedIn) -> HttpResponse:
    """Name, offices in force, password."""
    return render(request, "web/account.html")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Chinese or English, kept in a cookie; back to where the reader was."""
    response = _back(request)
    asked = request.POST.get("language", "")
    if asked in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, asked, max_age=YEAR_SECONDS, samesite="Lax")
    return response


@require_POST
def large_text(request: HttpRequest) -> HttpResponse:
    """大字版 on or off, kept in a cookie; back to where the reader was."""
    response = _back(request)
    on = "1" if request.POST.get("large") == "1" else "0"
    response.set_cookie(LARGE_COOKIE, on, max_age=YEAR_SECONDS, samesite="Lax")
    return response


def _back(request: HttpRequest) -> HttpResponse:
    to = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(to if safe else "/")
