"""The navigation: domains add their entries, a person sees what their appointments open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

Text = str | Promise
MOST = 13
"""Entries a person sees at most; the rest is reached from pages."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place in the navigation. No `roles` means everyone signed in; `tab` asks for a place in the phone's bar."""

    label: Text
    url_name: str
    icon: str
    section: Text = ""
    roles: Collection[str] = ()
    order: int = 50
    tab: bool = False
    short: Text = ""  # On the phone's bar.
    url: str = field(default="", compare=False)

    def opens_for(self, roles: Collection[str]) -> bool:
        """Whether one of the person's roles opens it."""
        return not self.roles or any(str(role) in roles for role in map(_plain, self.roles))


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    label: Text
    entries: tuple["Place", ...]


@dataclass(frozen=True)
class Place:
    """An entry with its address, and whether the reader stands in it."""

    label: Text
    icon: str
    url: str
    current: bool
    tab: bool
    short: Text
    section: Text


_entries: list[Entry] = []
_held: dict[str, str] = {}


def register(entry: Entry) -> None:
    """Add an entry once; called from an app's `ready()`."""
    if entry not in _entries:
        _entries.append(entry)
        _entries.sort(key=lambda one: one.order)


def hold(prefix: str, url_name: str) -> None:
    """Let the pages whose address begins with `prefix` stand under another's entry, where the reader has that entry."""
    _held[prefix] = url_name


def _plain(role: object) -> str:
    return str(getattr(role, "value", role))


def places(roles: Iterable[object], path: str) -> list[Place]:
    """What the roles open, in order. The entry with the longest beginning of `path` is where the reader stands."""
    held = {_plain(role) for role in roles}
    opened = [(entry, _address(entry)) for entry in _entries if entry.opens_for(held)]
    opened = [(entry, url) for entry, url in opened if url][:MOST]
    here = _here({entry.url_name: url for entry, url in opened}, path)
    return [
        Place(entry.label, entry.icon, url, url == here, entry.tab, entry.short or entry.label, entry.section)
        for entry, url in opened
    ]


def _here(opened: dict[str, str], path: str) -> str:
    """The address of the entry under which the page stands."""
    begins = {url: url for url in opened.values()} | {
        prefix: opened[name] for prefix, name in _held.items() if name in opened
    }
    longest = max((begin for begin in begins if path.startswith(begin)), key=len, default="")
    return begins.get(longest, "")


def _address(entry: Entry) -> str:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return ""  # Not built: not shown.


def sections(found: list[Place]) -> list[Section]:
    """The places under their headings, headings in the order of their first entry."""
    order = list(dict.fromkeys(str(place.section) for place in found))
    by_section = sorted(found, key=lambda place: order.index(str(place.section)))
    return [Section(label, tuple(group)) for label, group in groupby(by_section, key=lambda place: str(place.section))]
