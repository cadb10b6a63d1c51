"""The ledger as a person would keep it: one item after the other, in plain Python. What `post` must equal."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guildhall.foundation.ledger.rules import Item


@dataclass
class Book:
    """One account."""

    floor: int
    posted: int = 0
    reserved: int = 0
    incoming: int = 0
    closed: bool = False


@dataclass
class Row:
    """What a key got: its first answer, and the item that asked."""

    code: int
    item: Item
    debit: int | None = None
    credit: int | None = None
    amount: int | None = None


def body(item: Item) -> tuple[object, ...]:
    return item.debit, item.credit, item.amount, item.phase, item.settles, item.expires_at, item.memo


class Sequential:
    """Accounts, answers by key, and which holds are settled."""

    def __init__(self, books: dict[int, Book]) -> None:
        self.books = books
        self.rows: dict[UUID, Row] = {}
        self.settled: set[UUID] = set()

    def post(self, items: list[Item], now: datetime) -> list[tuple[int, bool]]:
        """Answers as (code, duplicate)."""
        seen: list[tuple[UUID | None, bool]] = []  # None: the key was another's.
        start = 0
        while start < len(items):
            end = start
            while items[end].linked and end + 1 < len(items):
                end += 1
            seen += self.chain(items[start : end + 1], now)
            start = end + 1
        return [(1, False) if key is None else (self.rows[key].code, twice) for key, twice in seen]

    def chain(self, items: list[Item], now: datetime) -> list[tuple[UUID | None, bool]]:
        """One item, or all of a chain or none. A batch that ends linked leaves its last chain open."""
        is_chain, is_open = len(items) > 1 or items[-1].linked, items[-1].linked
        before, seen, fresh, failed = deepcopy((self.books, self.settled)), [], [], False
        for place, item in enumerate(items):
            known = self.rows.get(item.key)
            if known:
                same = body(known.item) == body(item)
                seen.append((item.key if same else None, same))
                code = known.code if same else 1
            else:
                code = 10 if failed else 11 if is_open and place == len(items) - 1 else self.refused(item, now)
                self.rows[item.key] = Row(code, item)
                if not code:
                    self.move(item)
                fresh.append(item.key)
                seen.append((item.key, False))
            failed = failed or code != 0
        if is_chain and (failed or is_open):
            self.books, self.settled = before
            for key in fresh:
                self.rows[key].code = self.rows[key].code or 10
        return seen

    def refused(self, item: Item, now: datetime) -> int:
        """The checks, in their order."""
        if item.settles is not None:
            return self.refused_settling(item, now)
        odd = item.amount is None or not 0 < item.amount <= 10**15 or item.debit == item.credit
        if odd or item.phase == "voided" or (item.expires_at and item.phase != "pending"):
            return 2
        sides = [self.books.get(item.debit), self.books.get(item.credit)]
        if None in sides:
            return 3
        if any(book.closed for book in sides):
            return 4
        if item.expires_at and item.expires_at <= now:
            return 5
        return 6 if item.amount > sides[0].posted - sides[0].reserved - sides[0].floor else 0

    def refused_settling(self, item: Item, now: datetime) -> int:
        odd = item.debit is not None or item.credit is not None or item.expires_at or item.phase == "pending"
        if odd or (item.phase == "posted") != (item.amount is not None):
            return 2
        if item.amount is not None and not 0 < item.amount <= 10**15:
            return 2
        held = self.rows.get(item.settles)
        if held is None or held.code or held.item.phase != "pending":
            return 7
        if item.settles in self.settled:
            return 8
        if item.phase == "posted" and held.item.expires_at and held.item.expires_at <= now:
            return 5
        return 9 if (item.amount or 0) > held.item.amount else 0

    def move(self, item: Item) -> None:
        source = self.rows[item.settles].item if item.settles else item
        debit, credit, row = self.books[source.debit], self.books[source.credit], self.rows[item.key]
        row.debit, row.credit, row.amount = source.debit, source.credit, item.amount or source.amount
        if item.settles:
            self.settled.add(item.settles)
            debit.reserved -= source.amount
            credit.incoming -= source.amount
        if item.phase == "posted":
            debit.posted -= item.amount
            credit.posted += item.amount
        if item.phase == "pending":
            debit.reserved += item.amount
            credit.incoming += item.amount
