"""What the registers already say of a unit that applies, and whom its form may name."""

from typing import Any

from django.db.models import Q

from guildhall.foundation.organisations.models import Person, Unit, User
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.schema import FactField


def prefilled(of: Round, unit: Unit) -> dict[str, Any]:
    """What the registers already say, by field."""
    chair = Person.objects.filter(user__appointments__union=unit.union, user__appointments__role="unit_officer").first()
    last = unit.applications.filter(round__programme__code=of.programme.code).exclude(round=of).order_by("-pk").first()
    known = {
        "unit.name": unit.name, "unit.code": unit.code, "unit.ownership": unit.get_ownership_display(),
        "unit.trade": unit.trade, "unit.headcount": str(unit.headcount), "unit.district": unit.district.short,
        "unit.chair": chair.name if chair else "",
    }  # fmt: skip
    return {
        field.key: (last.facts.get(field.key, "") if last else "") if field.prefill == "last" else known[field.prefill]
        for field in of.rules.form if field.prefill
    }  # fmt: skip


def people_of(unit: Unit) -> list[tuple[int, str]]:
    """Who may stand in a person's field: those the unit employs, and its union's officers."""
    here = Q(employer=unit) | Q(user__appointments__union=unit.union)
    return list(Person.objects.filter(here).distinct().order_by("name").values_list("pk", "name"))


def units_for(user: User, asked: list[FactField]) -> list[tuple[int, str]]:
    """Who may stand in a unit's field: those in the reader's scope."""
    if not any(field.type == "unit" for field in asked):
        return []
    return list(Unit.objects.visible_to(user).order_by("name").values_list("pk", "name")[:500])
