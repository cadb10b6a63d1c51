"""What the form pages of this room share."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guildhall.foundation.errors import NoRight, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right


class SignedIn(HttpRequest):
    """A request past `login_required`."""

    user: User


def need(request: SignedIn, right: Right) -> None:
    """Raise `NoRight` before a form is shown that could not be sent."""
    if not request.user.may(right):
        raise NoRight


def sent(request: SignedIn, form: forms.Form, act: Callable[..., Any]) -> Any:
    """What `act` gave for the form's values, or None: the form then says what is wrong and keeps all that was filled in.

    A refusal about scope or right goes on to the middleware.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return act(**form.cleaned_data, by=request.user) or True
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.add_error(None, str(refusal))
        return None


def form_page(
    request: SignedIn, form: forms.Form, title: str, button: str, *, lead: str = "", note: str = "",
    crumbs: Sequence[tuple[object, str]] = (), template: str = "organisations/form.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """The form's page; 422 where it was sent and did not pass."""
    context = {"form": form, "title": title, "button": button, "lead": lead, "note": note, "crumbs": crumbs, **more}
    return render(request, template, context, status=422 if form.errors else 200)
