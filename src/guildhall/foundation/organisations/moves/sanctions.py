"""Sanctions: put on a unit and lifted again by the federation, each with its document or reason on the chain."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, OutOfStep
from guildhall.foundation.organisations.models import Sanction, Unit, User
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.states import Right, SanctionKind


@transaction.atomic
def put_sanction(
    pk: int, *, kind: str, text: str, document: str, since: date, until: date | None = None, by: User, key: UUID
) -> Sanction:
    """Enter a sanction or arrears against a unit. Raises `NotHere`, `NoRight`, `BadInput` without its document."""
    body = {"unit": pk, "kind": kind, "text": text, "document": document, "since": since, "until": until}
    if made := earlier("unit.sanction", key, by, body):
        return Sanction.objects.get(pk=made)
    unit = Unit.objects.visible_to(by).select_related("union").pick(pk)
    require(by, Right.MANAGE_UNITS, at=unit.union)
    if not text.strip() or not document.strip() or kind not in SanctionKind.values:
        raise BadInput(what=_("请写明类别、事由和文号。"))
    if until and until < since:
        raise BadInput(what=_("止日要晚于起日。"))
    row = Sanction.objects.create(
        unit=unit, kind=kind, text=text.strip(), document=document.strip(), since=since, until=until
    )
    done("unit.sanction", row.pk, subject=f"unit:{pk}", by=by, key=key, body=body)
    return row


@transaction.atomic
def lift_sanction(pk: int, *, reason: str, by: User, key: UUID) -> Sanction:
    """Lift a sanction from today on, with what shows that it is settled. Raises `OutOfStep` where it does not stand."""
    body = {"sanction": pk, "reason": reason}
    if earlier("unit.sanction_lift", key, by, body):
        return Sanction.objects.get(pk=pk)
    rows = Sanction.objects.visible_to(by).select_related("unit__union")
    row = rows.select_for_update(of=("self",)).pick(pk)
    require(by, Right.MANAGE_UNITS, at=row.unit.union)
    today = clock.today()
    if row.lifted_on or (row.until and row.until < today):
        raise OutOfStep(state=_("已解除"), move=_("解除"))
    if not reason.strip():
        raise BadInput(what=_("请写明解除的依据。"))
    row.lifted_on = today
    row.save(update_fields=["lifted_on"])
    done("unit.sanction_lift", pk, subject=f"unit:{row.unit_id}", by=by, key=key, body=body)
    return row
