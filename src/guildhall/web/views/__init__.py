"""The shell's pages."""

from django.http import HttpRequest

from guildhall.foundation.organisations.models import User


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: User
