"""Writes the pages of `docs/` that are drawn from the code: `python -m tests.contract.documents`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
AGAIN = "python -m tests.contract.documents"
HEAD = f"<!-- Drawn from the code by `{AGAIN}`; a test compares. Change the code, not this page. -->"


def main() -> None:
    """Write every generated page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.config.settings")
    os.environ.setdefault("GUILDHALL_TESTING", "1")
    import django

    django.setup()
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Each generated page by its name."""
    from django.utils import translation

    from tests.contract import programme_file

    with translation.override("zh-hans"):
        vocabulary = f"{HEAD}\n\n{programme_file.page()}\n"
        return {"access.md": _access(), "programme-file.md": vocabulary, "states.md": _states()}


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# Access ---------------------------------------------------------------------------------------------------------------


def _access() -> str:
    """Offices and their rights, then every address as everybody."""
    from guildhall.foundation.organisations.rules.offices import SEATS
    from guildhall.foundation.organisations.states import ALLOWS, Right, Role, UnionKind
    from tests.contract import matrix

    head = ("office", "sits at", *(f"`{right.value}`<br>{right.label}" for right in Right))
    offices = (
        (f"`{role.value}`<br>{role.label}", UnionKind(SEATS[role]).label, *("●" if right in ALLOWS[role] else "" for right in Right))
        for role in Role
    )  # fmt: skip
    tables = (f"### {path.stem}\n\n```\n{path.read_text(encoding='utf-8').strip()}\n```" for path in matrix.areas())
    return "\n\n".join((
        HEAD, "# Who may do what",
        ("An office gives its rights over the union it is held at and over all below it. Rows are reached through "
        "`visible_to(user)` alone: what is out of scope is 404, what is in scope without the right is 403."),
        "## Offices and rights", _table(head, offices),
        "## Every address as everybody",
        ("`tests/contract/test_access.py` asks each of these; an address without a row fails it. A prime is the same office "
        "one place over: the right role in the wrong place. After a slash stands which of several things a row points at. "
        "SECRET is the row that could leak."),
        _table(("cell", "means"), ((f"`{word}`", said) for word, said in matrix.CELLS.items())),
        *tables,
    )) + "\n"  # fmt: skip


# States ---------------------------------------------------------------------------------------------------------------


def _states() -> str:
    """Each thing that has states: the states, the moves, and a drawing."""
    return "\n\n".join((
        HEAD, "# States and moves",
        "Each table is one dictionary in a `states.py`; no state changes by any other road.",
        *_machines(), "## States without a table of their own",
        ("One move leads to each, named where it is made: an account is checked or refused, an objection upheld or "
        "dismissed, a sheet submitted or locked."), *_enums(),
    )) + "\n"  # fmt: skip


def _machines() -> Iterator[str]:
    from guildhall.foundation.documents import states as papers
    from guildhall.foundation.programmes import states as cycle
    from guildhall.reform.assessment import states as step
    from guildhall.reform.pilots import states as pilots

    yield _machine("Application", cycle.State, cycle.Move, cycle.AFTER, told=cycle.TOLD)
    yield _machine("Round", cycle.RoundState, cycle.RoundMove, cycle.ROUND_AFTER, needs=cycle.NEEDS)
    yield _machine("The peers step of a round", step.StepState, step.StepMove, step.STEP_AFTER)
    yield _machine("Assessment meeting", step.MeetingState, step.MeetingMove, step.MEETING_AFTER)
    yield _machine("Payout list", cycle.PayoutState, cycle.PayoutMove, cycle.PAYOUT_AFTER, needs=cycle.PAYOUT_NEEDS)
    yield _machine("Document", papers.DocumentState, papers.DocumentMove, papers.AFTER)
    yield _machine("Pilot designation", pilots.PilotState, None, pilots.AFTER)


def _machine(
    title: str, kinds: Any, moves: Any, after: Mapping[tuple[str, str], Any], *, told: Mapping[str, Any] | None = None,
    needs: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """One dictionary of moves as two tables and a drawing."""
    from guildhall.foundation.organisations.states import Right

    head = ("state", "officers say", *(("the applicant is told",) if told else ()))
    rows = ((f"`{one.value}`", one.label, *((told[one],) if told else ())) for one in kinds)
    who = ("right",) if needs else ()
    made = (
        (f"`{kinds(old).value}`", f"`{_value(move)}` {_label(moves, move)}".strip(), f"`{kinds(new).value}`",
         *((f"`{Right(needs[move]).value}`" if needs[move] else "the clock",) if needs else ()))
        for (old, move), new in after.items()
    )  # fmt: skip
    return "\n\n".join((f"## {title}", f"```\n{_drawing(kinds, after)}\n```", _table(head, rows),
                        _table(("from", "move", "to", *who), made)))  # fmt: skip


def _value(move: Any) -> str:
    return str(getattr(move, "value", move))


def _label(moves: Any, move: Any) -> str:
    return str(moves(move).label) if moves else ""


def _drawing(kinds: Any, after: Mapping[tuple[str, str], Any]) -> str:
    """A line a move, indented by how many moves it takes to get there."""
    depth = {next(iter(kinds)): 0}
    for (old, _move), new in [*after.items()] * len(after):
        if kinds(old) in depth:
            depth.setdefault(kinds(new), depth[kinds(old)] + 1)
    lines = sorted(after.items(), key=lambda row: (depth.get(kinds(row[0][0]), 0), list(kinds).index(row[0][0])))
    return "\n".join(
        f"{'    ' * depth.get(kinds(old), 0)}{kinds(old).value} ──{_value(move)}──▶ {kinds(new).value}"
        for (old, move), new in lines
    )


def _enums() -> Iterator[str]:
    from guildhall.foundation.organisations.states import UnitState
    from guildhall.foundation.programmes import states as cycle
    from guildhall.reform.assessment import states as step

    for title, kinds in (
        ("Objection", cycle.ObjectionState), ("Unit's account", cycle.PayeeState),
        ("Budget decision", cycle.BudgetState), ("Payment", cycle.RowState), ("Bank's return file", cycle.ReturnState),
        ("Sheet", step.SheetState), ("Conflict", step.ConflictState), ("Result", step.ResultState), ("Unit", UnitState),
    ):  # fmt: skip
        yield f"### {title}\n\n" + _table(("state", "officers say"), ((f"`{one.value}`", one.label) for one in kinds))


if __name__ == "__main__":
    main()
