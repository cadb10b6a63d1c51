"""Whoever signed in with a one-time password chooses an own one before anything else."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

Answer = Callable[[HttpRequest], HttpResponse]
OPEN = ("account_change_password", "account_logout")
"""All that is answered with a one-time password: choosing another one, and leaving."""


class OwnPasswordFirst:
    """Leads every request of such a person to the page where the password is chosen."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to the page."""
        user = request.user
        if not (user.is_authenticated and user.must_change_password) or _is_open(request.path):
            return self.get_response(request)
        door = reverse("account_change_password")
        if getattr(request, "htmx", False):
            return HttpResponse(headers={"HX-Redirect": door})
        return redirect(door)


def own_password_first(get_response: Answer) -> OwnPasswordFirst:
    """The middleware, by the name the settings know."""
    return OwnPasswordFirst(get_response)


def _is_open(path: str) -> bool:
    return path in {reverse(name) for name in OPEN} or path.startswith(f"/{settings.STATIC_URL.lstrip('/')}")
