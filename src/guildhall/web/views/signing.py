"""Signing out, passwords, and the doors that are closed."""

from allauth.account.views import LoginView, PasswordChangeView
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.errors import NotHere

sign_in = LoginView.as_view(template_name="web/sign_in.html")
password = PasswordChangeView.as_view(template_name="web/password.html", success_url=reverse_lazy("web:account"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; only a POST does."""
    logout(request)
    return redirect("web:front")


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """The account stands still; whom to ask."""
    return render(request, "web/inactive.html")


def closed(request: HttpRequest) -> HttpResponse:
    """Accounts are made by officers: nobody signs up here."""
    raise NotHere
