"""The cycle's pages: rounds, applications, notices, objections."""

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import BadInput, NotHere
from guildhall.foundation.organisations.views.pages import SignedIn

__all__ = ["SignedIn", "id_of", "key_of"]


def key_of(request: HttpRequest) -> UUID:
    """The submission's key: the same one again does nothing twice."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadInput(what=_("页面过期了，请刷新再提交。")) from None


def id_of(text: str) -> int:
    """An id that a form brought. Raises `NotHere` for anything that no row can have."""
    if not text.isdecimal() or len(text) > 18:
        raise NotHere
    return int(text)
