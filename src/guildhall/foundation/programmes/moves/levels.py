"""The levels of a round that opens: each union's places and the level's end."""

from collections.abc import Sequence
from datetime import datetime

from guildhall.foundation.organisations.models import Union
from guildhall.foundation.programmes.models import Quota, Round


def lay_out(of: Round, ends: Sequence[datetime]) -> None:
    """The quotas of a round that opens: each level's unions with their places and the level's deadline."""
    kinds = {"district_or_industry": ("district", "industry"), "federation": ("federation",), "unit": ("federation",)}
    below = Union.objects.filter(lineage__contains=[of.union_id])
    Quota.objects.bulk_create(
        Quota(
            round=of, level=place, union=union, ends_at=ends[place],
            places=None if level.at == "unit" else level.quota,
        )
        for place, level in enumerate(of.rules.levels)
        for union in below.filter(kind__in=kinds[level.at]).order_by("pk")
    )  # fmt: skip
