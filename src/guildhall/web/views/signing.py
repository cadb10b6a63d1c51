"""Signing out, passwords, and the doors that are closed."""

from typing import Any

from allauth.account.views import LoginView, PasswordChangeView
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.errors import NotHere

sign_in = LoginView.as_view(template_name="web/sign_in.html")


class ChangePassword(PasswordChangeView):  # type: ignore[misc]  # The library carries no types.
    """Choosing a password; whoever came with a one-time one goes on to the workbench, others back to their account."""

    template_name = "web/password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Note what the old password was before it is gone."""
        self.came_with_one_time = form.user.must_change_password
        answer: HttpResponse = super().form_valid(form)
        return answer

    def get_default_success_url(self) -> str:
        """Where the person goes on."""
        return reverse("web:workbench" if self.came_with_one_time else "web:account")


password = ChangePassword.as_view()


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
