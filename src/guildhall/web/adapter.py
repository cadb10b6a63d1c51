"""How accounts come about: officers make them; nobody signs up at the door."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.moves import choose_password


class ClosedDoors(DefaultAccountAdapter):  # type: ignore[misc]  # The library carries no types.
    """Sign-up is closed, and messages about signing in are left to our pages."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """A password that its owner chose."""
        choose_password(user, password)

    def add_message(self, *args: object, **kwargs: object) -> None:
        """The library's own greetings are not shown: the workbench says what waits."""
