"""The public notice: published, run to its end by the clock, and what it names conferred."""

from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Notice, Round
from guildhall.foundation.programmes.moves.changes import listed_since, unanswered
from guildhall.foundation.programmes.moves.notice_paper import issue_notice
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.moves.rounds import _record, _step, advance_all
from guildhall.foundation.programmes.registry import CONFER, hook
from guildhall.foundation.programmes.rules import counted_days, digest_of, next_state
from guildhall.foundation.programmes.states import Change, Move, RoundMove, RoundState, State
from guildhall.foundation.records.moves import CLOCK, Clock, Entry, made, record, record_many
from guildhall.foundation.records.seals import latest_seal


@transaction.atomic
def publish(pk: int, *, by: User, key: UUID) -> Notice:
    """Publish the released result for its period; each item then stands in notice.

    The list is in the order of groups and ranks, as the domain's result says. Raises `OutOfStep`,
    `YearWithoutTable` where the period runs into a year whose working days nobody entered.
    """
    published, again = _step(pk, RoundMove.PUBLISH, by, key)
    if again:
        return published.notice
    if not published.rules.public_notice:
        raise OutOfStep(state=_("不公示"), move=_("发布公示"))
    rows = published.applications.filter(state=State.PROPOSED).select_related("unit")
    notice = issue(published, list(rows), f"关于{published.title}结果的公示", by=by)
    advance_all(published, State.PROPOSED, Move.RELEASE, by=by)
    _record(published, RoundMove.PUBLISH, by, key, notice=notice.number, digest=notice.digest)
    return notice


def lines_of(of: Round, rows: Iterable[Application]) -> list[dict[str, Any]]:
    """What a notice says of these applications, in the order of groups and ranks."""
    found = []
    for row in rows:
        row.round = of
        found.append({"application": row.pk, "unit": row.unit.name, **result_of(row)})
    return sorted(found, key=lambda line: (line["group"], line["rank"] or 0, line["application"]))


def issue(
    of: Round, rows: Iterable[Application], title: str, *, by: User, edition: int = 1,
    application: Application | None = None, **more: Any,
) -> Notice:  # fmt: skip
    """A notice of these applications for the version's period, numbered, under a digest and a check code."""
    at, lines = clock.now(), lines_of(of, rows)
    days = counted_days(at.date(), of.rules.notice)
    total = sum(line["sum_fen"] for line in lines)
    body = {"lines": lines, "sum_fen": total, "fund_fen": of.rules.outcome.fund_fen, **more}
    seal, ends = latest_seal(), clock.end_of_day(days[-1])
    paper = issue_notice(of, title, body, days, ends, by=by, edition=edition, application=application)
    return Notice.objects.create(
        round=of,
        edition=edition,
        application=application,
        number=paper.number,
        title=title[:120],
        body=body,
        digest=digest_of(body),
        check_code=paper.check_code,
        seal=seal.printed if seal else "",
        published_at=at,
        days=[day.isoformat() for day in days],
        ends_at=ends,
        published_by=by,
    )


def confer_all(of: Round, rows: list[Application], *, by: User | Clock) -> None:
    """Enter these applications in their register and end their way, an entry on the chain each."""
    confer = hook(CONFER, of)
    for row in rows:
        row.round = of
        next_state(row.state, Move.CONFER)
        confer(row)
    Application.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.CONFERRED)
    entries = [Entry(act=Move.CONFER, subject=row.subject, content={"state": State.CONFERRED}) for row in rows]
    record_many(of.stream, entries, by=by)


@transaction.atomic
def confer_released(pk: int, *, by: User, key: UUID) -> Round:
    """In a round without a public notice, confer what was released as chosen, and end the round. Raises `OutOfStep`."""
    of = Round.objects.visible_to(by).hold(pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    if made("confer_released", stream=of.stream, subject=f"round:{pk}", key=key):
        return of
    if of.state != RoundState.RELEASED or of.rules.public_notice:
        raise OutOfStep(state=RoundState(of.state).label, move=_("命名"))
    rows = of.applications.select_for_update(of=("self",)).filter(state=State.PROPOSED)
    chosen = list(rows.select_related("unit", "union").order_by("pk"))
    confer_all(of, chosen, by=by)
    content = {"conferred": len(chosen)}
    record("confer_released", stream=of.stream, subject=f"round:{pk}", by=by, content=content, key=key)
    finish(of)
    of.refresh_from_db()
    return of


def noticed_anew(of: Round) -> list[int]:
    """The items that a later list changed and whose new period still runs."""
    running = of.notices.filter(edition__gt=1, application=None, ends_at__gt=clock.now())
    return [pk for notice in running for pk in notice.changed]


@transaction.atomic
def confer_due(pk: int, *, by: User | Clock = CLOCK) -> int:
    """At the end of the notice, confer each item that no objection holds; returns how many.

    Called by the clock; asked again it confers what has come free since. The round is finished once nothing of it
    is open any more, and its officers are told.
    """
    of = Round.objects.hold(pk)
    if of.state != RoundState.IN_NOTICE or of.notices.filter(edition=1, ends_at__gt=clock.now()).exists():
        return 0
    rows = list(
        of.applications.select_for_update(of=("self",))
        .filter(state=State.IN_NOTICE)
        .exclude(pk__in=noticed_anew(of))
        .select_related("unit", "union")
        .order_by("pk")
    )
    confer_all(of, rows, by=by)
    if not _open(of):
        finish(of)
    return len(rows)


def _open(of: Round) -> bool:
    """Whether an item stands in notice or is held, an objection waits, a list runs, or one is to move somebody up."""
    return (
        of.applications.filter(state__in=(State.IN_NOTICE, State.HELD)).exists()
        or unanswered(of).exists()
        or of.notices.filter(ends_at__gt=clock.now()).exists()
        or any(line["change"] == Change.MOVED_UP for line in listed_since(of))
    )


def finish(of: Round) -> None:
    """End a round of which nothing is open any more, and tell those who run it."""
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
    whole = sum(confer_due(pk) for pk in due.order_by("pk").values_list("pk", flat=True))
    own = Application.objects.filter(state=State.IN_NOTICE, notices__ends_at__lte=clock.now()).distinct()
    return whole + sum(confer_one(pk) for pk in own.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def confer_one(pk: int, *, by: User | Clock = CLOCK) -> int:
    """In a rolling programme, confer one application whose own notice has ended; 1 where it was, else 0."""
    row = Application.objects.hold(pk)
    latest = row.notices.order_by("-edition").first()
    if row.state != State.IN_NOTICE or latest is None or latest.ends_at > clock.now():
        return 0
    confer_all(row.round, [row], by=by)
    return 1
