"""Where units are paid: proposed, checked by two, never changed in place."""

from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _t

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, OutOfStep
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Payee
from guildhall.foundation.programmes.rules import (
    PayeeNameOff,
    against_same_person,
    need_reason,
    plain_name,
    read_account,
)
from guildhall.foundation.programmes.states import PayeeState
from guildhall.foundation.records.moves import made, record, waiting

STREAM = "register:payees"


class AccountFacts(TypedDict):
    """What is said of an account."""

    name: str
    bank: str
    branch: str
    account: str


def may_propose(by: User, unit: Unit) -> bool:
    """Whether this user may enter the unit's account: its own officer, finance, or the officer in charge."""
    rights = (Right.SPEAK_FOR_UNIT, Right.HANDLE_MONEY, Right.RUN_ROUNDS)
    return any(by.may(right, unit.union) for right in rights)


@transaction.atomic
def propose_payee(unit_pk: int, facts: AccountFacts, *, reason: str = "", by: User, key: UUID) -> Payee:
    """A unit's first account or a change of it, as a new version: until two have checked it, nothing is paid.

    Raises `NotHere`, `NoRight`, `PayeeNameOff`, `AccountNumberOff`, `OutOfStep` while another version waits.
    """
    unit = Unit.objects.visible_to(by).select_related("union").pick(unit_pk)
    if not may_propose(by, unit):
        raise NoRight
    with waiting():
        Unit.objects.select_for_update(no_key=True).get(
            pk=unit.pk
        )  # One version at a time; a payment waits for it too.
    number = read_account(facts["account"])
    asked = {"bank": facts["bank"].strip(), "branch": facts["branch"].strip(), "tail": number[-4:]}
    if earlier := made("payee-propose", stream=STREAM, subject=f"payee:{unit.pk}", key=key, content=asked):
        return Payee.objects.get(pk=earlier.body["payee"])
    if plain_name(facts["name"]) != plain_name(unit.name):
        raise PayeeNameOff(name=facts["name"], unit=unit.name)
    last = Payee.objects.filter(unit=unit).order_by("-version").first()
    if last and last.state == PayeeState.PROPOSED:
        raise OutOfStep(state=PayeeState.PROPOSED.label, move=_t("再改账户"))
    if Payee.objects.counting([unit.pk]):
        reason = need_reason(reason, most=400)
    payee = Payee.objects.create(
        unit=unit, version=last.version + 1 if last else 1, name=unit.name, bank=need_reason(facts["bank"], 2),
        branch=need_reason(facts["branch"], 2), account=number, tail=number[-4:], reason=reason,
        proposed_by=by, proposed_at=clock.now(),
    )  # fmt: skip
    content = {
        "payee": payee.pk,
        "version": payee.version,
        "bank": payee.bank,
        "branch": payee.branch,
        "tail": payee.tail,
    }
    record("payee-propose", stream=STREAM, subject=payee.subject, by=by, content=content, key=key, note=reason)
    checkers = holders(Right.HANDLE_MONEY, unit.union.lineage).exclude(pk=by.pk)
    tell("money.payee", checkers, once=f"payee:{payee.pk}", unit=unit.name)
    return payee


def _held(pk: int, act: str, by: User, key: UUID) -> tuple[Payee, bool]:
    payee = Payee.objects.visible_to(by).hold(pk)
    require(by, Right.HANDLE_MONEY, at=payee.unit.union)
    if made(act, stream=STREAM, subject=payee.subject, key=key):
        return payee, True
    if payee.state != PayeeState.PROPOSED:
        raise OutOfStep(state=PayeeState(payee.state).label, move=_t("核对"))
    if refusal := against_same_person(by.pk, payee.proposed_by_id, payee.first_by_id):
        raise refusal
    return payee, False


@transaction.atomic
def check_payee(pk: int, *, by: User, key: UUID) -> Payee:
    """An officer of finance confirms an account against its paper; the second one's word makes it payable.

    Raises `NoRight`, `SamePerson` for the proposer and for whoever checked first, `OutOfStep`.
    """
    payee, again = _held(pk, "payee-check", by, key)
    if again:
        return payee
    if payee.first_by_id is None:
        payee.first_by, payee.first_at = by, clock.now()
    else:
        payee.second_by, payee.second_at = by, clock.now()
        payee.state = PayeeState.CHECKED
    payee.save(update_fields=["state", "first_by", "first_at", "second_by", "second_at"])
    content = {"payee": payee.pk, "version": payee.version, "state": payee.state, "tail": payee.tail}
    record("payee-check", stream=STREAM, subject=payee.subject, by=by, content=content, key=key)
    return payee


@transaction.atomic
def refuse_payee(pk: int, *, reason: str, by: User, key: UUID) -> Payee:
    """An officer of finance refuses a version, with the reason; the version before counts again."""
    payee, again = _held(pk, "payee-refuse", by, key)
    if again:
        return payee
    payee.state, payee.refused_because = PayeeState.REFUSED, need_reason(reason, most=400)
    payee.save(update_fields=["state", "refused_because"])
    content = {"payee": payee.pk, "version": payee.version}
    note = payee.refused_because
    record("payee-refuse", stream=STREAM, subject=payee.subject, by=by, content=content, key=key, note=note)
    tell("money.payee_refused", [payee.proposed_by], unit=payee.unit.name, reason=note)
    return payee


@transaction.atomic
def unmask_payee(pk: int, *, reason: str, by: User, key: UUID) -> str:
    """The whole account number, for a reason that goes on record with the reader's name.

    Finance alone reads it. Raises `NoRight`, `BadInput` for a reason that says too little.
    """
    payee = Payee.objects.visible_to(by).pick(pk)
    require(by, Right.HANDLE_MONEY, at=payee.unit.union)
    said = need_reason(reason)
    if not made("payee-unmask", stream=STREAM, subject=payee.subject, key=key):
        content = {"payee": payee.pk, "version": payee.version}
        record("payee-unmask", stream=STREAM, subject=payee.subject, by=by, content=content, key=key, note=said)
    if not payee.account:
        raise BadInput(what=_t("没有登记账号。"))
    return payee.account
