"""Refusals, missing pages and faults, each rendered as a page that says what happened, what is kept and what to do."""

import secrets
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NoRight, NotHere, Refusal

Answer = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)
LOCK_NOT_AVAILABLE = "55P03"
SWAP_ABOVE = {"HX-Retarget": "#gh-alerts", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
SPARE_BYTES = 1024 * 1024
"""Beside the largest file, what a form's other fields may weigh."""


class TooLarge(Refusal):
    """More was sent than is taken; nothing of it was read."""

    code = "screens.too-large"
    message = _("传来的内容超过 %(limit)d MB，没有收下。请压缩或分开后再传。")
    status = 413


class TooManyTries(Refusal):
    """Signing in was tried too often from here, or for this name."""

    code = "screens.too-many-tries"
    message = _("试得太多了。请等 5 分钟再登录。")
    status = 429


class BusyHere(Refusal):
    """Somebody else holds the same row; waiting longer helps nobody."""

    code = "screens.busy"
    message = _("别人正在办同一件事，这次没有写入。请过几秒再提交。")


class Refusals:
    """Gives each request a number to quote, refuses what is too large unread, and renders what went wrong."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, with its number in a header."""
        number = secrets.token_hex(3).upper()
        request.gh_number = number  # type: ignore[attr-defined]  # Django lets a request carry what a middleware found.
        with structlog.contextvars.bound_contextvars(number=number):
            limit = settings.ATTACHMENT_MAX_BYTES + SPARE_BYTES
            too_large = TooLarge(limit=limit // 1024**2) if _length(request) > limit else None
            response = refuse(request, too_large) if too_large else self.get_response(request)
            if response.status_code == TooManyTries.status:  # The sign-in library's own page.
                response = refuse(request, TooManyTries())
        response.headers["X-Request-Number"] = number
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """A page for a refusal, a missing page or a fault of ours."""
        if isinstance(exception, Refusal):
            return refuse(request, exception)
        if isinstance(exception, Http404):
            return refuse(request, NotHere())
        if isinstance(exception, PermissionDenied):
            return refuse(request, NoRight())
        if isinstance(exception, RequestDataTooBig):
            return refuse(request, TooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2))
        if isinstance(exception, OperationalError) and _sqlstate(exception) == LOCK_NOT_AVAILABLE:
            return refuse(request, BusyHere())
        got_request_exception.send(sender=type(self), request=request)
        log.error("fault", path=request.path, exc_info=exception)
        return render(request, "500.html", {"number": number_of(request)}, status=500)


def refusals(get_response: Answer) -> Refusals:
    """The middleware, by the name the settings know."""
    return Refusals(get_response)


def number_of(request: HttpRequest) -> str:
    """The number a person quotes when asking for help."""
    return str(getattr(request, "gh_number", "–"))


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal's sentence and number: a page, or a box above the page for htmx."""
    facts = {"sentence": str(refusal), "code": refusal.code, "status": refusal.status, "number": number_of(request)}
    if getattr(request, "htmx", False):
        response = render(request, "screens/parts/refusal.html", facts, status=refusal.status)
        for name, value in SWAP_ABOVE.items():
            response.headers[name] = value
        return response
    name = "404.html" if refusal.status == 404 else "screens/refusal.html"
    return render(request, name, facts, status=refusal.status)


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def _sqlstate(error: OperationalError) -> str:
    return str(getattr(error.__cause__, "sqlstate", ""))
