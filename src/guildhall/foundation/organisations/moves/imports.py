"""Units from Excel: a file is checked and shown, then its good rows are written, all of them or none."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.organisations.models import FormerUnit, Union, Unit, UnitFile, User
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.moves.unions import hold_tree
from guildhall.foundation.organisations.moves.units import FACTS, found_unit, parent_of, take_name, write_facts
from guildhall.foundation.organisations.rules.columns import headings, required
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.rules.sheets import MOST_BYTES, BadFile, Sheet, read
from guildhall.foundation.organisations.rules.verdicts import Known, Row, Verdict, counts, judge
from guildhall.foundation.organisations.states import Right, UnionKind, UnitState


class NothingToWrite(Refusal):
    """A file none of whose rows changes anything."""

    code = "organisations.nothing-to-write"
    message = gettext_lazy("这份文件没有要写入的行：没有新增，也没有变化。")


class MovedOn(Refusal):
    """The register changed between the check and the writing."""

    code = "organisations.moved-on"
    message = gettext_lazy("检查之后登记有变化，要写入的从 %(before)d 行变成 %(now)d 行。请看过新的结果再写入。")


class Checked(NamedTuple):
    """A file's table, and what becomes of each row."""

    sheet: Sheet
    rows: list[Row]
    known: Known

    @property
    def to_write(self) -> int:
        """How many rows would be written."""
        found = counts(self.rows)
        return found[Verdict.NEW] + found[Verdict.CHANGED]


@transaction.atomic
def check_file(name: str, content: bytes, *, by: User, key: UUID) -> UnitFile:
    """Keep a file for its preview, if it can be read at all; nothing of the register is written. Raises `BadFile`."""
    federation = Union.objects.get(kind=UnionKind.FEDERATION)
    require(by, Right.MANAGE_UNITS, at=federation)
    if len(content) > MOST_BYTES:
        raise BadFile(name=name, why=_("超过 %(n)d MB。") % {"n": MOST_BYTES // 1024**2})
    read(content, name, headings(), required())
    body = {"name": name, "bytes": len(content)}
    if made := earlier("units.check", key, by, body):
        return UnitFile.objects.get(pk=made)
    file = UnitFile.objects.create(by=by, name=name[-120:], content=content, uploaded_at=clock.now())
    done("units.check", file.pk, subject=f"unit-file:{file.pk}", by=by, key=key, body=body)
    return file


def checked(file: UnitFile, by: User) -> Checked:
    """What the file would do to the register as it stands now."""
    sheet = read(bytes(file.content), file.name, headings(), required())
    known = register(by)
    return Checked(sheet, judge(sheet, known), known)


def register(by: User) -> Known:
    """The register as the asker sees it, for comparing: four queries."""
    unions = Union.objects.visible_to(by).exclude(kind=UnionKind.GRASSROOTS)
    everyone = Unit.objects.select_related("union", "parent_company")
    visible = set(Unit.objects.visible_to(by).values_list("pk", flat=True))
    rows = list(everyone)
    gone = {
        code: _("已登记为“%(unit)s”的原代码") % {"unit": unit}
        for code, unit in FormerUnit.objects.filter(predecessor=None).values_list("code", "unit__name")
    }
    gone.update(
        {
            row.code: _("“%(unit)s”%(state)s") % {"unit": row.name, "state": row.get_state_display()}
            for row in rows
            if row.state != UnitState.ACTIVE
        }
    )
    active = [row for row in rows if row.state == UnitState.ACTIVE]
    here = {row.code for row in active}
    return Known(
        districts=_named(union for union in unions if union.kind == UnionKind.DISTRICT),
        unions=_named(unions),
        units={row.code: _facts(row) for row in active if row.pk in visible},
        names={(row.union.parent_id or 0, row.name): row.code for row in rows},
        gone={code: why for code, why in gone.items() if code not in here},
        elsewhere=frozenset(row.code for row in rows if row.pk not in visible),
    )


def _named(unions: Any) -> dict[str, int]:
    """Unions by short name and by full name; the short ones first, as a list of choices shows them."""
    rows = list(unions)
    return {**{row.short: row.pk for row in rows}, **{row.name: row.pk for row in rows}}


def _facts(unit: Unit) -> dict[str, Any]:
    parent = unit.parent_company.code if unit.parent_company else ""
    above, district = unit.union.parent_id, unit.district_id
    facts = {name: getattr(unit, name) for name in FACTS}
    return {**facts, "name": unit.name, "district": district, "above": above, "parent_company": parent}


@transaction.atomic
def import_units(pk: int, *, expected: int, by: User, key: UUID) -> UnitFile:
    """Write a checked file's new and changed rows, all or none; wrong and unchanged rows are left.

    `expected` is how many rows the asker saw would be written. Raises `MovedOn`, `NothingToWrite`, `OutOfStep`.
    """
    hold_tree()
    file = UnitFile.objects.visible_to(by).select_for_update(of=("self",)).pick(pk)
    if earlier("units.import", key, by, {"file": pk}):
        return file
    require(by, Right.MANAGE_UNITS, at=Union.objects.get(kind=UnionKind.FEDERATION))
    if file.written_at:
        raise OutOfStep(state=_("已写入"), move=_("再写入"))
    found = checked(file, by)
    if not found.to_write:
        raise NothingToWrite
    if found.to_write != expected:
        raise MovedOn(before=expected, now=found.to_write)
    changed = list(_write(found, by))
    tally = counts(found.rows)
    file.added, file.changed, file.written_at = tally[Verdict.NEW], tally[Verdict.CHANGED], clock.now()
    file.save(update_fields=["added", "changed", "written_at"])
    done("units.import", pk, subject=f"unit-file:{pk}", by=by, key=key, body={"file": pk}, units=changed)
    return file


def _write(found: Checked, by: User) -> Iterator[dict[str, Any]]:
    """Write the rows, then the parent companies, which may stand further down; yields what each row changed."""
    unions = {union.pk: union for union in Union.objects.visible_to(by).exclude(kind=UnionKind.GRASSROOTS)}
    before = Unit.objects.select_related("union").select_for_update(of=("self",)).order_by("pk")
    units = {unit.code: unit for unit in before}
    writing = [row for row in found.rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    for row in writing:
        code, facts = row.values["code"], {name: row.values[name] for name in FACTS if name in row.values}
        if row.verdict == Verdict.NEW:
            units[code] = _add(row, facts, unions, by)
            yield {"code": code, "new": row.values["name"]}
        else:
            _change(units[code], row, facts, unions)
            yield {"code": code, "before": {name: before for name, (before, _now) in row.changes.items()}}
    for row in writing:
        if "parent_company" in row.values:
            unit, parent = units[row.values["code"]], row.values["parent_company"]
            unit.parent_company = parent_of(unit, units[parent] if parent else None, by)
            unit.save(update_fields=["parent_company"])


def _add(row: Row, facts: dict[str, Any], unions: dict[int, Union], by: User) -> Unit:
    above, district = unions[row.values["above"]], unions[row.values["district"]]
    defaults = {"ownership": "none", "level": "", "workers": 0, "group_company": ""}
    name, code = row.values["name"], row.values["code"]
    return found_unit(
        by, name=name, code=code, above=above, district=district, parent=None, facts={**defaults, **facts}
    )


def _change(unit: Unit, row: Row, facts: dict[str, Any], unions: dict[int, Union]) -> None:
    write_facts(unit, facts)
    unit.district = unions[row.values["district"]]
    unit.save()
    if "name" in row.changes:
        take_name(unit, row.values["name"], unit.code, _("批量导入"))
