"""A level's ranked list, an act of its own; and more time for a level, for all of its unions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Endorsement, Quota, RankedList, Round
from guildhall.foundation.programmes.moves.endorsing import UP, Turn, against_endorsing, against_time, seated, used
from guildhall.foundation.programmes.moves.rounds import NotExtended
from guildhall.foundation.programmes.rules import digest_of, need_reason, next_state
from guildhall.foundation.programmes.rules.levels import CHECK, against_quota, against_resolution, level_after, seat_of
from guildhall.foundation.programmes.schema import Level
from guildhall.foundation.programmes.states import Move, RoundState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.moves import Entry, made, record, record_many


def waiting_at(of: Round, place: int, union: Union) -> list[Application]:
    """The applications that wait for this union at this level, as they came."""
    level = of.rules.levels[place]
    rows = of.applications.filter(state=State.AWAITING, level=place).select_related("unit", "union__parent__parent")
    return [row for row in rows.order_by("submitted_at", "pk") if seat_of(level, row.union) == union]


def seat_at(of: Round, level: Level, by: User) -> Union:
    """The user's own union of this level in the round. Raises `NoRight`."""
    kinds = {"district_or_industry": ("district", "industry"), "federation": ("federation",), "unit": ("grassroots",)}
    own = Union.objects.filter(pk__in=by.unions_with(Right.ENDORSE), kind__in=kinds[level.at])
    found = own.filter(lineage__contains=[of.union_id]).first()
    if found is None:
        raise NoRight
    return found


def used_by_union(of: Round, place: int) -> dict[int, int]:
    """How many applications each union of a level has endorsed, by the union's id: one query."""
    up = Endorsement.objects.filter(application__round=of, level=place, act__in=UP)
    live = up.exclude(application__state__in=(State.WITHDRAWN, State.DECLINED))
    return dict(live.values("union").annotate(n=Count("application", distinct=True)).values_list("union", "n"))


@transaction.atomic
def rank(
    round_pk: int, place: int, union_pk: int, order: list[int], *, texts: Mapping[int, str],
    resolved_on: date | None = None, resolution: "UploadedFile[Any] | None" = None, by: User, key: UUID,
) -> RankedList:  # fmt: skip
    """Put forward the applications of `order`, the first first, in one act; a later list goes on where it ended.

    Every one is endorsed with its opinion of `texts`; all or nothing. Raises `NotHere` for an id that does not wait
    here, `QuotaSpent`, `LevelLate`, `NoticeMissing`, `ResolutionMissing`, `OutOfStep`.
    """
    of = Round.objects.visible_to(by).pick(round_pk)
    if not 0 <= place < len(of.rules.levels):
        raise NotHere
    level, union = of.rules.levels[place], Union.objects.get(pk=union_pk)
    if not seated(by, Right.ENDORSE, union):
        raise NoRight
    if earlier := made(
        "rank", stream=of.stream, subject=f"level:{place}:{union_pk}", key=key, content={"order": order}
    ):
        return RankedList.objects.get(pk=earlier.body["list"])
    if not level.rank:
        raise OutOfStep(state=RoundState(of.state).label, move=_("推荐排序"))
    rows = _held(of, place, union, order)
    quota = Quota.objects.hold(of.pk, place, union)
    if refusal := against_time(quota) or against_resolution(level, resolved_on, attached=bool(resolution)):
        raise refusal
    count = used(of, place, union)
    fresh = [row for row in rows if not row.endorsements.filter(level=place, act__in=UP).exists()]
    if refusal := against_quota(union.short, quota.places, count, len(fresh)):
        raise refusal
    for row in rows:
        if refusal := against_endorsing(Turn(row, place, level, union, quota)):
            raise refusal
    stored = store(resolution, by=by, stream=of.stream, subject=f"level:{place}:{union_pk}") if resolution else None
    said = {"resolved_on": resolved_on, "resolution": stored}
    return _put_forward(of, place, union, rows, texts, said, by, key)


def _held(of: Round, place: int, union: Union, order: list[int]) -> list[Application]:
    """The applications of a list, locked by ascending id, in the list's order."""
    if not order or len(set(order)) != len(order):
        raise BadInput(what=_("名单是空的，或者同一件排了两次。"))
    waiting = {row.pk for row in waiting_at(of, place, union)}
    if set(order) - waiting:
        raise NotHere
    rows = Application.objects.select_for_update(of=("self",)).filter(pk__in=order, state=State.AWAITING, level=place)
    found = {row.pk: row for row in rows.select_related("unit", "union__parent__parent").order_by("pk")}
    if len(found) != len(order):
        raise NotHere
    for row in found.values():
        row.round = of
    return [found[pk] for pk in order]


def _put_forward(
    of: Round, place: int, union: Union, rows: list[Application], texts: Mapping[int, str], said: dict[str, Any],
    by: User, key: UUID,
) -> RankedList:  # fmt: skip
    at, first = clock.now(), sum(len(one.order) for one in of.ranked_lists.filter(level=place, union=union))
    opinions = [need_reason(texts.get(row.pk, ""), 2) for row in rows]
    ends = {row.level: row.ends_at for row in of.quotas.filter(union__in=union.lineage)}
    spoken, entries = [], []
    for n, (row, text) in enumerate(zip(rows, opinions, strict=True), first + 1):
        level = level_after(of.rules, row.union, place)
        move = Move.ENDORSE_LAST if level == CHECK else Move.ENDORSE
        spoken.append(
            Endorsement(application=row, level=place, union=union, act=move, text=text, rank=n, by=by, at=at,
                        submission=row.submissions, **said)
        )  # fmt: skip
        row.state, row.level, row.due_at = next_state(row.state, move), level, ends.get(level)
        content = {"state": row.state, "from": place, "level": level, "rank": n}
        entries.append(Entry(act=move, subject=row.subject, content=content, note=text))
    Endorsement.objects.bulk_create(spoken)
    Application.objects.bulk_update(rows, ["state", "level", "due_at"])
    order = [row.pk for row in rows]
    listed = RankedList.objects.create(
        round=of, level=place, union=union, order=order, digest=digest_of([[row.rank, row.application_id] for row in spoken]),
        by=by, at=at,
    )  # fmt: skip
    record_many(of.stream, entries, by=by)
    content = {"order": order, "list": listed.pk, "digest": listed.digest}
    record("rank", stream=of.stream, subject=f"level:{place}:{union.pk}", by=by, content=content, key=key)
    officers = holders(Right.RUN_ROUNDS, of.union.lineage)
    tell("programmes.ranked", officers, url=f"/rounds/{of.pk}/", round=of.title, union=union.short, n=len(rows))
    return listed


@transaction.atomic
def extend_level(round_pk: int, place: int, until: datetime, *, reason: str, by: User, key: UUID) -> int:
    """Move the deadline of a level, for all of its unions, with the reason; the levels behind it move where they must.

    Returns how many unions have more time. Raises `NotExtended`, `OutOfStep`.
    """
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    asked = {"level": place, "until": until.isoformat()}
    if earlier := made("extend_level", stream=of.stream, subject=f"round:{round_pk}", key=key, content=asked):
        return int(earlier.body["unions"])
    if of.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(of.state).label, move=_("延长推荐"))
    rows = list(of.quotas.select_for_update().filter(level=place).order_by("pk"))
    if not rows:
        raise NotHere
    before = rows[0].ends_at
    if until <= before or until <= clock.now():
        raise NotExtended(before=f"{before.astimezone(until.tzinfo):%Y-%m-%d %H:%M}")
    said = need_reason(reason)
    of.quotas.filter(level__gte=place, ends_at__lt=until).update(ends_at=until)
    of.applications.filter(state=State.AWAITING, level__gte=place, due_at__lt=until).update(due_at=until)
    content = {**asked, "before": before.isoformat(), "unions": len(rows)}
    record("extend_level", stream=of.stream, subject=f"round:{round_pk}", by=by, content=content, key=key, note=said)
    return len(rows)


@transaction.atomic
def set_places(round_pk: int, place: int, places: Mapping[int, int | None], *, by: User, key: UUID) -> int:
    """Set how many applications each union of a level may endorse, by the union's id; never below what it has."""
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    asked = {"level": place, "places": {str(pk): n for pk, n in sorted(places.items())}}
    if made("places", stream=of.stream, subject=f"round:{round_pk}", key=key, content=asked):
        return len(places)
    if of.state not in (RoundState.OPEN, RoundState.CLOSED):
        raise OutOfStep(state=RoundState(of.state).label, move=_("分配名额"))
    rows = list(
        of.quotas.select_related("union")
        .select_for_update(of=("self",))
        .filter(level=place, union__in=places)
        .order_by("pk")
    )
    if len(rows) != len(places):
        raise NotHere
    for row in rows:
        row.places = places[row.union_id]
        if refusal := against_quota(row.union.short, row.places, used(of, place, row.union), 0):
            raise refusal
    Quota.objects.bulk_update(rows, ["places"])
    record("places", stream=of.stream, subject=f"round:{round_pk}", by=by, content=asked, key=key)
    return len(rows)
