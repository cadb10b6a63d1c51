"""Who may act where."""

from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import Right


def require(user: User, right: Right, *, at: Union) -> None:
    """Raise `NoRight` unless an office of the user in force gives `right` at `at` or above it."""
    if not user.may(right, at):
        raise NoRight
