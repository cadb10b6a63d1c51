"""The rules of a programme held against applications: what is known of them read in sets, each verdict kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import Sanction, User
from guildhall.foundation.programmes.models import Application, Check, Clearance, Entry, Evidence, Round
from guildhall.foundation.programmes.registry import CHOSEN, ELIGIBLE, HELD, hook
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.rules.composition import ListVerdict, composition
from guildhall.foundation.programmes.rules.conditions import verdict
from guildhall.foundation.programmes.rules.known import SET_ASIDE, Known, Said, Verdict
from guildhall.foundation.programmes.schema import (
    AllOf,
    AnyOf,
    ClearanceGiven,
    EntriesSince,
    EntryActive,
    FieldIs,
    NoOpenSanction,
    NotConferredWithin,
    NotSo,
    Setup,
)
from guildhall.foundation.programmes.states import AT_LEVELS, EntryState, Opinion, State
from guildhall.foundation.records.moves import Clock

SUBMITTED: Final = "submitted"
CHECKING: Final = "checking"
DECIDED: Final = "decided"


class CheckFailed(Refusal):
    """A rule of the programme does not hold; the clause and the sentence say which and why."""

    code = "programmes.check-failed"
    message = _("%(unit)s不符合%(clause)s：%(sentence)s")


# What is known --------------------------------------------------------------------------------------------------------


def words_of(conditions: Iterable[Any]) -> Iterator[Any]:
    """Every leaf of the conditions, however deep."""
    for one in conditions:
        if isinstance(one, AllOf):
            yield from words_of(one.all)
        elif isinstance(one, AnyOf):
            yield from words_of(one.any)
        elif isinstance(one, NotSo):
            yield from words_of([one.not_])
        else:
            yield one


def _asked(setup: Setup) -> list[Any]:
    whole = [rule.holds for rule in setup.conditions] + [rule.of for rule in setup.composition]
    return list(words_of(whole))


def known_of(of: Round, rows: Sequence[Application], on: date | None = None) -> dict[int, Known]:
    """What the rules may read of each application, by id; the queries do not grow with the applications."""
    day, setup = on or clock.today(), of.rules
    asked, units = _asked(setup), {row.unit_id for row in rows}
    active = _active({one.entry_active for one in asked if isinstance(one, EntryActive)}, units, day)
    entries = _entries({one.entries for one in asked if isinstance(one, EntriesSince)}, units, day)
    conferred = _conferred({one.not_conferred for one in asked if isinstance(one, NotConferredWithin)}, units, day)
    sanctions = _sanctions(units, day) if any(isinstance(one, NoOpenSanction) for one in asked) else {}
    clearances = _clearances(rows) if setup.clearances else {}
    files = _files(setup, {one.field for one in asked if isinstance(one, FieldIs)}, rows)
    return {
        row.pk: Known(
            year=of.year, form=setup.form, departments=setup.clearances, values=row.facts | files.get(row.pk, {}),
            unit={name: getattr(row.unit, name) for name in ("kind", "ownership", "trade", "headcount", "state")},
            active=frozenset(name for name, held in active.items() if row.unit_id in held),
            entries={name: held.get(row.unit_id, []) for name, held in entries.items()},
            conferred={name: held.get(row.unit_id, []) for name, held in conferred.items()},
            sanctions=sanctions.get(row.unit_id, {}), clearances=clearances.get(row.pk, {}),
        )
        for row in rows
    }  # fmt: skip


def _files(setup: Setup, asked: Collection[str], rows: Sequence[Application]) -> dict[int, dict[str, Any]]:
    """By application, the titles of what was handed in for the file fields that a rule asks for."""
    keys = [one.key for one in setup.form if one.type == "file" and one.key in asked]
    found: dict[int, dict[str, Any]] = {}
    pieces = Evidence.objects.filter(application__in=[row.pk for row in rows], indicator__in=keys) if keys else []
    for piece in pieces:
        found.setdefault(piece.application_id, {}).setdefault(piece.indicator, []).append(piece.title)
    return found


def _code(register: str) -> str:
    return register.replace("_", "-")


def _active(names: Collection[str], units: Collection[int], on: date) -> dict[str, set[int]]:
    """By register, the units that stand in it: as its domain says, or by an entry of the programme of that code."""
    found = {name: {unit.pk for unit in ELIGIBLE[name](on)} & set(units) for name in names if name in ELIGIBLE}
    own = {_code(name): name for name in names if name not in ELIGIBLE}
    if own:
        found |= {name: set() for name in own.values()}
        rows = Entry.objects.filter(programme__code__in=own, unit__in=units, state=EntryState.ACTIVE)
        for code, unit in rows.values_list("programme__code", "unit"):
            found[own[code]].add(unit)
    return found


def _entries(names: Collection[str], units: Collection[int], on: date) -> dict[str, dict[int, list[int]]]:
    """By register and unit, the years of its entries."""
    found = {name: HELD[name](units, on) for name in names if name in HELD}
    own = {_code(name): name for name in names if name not in HELD}
    if own:
        found |= {name: defaultdict(list) for name in own.values()}
        rows = Entry.objects.filter(programme__code__in=own, unit__in=units)
        for code, unit, year in rows.values_list("programme__code", "unit", "year"):
            found[own[code]].setdefault(unit, []).append(year)
    return found


def _conferred(codes: Collection[str], units: Collection[int], on: date) -> dict[str, dict[int, list[int]]]:
    """By programme and unit, the years in which it was named: in a round of ours, or as its register tells."""
    if not codes:
        return {}
    found: dict[str, dict[int, list[int]]] = {code: defaultdict(list) for code in codes}
    rows = Application.objects.filter(unit__in=units, state=State.CONFERRED, round__programme__code__in=codes)
    for code, unit, year in rows.values_list("round__programme__code", "unit", "round__year"):
        found[code][unit].append(year)
    for code in codes:
        for unit, years in HELD[code](units, on).items() if code in HELD else ():
            found[code][unit].extend(year for year in years if year not in found[code][unit])
    return found


def _sanctions(units: Collection[int], on: date) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = {}
    for row in Sanction.objects.filter(unit__in=units).standing(on):
        found.setdefault(row.unit_id, {}).setdefault(row.kind, []).append(row.document)
    return found


def _clearances(rows: Sequence[Application]) -> dict[int, dict[str, str]]:
    """By application and department, what its last answer was; a letter not answered yet hides no answer before it."""
    found: dict[int, dict[str, str]] = {}
    asked = Clearance.objects.filter(application__in=[row.pk for row in rows])
    answers = asked.exclude(state=Opinion.ASKED, request__revoked_at__isnull=False).order_by("request__number")
    for pk, department, state, set_aside in answers.values_list(
        "application", "request__department", "state", "set_aside"
    ):
        held = found.setdefault(pk, {})
        if state != Opinion.ASKED or department not in held:
            held[department] = SET_ASIDE if state == Opinion.OBJECTS and set_aside else state
    return found


# The check ------------------------------------------------------------------------------------------------------------


def verdicts(setup: Setup, known: Known) -> list[Verdict]:
    """What every rule says; an objection of a department that no rule asks for bars the application too."""
    found = [verdict(rule, known) for rule in setup.conditions]
    read = {
        one.clearance for one in words_of([rule.holds for rule in setup.conditions]) if isinstance(one, ClearanceGiven)
    }
    for department in setup.clearances:
        if department.key not in read and known.clearances.get(department.key) == Opinion.OBJECTS:
            said = Said(f"{department.label.zh}答复有意见。", f"{department.label.en} objects.")
            facts = {f"clearance:{department.key}": Opinion.OBJECTS.value}
            found.append(Verdict(f"征求{department.label.zh}意见", False, True, said, facts))
    return found


def checked(of: Round, rows: Sequence[Application], stage: str) -> list[Check]:
    """The checks of many applications, not yet kept; a constant number of queries."""
    known, at = known_of(of, rows), clock.now()
    found = []
    for row in rows:
        said = verdicts(of.rules, known[row.pk])
        sound = all(one.holds for one in said)
        found.append(Check(application=row, stage=stage, sound=sound, verdicts=[one.stored() for one in said], at=at))
    return found


def run_many(of: Round, stage: str, rows: Sequence[Application] | None = None) -> list[Check]:
    """Check many applications of a round and keep what came of it, inside the caller's transaction.

    Without `rows` (read with their units) those in the federation's check, or before the decision those chosen. A
    programme without rules leaves nothing behind.
    """
    if rows is None:
        rows = (
            chosen(of)
            if stage == DECIDED
            else list(of.applications.filter(state=State.CHECKING).select_related("unit"))
        )
    found = checked(of, rows, stage)
    Check.objects.bulk_create(one for one in found if one.verdicts)
    return found


def run(application: Application, stage: str, by: User | Clock) -> Check:
    """Check one application and keep what came of it, inside the caller's transaction.

    `stage` is `submitted`, `checking` or `decided`; `by` stands in the record of the move that asks.
    """
    return run_many(application.round, stage, [application])[0]


def told_of(application: Application, *, inside: bool) -> list[dict[str, Any]]:
    """The verdicts as this reader may know them: as things stand until the check is over, then as they were kept.

    Outside the office a department's opinion is not told, and nothing that only a decision leaves behind.
    """
    if application.state in (*AT_LEVELS, State.CHECKING):
        found = checked(application.round, [application], CHECKING)[0].verdicts
    else:
        kept = application.checks.all() if inside or application.released else application.checks.exclude(stage=DECIDED)
        last = kept.last()
        found = last.verdicts if last else []
    told = [one for one in found if inside or not all(name.startswith("clearance:") for name in one["read"])]
    return [{**one, "said": in_language(one["zh"], one["en"])} for one in told]


def refusal_of(check: Check) -> CheckFailed | None:
    """The refusal of a check that is not sound: its first verdict that does not hold, in the reader's language."""
    first = next((one for one in check.verdicts if not one["holds"]), None)
    if first is None:
        return None
    return CheckFailed(
        unit=check.application.unit.name, clause=first["clause"], sentence=in_language(first["zh"], first["en"])
    )


def in_language(zh: str, en: str) -> str:
    """Of a sentence in both languages the reader's."""
    return zh if (get_language() or "zh").startswith("zh") else en


def need_sound(checks: Iterable[Check]) -> None:
    """Raise `CheckFailed` for the first check that is not sound."""
    for check in checks:
        if refusal := refusal_of(check):
            raise refusal


# Before the decision --------------------------------------------------------------------------------------------------


class ListUneven(Refusal):
    """A rule over the whole list is broken, and the leader did not say why it may be."""

    code = "programmes.list-uneven"
    message = _("名单不符合%(clause)s：%(sentence)s请退回调整，或写明不调整的理由再审定。")
    status = 422


def chosen(of: Round) -> list[Application]:
    """Those the decision would name: as the programme's domain says, else all under review."""
    if of.rules.stepwise or of.programme.file.confer in CHOSEN:
        return list(hook(CHOSEN, of)(of))
    return list(of.applications.filter(state=State.REVIEWING).select_related("unit").order_by("pk"))


def list_verdicts(of: Round, rows: Sequence[Application] | None = None) -> list[ListVerdict]:
    """What the rules over the list say of those chosen."""
    if not of.rules.composition:
        return []
    known = known_of(of, chosen(of) if rows is None else rows)
    return composition(of.rules, list(known.values()))


def before_decision(of: Round, override: str = "") -> dict[str, Any]:
    """Hold every rule against those chosen, and the rules over the list against them all; what the record keeps of it.

    Raises `CheckFailed`; `ListUneven` unless `override` says why the list stays as it is.
    """
    if not (of.rules.conditions or of.rules.clearances or of.rules.composition):
        return {}
    rows = chosen(of)
    need_sound(run_many(of, DECIDED, rows))
    said = list_verdicts(of, rows)
    broken = next((one for one in said if not one.holds), None)
    if broken and not override.strip():
        raise ListUneven(clause=broken.clause, sentence=in_language(broken.said.zh, broken.said.en))
    kept: dict[str, Any] = {"composition": [one.stored() for one in said]} if said else {}
    return kept | ({"override": need_reason(override)} if broken else {})
