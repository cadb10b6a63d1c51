"""The auditor's look at what is sealed: who reviews whom. Each look is recorded, with its reason."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.records.moves import made, record
from guildhall.reform.assessment.models import Review, Step
from guildhall.reform.assessment.states import StepState


@dataclass(frozen=True)
class Unsealed:
    """What one look shows: the seed and the salt, each number's unit, and who reviews whom."""

    seed: str
    key_salt: str
    units: list[tuple[int, str, str]]
    """(number, name, credit code)"""
    assigned: list[tuple[str, list[str]]]
    """Each assessor's name with the names of the units assigned to it."""


@transaction.atomic
def unseal(round_pk: int, *, reason: str, by: User, key: UUID) -> Unsealed:
    """Show the auditor the assignment's seed and what follows from it. Raises `NotHere`, `NoRight`, `OutOfStep` before
    the drawing, `BadInput` without a reason."""
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.AUDIT, at=step.round.union)
    if step.state == StepState.PLANNED:
        raise OutOfStep(state=StepState(step.state).label, move=_("查看种子"))
    subject = f"round:{round_pk}"
    if not made("unseal", stream=step.round.stream, subject=subject, key=key):
        said = need_reason(reason)
        record("unseal", stream=step.round.stream, subject=subject, by=by, key=key, note=said)
    return _opened(step)


def _opened(step: Step) -> Unsealed:
    units = [(row.number, row.application.unit.name, row.application.unit.code)
             for row in step.entrants.select_related("application__unit").order_by("number")]  # fmt: skip
    found: dict[str, list[str]] = {}
    reviews = Review.objects.filter(sheet__step=step).select_related(
        "sheet__entrant__application__unit", "sheet__expert__person", "entrant__application__unit"
    )
    for review in reviews.order_by("sheet_id", "position"):
        found.setdefault(review.sheet.whose, []).append(review.entrant.application.unit.name)
    return Unsealed(step.seed, step.key_salt, units, list(found.items()))
