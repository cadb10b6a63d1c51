"""The daily seal: one Merkle root over all heads, in a chain of its own."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from guildhall.foundation.records.models import Seal, Stream
from guildhall.foundation.records.moves import waiting
from guildhall.foundation.records.rules import GENESIS, heads_root, seal_hash

SHANGHAI = ZoneInfo("Asia/Shanghai")


@transaction.atomic
def seal_day(day: date | None = None) -> Seal:
    """Seal the heads as they stand, once a day: a second call for the same day returns the first one's seal.

    `day` is by default today, by the real time: what is sealed is the machine's own history.
    """
    now = timezone.now()
    day = day or now.astimezone(SHANGHAI).date()
    with waiting(), connection.cursor() as cursor:
        cursor.execute("lock table records_seal in share row exclusive mode")
    if earlier := Seal.objects.filter(day=day).first():
        return earlier
    last = latest_seal()
    heads = [
        [name, length, head]
        for name, length, head in Stream.objects.values_list("name", "length", "head").order_by("name")
    ]
    number, previous, root = (last.number + 1 if last else 1), (last.hash if last else GENESIS), heads_root(heads)
    return Seal.objects.create(
        day=day, number=number, at=now, root=root, heads=heads, previous=previous,
        hash=seal_hash(number, day, now, root, previous),
    )  # fmt: skip


def latest_seal() -> Seal | None:
    """The last seal: public notices print it."""
    return Seal.objects.order_by("-number").first()


def recent_seals(most: int = 10) -> list[Seal]:
    """The last seals, newest first: they name streams and digests, and nothing that is said there."""
    return list(Seal.objects.order_by("-number")[:most])
