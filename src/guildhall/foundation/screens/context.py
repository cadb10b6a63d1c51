"""What every shell needs beside its page: navigation, the reader's office, the switches, the demonstration's banner."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from guildhall.foundation import clock
from guildhall.foundation.screens import formats, navigation, public

LARGE_COOKIE = "gh_large"
SETS_THE_CLOCK = ("federation_officer",)
"""Who may set the demonstration's time forward, and so sees the link."""


@dataclass
class Shell:
    """Read by the shells' templates; each part is found when first asked for, so a bare page asks for nothing."""

    request: HttpRequest

    @cached_property
    def offices(self) -> Sequence[Any]:
        """The reader's appointments in force."""
        return getattr(getattr(self.request, "user", None), "offices", ())

    @cached_property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return bool(getattr(getattr(self.request, "user", None), "is_authenticated", False))

    @cached_property
    def office(self) -> str:
        """The first office's union and title, said beside the name."""
        first = self.offices[0] if self.offices else None
        return f"{first.union} {first.title or first.get_role_display()}" if first else ""

    @cached_property
    def union(self) -> str:
        """The union of the first office, else the federation."""
        return str(self.offices[0].union) if self.offices else settings.FEDERATION_NAME

    @cached_property
    def places(self) -> list[navigation.Place]:
        """The navigation that the appointments open."""
        roles = [office.role for office in self.offices]
        return navigation.places(roles, self.request.path) if self.signed_in else []

    @cached_property
    def sections(self) -> list[navigation.Section]:
        """The navigation under its headings."""
        return navigation.sections(self.places)

    @cached_property
    def tabs(self) -> list[navigation.Place]:
        """The phone's bar: at most three, those that ask first; 更多 is the fourth."""
        wanted = [place for place in self.places if place.tab]
        rest = [place for place in self.places if not place.tab]
        chosen = (wanted + rest)[:3]
        return [place for place in self.places if place in chosen]

    @cached_property
    def more_current(self) -> bool:
        """Whether the reader stands in none of the bar's tabs."""
        return not any(tab.current for tab in self.tabs)

    @property
    def public_places(self) -> list[tuple[str, str, bool]]:
        """The public top bar: label, address, and whether the reader stands there."""
        found = [(str(place.label), _address(place.url_name)) for place in public.places()]
        here = max((url for _, url in found if url and self.request.path.startswith(url)), key=len, default="")
        return [(label, url, url == here) for label, url in found if url]

    @property
    def large(self) -> bool:
        """Whether the reader chose 大字版."""
        return self.request.COOKIES.get(LARGE_COOKIE) == "1"

    @property
    def english(self) -> bool:
        """Whether the page is in English."""
        return (get_language() or "").startswith("en")

    @property
    def lang(self) -> str:
        """The page's language tag."""
        return "en" if self.english else "zh-CN"

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration."""
        return settings.DEMO

    @property
    def business_time(self) -> str:
        """The time of business, year included."""
        now = clock.now()
        return f"{formats.day_full(now)} {formats.clock_time(now)}"

    @property
    def clock_url(self) -> str:
        """Where the time of business is set forward, for those who may."""
        may = any(str(office.role) in SETS_THE_CLOCK for office in self.offices)
        return _address("web:clock") if self.demo and may else ""

    @property
    def federation(self) -> str:
        """The federation's name."""
        return settings.FEDERATION_NAME

    @property
    def contact(self) -> str:
        """The federation's office phone."""
        return settings.FEDERATION_CONTACT

    home_url = property(lambda self: _address("web:workbench" if self.signed_in else "web:front"))
    front_url = property(lambda self: _address("web:front"))
    more_url = property(lambda self: _address("web:more"))
    account_url = property(lambda self: _address("web:account"))
    large_url = property(lambda self: _address("web:large_text"))
    language_url = property(lambda self: _address("web:language"))
    login_url = property(lambda self: _address("account_login"))
    logout_url = property(lambda self: _address("account_logout"))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, object]:
    """The context processor."""
    return {"shell": Shell(request)}
