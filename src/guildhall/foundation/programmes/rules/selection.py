"""What the last step gives, as plain functions: who is chosen, in which class, for how much, and who follows in reserve.

Scores are micro-points, sums fen: integers throughout, so nothing depends on a rounding that is not written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from guildhall.foundation.programmes.schema import Cut, Selection


@dataclass(frozen=True)
class Candidate:
    """An application before the selection. `ties` are its scores in the order by which a tie is decided."""

    pk: int
    score: int | None
    submitted_at: datetime
    passed: bool = True
    asks_fen: int = 0
    ties: tuple[int, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Placed:
    """Where an application came in: `place` is its class from 0, `reserve` its turn from 1."""

    pk: int
    rank: int | None
    chosen: bool
    place: int | None = None
    reserve: int | None = None
    sum_fen: int = 0


def in_order(rows: Sequence[Candidate]) -> list[Candidate]:
    """The best first: by score, then by the scores that decide a tie, then who came first, then the earlier entry."""
    return sorted(rows, key=lambda row: (-(row.score or 0), tuple(-one for one in row.ties), row.submitted_at, row.pk))


def go_on(cut: Cut, rows: Sequence[Candidate]) -> set[int]:
    """Who of those that passed a step goes on, by its cut: the best `top`, of each group, or all of at least `score`."""
    passed = in_order([row for row in rows if row.passed])
    if cut.score is not None:
        return {row.pk for row in passed if (row.score or 0) >= int(cut.score * 1_000_000)}
    if cut.top is None:
        return {row.pk for row in passed}
    if not cut.by:
        return {row.pk for row in passed[: cut.top]}
    groups = {row.group for row in passed}
    return {row.pk for group in groups for row in [one for one in passed if one.group == group][: cut.top]}


def select(selection: Selection, rows: Sequence[Candidate]) -> list[Placed]:
    """The outcome of a round: one `Placed` for each row, in order. Those that did not pass come last, unranked."""
    passed, rest = in_order([row for row in rows if row.passed]), [row for row in rows if not row.passed]
    chooser = {
        "classes": _classes, "threshold": _threshold, "each": _each, "first_come": _first_come, "pro_rata": _pro_rata,
    }[selection.kind]  # fmt: skip
    placed = _with_reserve(selection, chooser(selection, passed))
    return placed + [Placed(row.pk, None, chosen=False) for row in sorted(rest, key=lambda row: row.pk)]


def _with_reserve(selection: Selection, placed: list[Placed]) -> list[Placed]:
    """The first so many of those not chosen, in their order, may move up."""
    turns = iter(range(1, selection.reserve + 1))
    return [row if row.chosen else replace(row, reserve=next(turns, None)) for row in placed]


def _classes(selection: Selection, rows: list[Candidate]) -> list[Placed]:
    seats = [place for place, one in enumerate(selection.classes) for _ in range(one.seats)]
    found = []
    for n, row in enumerate(rows):
        place = seats[n] if n < len(seats) else None
        fen = selection.classes[place].sum_fen if place is not None else 0
        found.append(Placed(row.pk, n + 1, place is not None, place, sum_fen=fen))
    return found


def _threshold(selection: Selection, rows: list[Candidate]) -> list[Placed]:
    least = int((selection.score or 0) * 1_000_000)
    return [
        Placed(row.pk, n, (row.score or 0) >= least, sum_fen=selection.sum_fen if (row.score or 0) >= least else 0)
        for n, row in enumerate(rows, 1)
    ]


def _each(selection: Selection, rows: list[Candidate]) -> list[Placed]:
    return [Placed(row.pk, n, chosen=True, sum_fen=selection.sum_fen) for n, row in enumerate(rows, 1)]


def _first_come(selection: Selection, rows: list[Candidate]) -> list[Placed]:
    """In the order of submission until the next no longer fits: nobody is passed over for asking less."""
    left, found, full = selection.cap_fen or 0, [], False
    for n, row in enumerate(sorted(rows, key=lambda one: (one.submitted_at, one.pk)), 1):
        wants = row.asks_fen or selection.sum_fen
        full = full or wants > left
        left -= 0 if full else wants
        found.append(Placed(row.pk, n, not full, sum_fen=0 if full else wants))
    return found


def _pro_rata(selection: Selection, rows: list[Candidate]) -> list[Placed]:
    """All they ask where the cap reaches; else each the same share of it, rounded down to the policy's step."""
    asked, cap, step = sum(row.asks_fen for row in rows), selection.cap_fen or 0, selection.step_fen
    return [
        Placed(
            row.pk, n, chosen=True, sum_fen=row.asks_fen if asked <= cap else row.asks_fen * cap // asked // step * step
        )
        for n, row in enumerate(rows, 1)
    ]


def placed_anew(
    level: int | None,
    *,
    before: tuple[int, ...],
    after: tuple[int, ...],
    others: Sequence[tuple[tuple[int, ...], int | None]],
) -> int | None:
    """The class of one application whose score was corrected, all others standing as released (page 9, objections).

    Keys compare as scores do, the larger first. Who rises takes the class of the best it now beats, and never loses its
    own; who falls keeps its class until somebody of a lower one is ahead, then takes that of the best it still beats.
    Seats stay as released: nobody else moves, and a class may so count one more or one less.
    """
    least = 10**9

    def number(one: int | None) -> int:
        return least if one is None else one

    beaten = min((number(one) for key, one in others if key < after), default=least)
    own = number(level)
    if after >= before:
        found = min(own, beaten)
    else:
        overtaken = any(key > after and number(one) > own for key, one in others)
        found = beaten if overtaken else own
    return None if found == least else found
