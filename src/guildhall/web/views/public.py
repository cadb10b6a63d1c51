"""What anyone may read: the front page, the notices now open, and checking a code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guildhall.foundation.screens import public


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Name and level on top, the notices now open, a code to check."""
    return render(request, "web/front.html", {"notices": public.open_notices()})


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The notices now open."""
    crumbs = [(_("首页"), "/"), (_("公示公告"), "")]
    return render(request, "web/notices.html", {"notices": public.open_notices(), "crumbs": crumbs})


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """What a check code stands for, or that nothing of ours carries it."""
    code = request.GET.get("code", "").strip()[:40]
    facts = {"code": code, "found": public.check(code) if code else [], "crumbs": [(_("首页"), "/"), (_("核验"), "")]}
    return render(request, "web/check.html", facts)
