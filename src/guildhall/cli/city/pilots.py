"""The register of pilots: 151 municipal and 75 district designations over 225 units, one of which has both."""

from datetime import date
from random import Random

from guildhall.cli.city.tree import Tree
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.records.moves import Entry, record_many
from guildhall.reform.pilots.models import Designation
from guildhall.reform.pilots.states import PilotKind, PilotLevel, Theme

MUNICIPAL, DISTRICT = 151, 75
TERMS = {
    1: (date(2022, 7, 1), date(2025, 6, 30)),
    2: (date(2023, 4, 1), date(2025, 9, 30)),
    3: (date(2024, 3, 1), date(2026, 2, 28)),
}
FIRST_TWO = 152
"""How many units the first two batches have: those took part in 2023."""


def designate(tree: Tree, chance: Random) -> list[Unit]:
    """Enter every designation, in bulk; returns the units of the first two batches."""
    rows = []
    for n, unit in enumerate(tree.units):
        batch = 1 if n < 60 else 2 if n < FIRST_TWO else 3
        levels = [PilotLevel.MUNICIPAL] if n < MUNICIPAL else [PilotLevel.DISTRICT]
        if n == 0:
            levels.append(PilotLevel.DISTRICT)  # The one unit with both.
        for level in levels:
            rows.append(_entry(unit, level, batch, chance))
    Designation.objects.bulk_create(rows)
    entries = [
        Entry(act="pilot.designate", subject=f"unit:{row.unit_id}", content={"level": row.level, "batch": row.batch})
        for row in rows
    ]
    record_many("register:pilots", entries, by=tree.office["officer"])
    return tree.units[:FIRST_TWO]


def _entry(unit: Unit, level: PilotLevel, batch: int, chance: Random) -> Designation:
    project = chance.random() < 0.4
    starts, ends = TERMS[batch]
    return Designation(
        unit=unit,
        kind=PilotKind.PROJECT if project else PilotKind.COMPREHENSIVE,
        theme=chance.choice([one for one in Theme if one]) if project else "",
        level=level,
        batch=batch,
        starts=starts,
        ends=ends,
    )
