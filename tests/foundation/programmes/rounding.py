"""A domain of the tests' own, so small that it can be seen through: tiers by the order of the units' names."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import yaml

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes import registry
from guildhall.foundation.programmes.models import Application, Notice, Programme, Round
from guildhall.foundation.programmes.moves import applications, notices, rounds
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.moves.rounds import Dates
from tests.foundation.programmes.purse import SOURCE

CONFER = "tests.order"
FACTS = {
    "staff": "100", "workers": "60", "members": "90", "budget": "1000", "spent": "800", "reports_due": "12",
    "reports_on_time": "9", "lecture_heads": "120", "teams": "10", "teams_with_members": "8", "competitors": "80",
    "adopted": "5", "trainings": "150", "promotions": "6", "training_fund": "1000", "training_spent": "500",
    "proposals": "4", "proposals_answered": "4", "seats": "10", "worker_seats": "5", "award_level": "0",
    "cases_adopted": "0", "veto": "0",
}  # fmt: skip
CONFERRED: list[int] = []


def result(application: Application) -> dict[str, Any]:
    """First to third tier by the order of entry, two units each; the rest unpaid."""
    rank = list(application.round.applications.order_by("pk").values_list("pk", flat=True)).index(application.pk) + 1
    tiers = application.round.rules.outcome.tiers
    tier = (rank - 1) // 2 if rank <= 2 * len(tiers) else None
    return {"group": 0, "rank": rank, "tier": tier, "sum_fen": tiers[tier].sum_fen if tier is not None else 0}


@contextmanager
def domain() -> Iterator[None]:
    """The tests' domain registered with the cycle, and the eligible units."""

    def nothing(of: Round) -> None:
        return None

    hooks: list[tuple[dict[str, Any], Any]] = [
        (registry.CONFER, lambda application: CONFERRED.append(application.pk)),
        (registry.RESULT, result), (registry.READY, lambda of: {"digest": "d" * 64}), (registry.DECIDED, nothing),
        (registry.OPENED, nothing), (registry.FIXED, lambda of: of.proposed_at is not None),
    ]  # fmt: skip
    CONFERRED.clear()
    for table, hook in hooks:
        table[CONFER] = hook
    try:
        yield
    finally:
        for table, _hook in hooks:
            table.pop(CONFER)


def programme(tmp_path: Any) -> Programme:
    """The city's real programme under the tests' domain, with six seats."""
    file = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    file |= {"programme": "order", "confer": CONFER}
    for tier in file["setup"]["outcome"]["tiers"]:
        tier["seats"] = 2
    path = tmp_path / "order.yaml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    return load_programme(path)


def dates(today: Any | None = None) -> Dates:
    """Dates in order from today."""
    day = today or clock.today()
    at = datetime.combine(day, datetime.min.time(), clock.now().tzinfo)
    return Dates(
        opens_on=day, closes_on=day + timedelta(days=5), scoring_opens_at=at + timedelta(days=6),
        scoring_closes_at=at + timedelta(days=12), notice_on=day + timedelta(days=14),
    )  # fmt: skip


def planned(city: Any, tmp_path: Any) -> Round:
    """A planned round of the city."""
    loaded = programme(tmp_path)
    return rounds.plan_round(
        loaded, year=clock.today().year, title="测试批次", dates=dates(), by=city.officer, key=uuid4()
    )


def opened(city: Any, of: Round) -> Round:
    """Open, every unit's facts reported."""
    of = rounds.open_round(of.pk, city.units, by=city.officer, key=uuid4())
    facts = {row.pk: deepcopy(FACTS) for row in of.applications.all()}
    applications.report_many(of.pk, facts, by=city.officer, key=uuid4())
    return of


def reviewing(city: Any, of: Round) -> Round:
    """Accepted, closed and under review."""
    opened(city, of)
    applications.accept_all(of.pk, by=city.officer, key=uuid4())
    rounds.close_round(of.pk, by=city.officer, key=uuid4())
    return rounds.start_review(of.pk, by=city.officer, key=uuid4())


def proposed(city: Any, of: Round) -> Round:
    """Before the leader."""
    reviewing(city, of)
    return rounds.propose_result(of.pk, by=city.officer, key=uuid4())


def decided(city: Any, of: Round) -> Round:
    """Decided, and seen by nobody else."""
    proposed(city, of)
    return rounds.decide(of.pk, by=fresh(city.leader), key=uuid4())


def released(city: Any, of: Round) -> Round:
    """Every unit sees its own."""
    decided(city, of)
    return rounds.release(of.pk, by=city.officer, key=uuid4())


def published(city: Any, of: Round) -> Notice:
    """In notice."""
    released(city, of)
    return notices.publish(of.pk, by=city.officer, key=uuid4())


def fresh(user: User) -> User:
    """The user as a new request reads it."""
    return User.objects.get(pk=user.pk)


@contextmanager
def eligible(units: list[Any]) -> Iterator[None]:
    """The units that the register of pilots gives, for a while."""
    kept = registry.ELIGIBLE.get("pilots")
    registry.ELIGIBLE["pilots"] = lambda on: list(units)
    try:
        yield
    finally:
        registry.ELIGIBLE.pop("pilots")
        if kept:
            registry.ELIGIBLE["pilots"] = kept
