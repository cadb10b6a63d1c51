"""The public notice: published, run to its end by the clock, and what it names conferred."""

import secrets
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, User, holders
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Notice, Round
from guildhall.foundation.programmes.moves.rounds import _record, _step, advance_all
from guildhall.foundation.programmes.registry import CONFER, RESULT, hook
from guildhall.foundation.programmes.rules import counted_days, digest_of
from guildhall.foundation.programmes.states import Move, RoundMove, RoundState, State
from guildhall.foundation.records.moves import CLOCK, Clock, Entry, record_many
from guildhall.foundation.records.seals import latest_seal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters and figures that are taken for one another."""


def check_code() -> str:
    """A code of eight signs in two halves, such as 7Q4K-M2XD, drawn from the system's randomness."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"


def _number(union: Union, year: int) -> str:
    """The next number of the year's series; the union's row is held so that two notices never share one."""
    Union.objects.select_for_update().get(pk=union.pk)
    series = f"{year}-公示-"
    last = Notice.objects.filter(number__startswith=series).order_by("-number").values_list("number", flat=True).first()
    return f"{series}{int(last.removeprefix(series)) + 1 if last else 1:03d}"


@transaction.atomic
def publish(pk: int, *, by: User, key: UUID) -> Notice:
    """Publish the released result for its period; each item then stands in notice.

    The list is in the order of groups and ranks, as the domain's result says. Raises `OutOfStep`,
    `YearWithoutTable` where the period runs into a year whose working days nobody entered.
    """
    published, again = _step(pk, RoundMove.PUBLISH, by, key)
    if again:
        return published.notice
    at = clock.now()
    days = counted_days(at.date(), published.rules.notice)
    rows = published.applications.filter(state=State.PROPOSED).select_related("unit")
    result = hook(RESULT, published)
    lines = [{"application": row.pk, "unit": row.unit.name, **result(row)} for row in rows]
    body = {
        "lines": sorted(lines, key=lambda line: (line["group"], line["rank"] or 0, line["application"])),
        "sum_fen": sum(line["sum_fen"] for line in lines),
        "fund_fen": published.rules.outcome.fund_fen,
    }
    seal = latest_seal()
    notice = Notice.objects.create(
        round=published,
        number=_number(published.union, at.year),
        title=f"关于{published.title}结果的公示",
        body=body,
        digest=digest_of(body),
        check_code=check_code(),
        seal=seal.printed if seal else "",
        published_at=at,
        days=[day.isoformat() for day in days],
        ends_at=clock.end_of_day(days[-1]),
        published_by=by,
    )
    advance_all(published, State.PROPOSED, Move.RELEASE, by=by)
    _record(published, RoundMove.PUBLISH, by, key, notice=notice.number, digest=notice.digest)
    return notice


@transaction.atomic
def confer_due(pk: int, *, by: User | Clock = CLOCK) -> int:
    """At the end of the notice, confer each item that no objection holds; returns how many.

    Called by the clock; asked again it confers what has come free since. The round is finished once nothing of it
    stands in notice or is held, and its officers are told.
    """
    of = Round.objects.hold(pk)
    if of.state != RoundState.IN_NOTICE or of.notice.ends_at > clock.now():
        return 0
    rows = list(
        of.applications.select_for_update(of=("self",))
        .filter(state=State.IN_NOTICE)
        .select_related("unit", "union")
        .order_by("pk")
    )
    confer = hook(CONFER, of)
    for row in rows:
        row.round = of
        confer(row)
    Application.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.CONFERRED)
    entries = [Entry(act=Move.CONFER, subject=row.subject, content={"state": State.CONFERRED}) for row in rows]
    record_many(of.stream, entries, by=by)
    if not of.applications.filter(state__in=(State.IN_NOTICE, State.HELD)).exists():
        _finish(of)
    return len(rows)


def _finish(of: Round) -> None:
    key = uuid5(NAMESPACE_URL, f"finish:{of.pk}")
    finished, again = _step(of.pk, RoundMove.FINISH, CLOCK, key)
    if again:
        return
    finished.finished_at = clock.now()
    _record(finished, RoundMove.FINISH, CLOCK, key)
    tell("programmes.finished", holders(Right.RUN_ROUNDS, of.union.lineage), once=f"finished:{of.pk}", round=of.title)


def end_due_notices() -> int:
    """Confer what every ended notice leaves free; the clock's job, each round in a transaction of its own."""
    due = Round.objects.filter(state=RoundState.IN_NOTICE, notices__ends_at__lte=clock.now()).distinct()
    return sum(confer_due(pk) for pk in due.order_by("pk").values_list("pk", flat=True))
