"""Where domains register what the cycle calls back: the cycle never imports a domain."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from guildhall.foundation.organisations.models import Unit, User
    from guildhall.foundation.programmes.models import Application, Round

Text = str | Promise

CONFER: dict[str, Callable[["Application"], Any]] = {}
"""By the programme's `confer` key: writes the register's entry of a conferred application, in the same transaction."""

RESULT: dict[str, Callable[["Application"], dict[str, Any]]] = {}
"""By the same key: what the notice and the payout say of an application: tier, sum in fen, rank, group, grade."""

CORRECTED: dict[str, Callable[["Application", dict[str, Any]], dict[str, Any]]] = {}
"""By the same key: what the result of one application would be with these facts in the place of its own, everybody else
standing as released; in the shape of `RESULT`."""

PROGRAMMES: list[Path] = []
"""The programme files that the domains ship."""

STEPWISE = "programmes.stepwise"
"""The key of the cycle's own hooks, for every round that it reviews step by step."""


def hook(table: dict[str, Any], of: "Round") -> Any:
    """The hook of a round's domain, or the cycle's own where the round is reviewed step by step and the domain has
    none. Raises `KeyError` where neither is registered."""
    confer = of.programme.file.confer
    return table[STEPWISE] if of.rules.stepwise and confer not in table else table[confer]


STAGE: dict[str, Callable[["Round"], int]] = {}
"""By the same key: which of the programme's stages the round stands in, from 0."""

READY: dict[str, Callable[["Round"], dict[str, Any]]] = {}
"""Raises a refusal while the round has no complete result; else returns what the decision freezes: its digest."""

DECIDED: dict[str, Callable[["Round"], None]] = {}
"""Called inside the decision, to freeze what was judged."""

OPENED: dict[str, Callable[["Round"], None]] = {}
"""Called inside the opening, so that the domain can lay out its own step."""

FIXED: dict[str, Callable[["Round"], bool]] = {}
"""Whether what the result depends on is sealed already, so that no application may leave any more."""


@dataclass(frozen=True)
class Tab:
    """A part of a round that a domain adds to the round's page."""

    label: Text
    url: str
    count: int | None = None


@dataclass(frozen=True)
class Act:
    """What is to be done next in a round, whose it is and until when. Without `url` the reader only waits for it.

    `post` means that `url` takes the act by POST with a key; else it is a page. The first act that has a `url` is red.
    """

    label: Text
    why: Text = ""
    who: Text = ""
    by: datetime | None = None
    url: str = ""
    post: bool = False


PAGES: dict[str, Callable[["Round", "User"], list[Tab]]] = {}
"""By the programme's `confer` key: the domain's own parts of a round that this reader may open."""

ACTS: dict[str, Callable[["Round", "User"], list[Act]]] = {}
"""By the same key: from the opening to the proposal, the domain's next acts as this reader may know them. Where it
returns none, the cycle goes on with its own: close, start the review, put the result before the leader."""

ELIGIBLE: dict[str, Callable[[date], Iterable["Unit"]]] = {}
"""By the programme's `subject`: the units whose entry of that register is in force on a day."""

HELD: dict[str, Callable[[Collection[int], date], dict[int, list[int]]]] = {}
"""By register: of these units, by id, the years in which an entry of theirs began, up to a day."""

CHOSEN: dict[str, Callable[["Round"], Iterable["Application"]]] = {}
"""By the programme's `confer` key: the applications that a decision would name, read with their units. Without one, all
under review."""

MAY_READ: list[Callable[["User", "Application"], bool]] = []
"""Who beside those in scope may read an application's evidence: an assessor or expert to whom the unit is assigned."""

ARCHIVE: dict[str, Callable[["Round"], list[tuple[str, bytes]]]] = {}
"""By the programme's `confer` key: what a domain lays into a finished round's archive, as (name, bytes): what may leave
the house with it, and nothing that says who judged whom."""

KEPT_BACK: set[str] = {
    "object", "assign_step", "draw_experts", "submit_step", "replace_step", "photograph_step", "remind_step",
}  # fmt: skip
"""Acts that say who objected, or who judged whom: an archive shows their place in the chain, and nothing else of them."""

WORDS: dict[str, Text] = {}
"""What a domain's own acts are called in a round's time line, by the act as it is recorded."""
