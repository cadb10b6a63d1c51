"""What goes to the bank, and what comes back: the files kept, each line matched, nothing half-written."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep
from guildhall.foundation.ledger.moves import post_all, post_of, void_of
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import BankBatch, BankReturn, Payout, PayoutRow
from guildhall.foundation.programmes.moves.payouts import changed_payees, held_rows, step
from guildhall.foundation.programmes.rules import (
    Line,
    Slip,
    batch_bytes,
    batch_text,
    next_payout_state,
    read_return,
    read_text,
    yuan,
)
from guildhall.foundation.programmes.states import (
    MATCHED,
    LineVerdict,
    PayoutMove,
    PayoutState,
    ReturnState,
    RowState,
    Waits,
)
from guildhall.foundation.records.moves import draft, made, record
from guildhall.foundation.records.rules import sm3


@transaction.atomic
def send(pk: int, *, by: User, key: UUID) -> Payout:
    """Finance makes the bank's batch file of an approved list, once; asked again the same file comes.

    A payment to an account that changed since the approval is freed and returned: it waits for the new account. Where
    none is left, the list is settled without a file.
    """
    payout, again = step(pk, PayoutMove.SEND, by, key)
    if again:
        return payout
    rows = held_rows(payout, RowState.HELD)
    late = {row.pk for row in changed_payees(rows)}
    back, going = [row for row in rows if row.pk in late], [row for row in rows if row.pk not in late]
    for row in going:
        row.state = RowState.SENT
    for row in back:
        row.state, row.waits, row.settled_at = RowState.RETURNED, Waits.UNCHECKED, clock.now()
        row.reason = str(Waits.UNCHECKED.label)
    PayoutRow.objects.bulk_update(rows, ["state", "waits", "reason", "settled_at"])
    payout.sent_by, payout.sent_at = by, clock.now()
    batch = _file(payout, going, by) if going else None
    _settled_when_done(payout)
    payout.save()
    entry = draft()
    post_all([void_of(row.settlement, row.hold, memo=row.slip) for row in back], decision=entry)
    content = {"rows": len(going), "freed": [row.slip for row in back]}
    if batch:
        content |= {"file": batch.filename, "digest": batch.digest, "sum_fen": batch.sum_fen}
    record(
        PayoutMove.SEND, stream=payout.fund.stream, subject=payout.subject, by=by, content=content, key=key,
        drafted=entry,
    )  # fmt: skip
    return payout


def _file(payout: Payout, rows: Sequence[PayoutRow], by: User) -> BankBatch:
    slips = [
        Slip(
            row.slip,
            row.payee.name,
            row.payee.bank,
            row.payee.branch,
            row.payee.account,
            row.sum_fen,
            payout.round.title,
        )
        for row in rows
        if row.payee
    ]
    text = batch_text(slips)
    return BankBatch.objects.create(
        payout=payout, filename=f"{payout.number}.csv", text=text, digest=sm3(batch_bytes(text)),
        rows_count=len(slips), sum_fen=sum(slip.sum_fen for slip in slips), made_by=by, made_at=clock.now(),
    )  # fmt: skip


def _settled_when_done(payout: Payout) -> None:
    if payout.state == PayoutState.SENT and not payout.rows.filter(state=RowState.SENT).exists():
        payout.state = next_payout_state(payout.state, PayoutMove.SETTLE)
        payout.settled_at = clock.now()


def _due(payout: Payout) -> dict[str, tuple[int, bool]]:
    """By slip, what was sent in fen and whether it is still to be settled."""
    rows = payout.rows.filter(state__in=(RowState.SENT, RowState.PAID, RowState.RETURNED)).select_related("payout")
    return {row.slip: (row.sum_fen, row.state == RowState.SENT) for row in rows}


@transaction.atomic
def upload_return(batch_pk: int, filename: str, raw: bytes, *, by: User, key: UUID) -> BankReturn:
    """Keep the bank's return file and say of each line what it comes to; no money moves yet.

    The same file again is the same upload. Raises `ReturnUnreadable`, `OutOfStep` before the batch was sent.
    """
    batch = BankBatch.objects.visible_to(by).pick(batch_pk)
    require(by, Right.HANDLE_MONEY, at=batch.payout.union)
    payout = Payout.objects.visible_to(by).hold(batch.payout_id)
    if earlier := made("return-upload", stream=payout.fund.stream, subject=payout.subject, key=key):
        return BankReturn.objects.get(pk=earlier.body["return"])
    text, digest = read_text(raw), sm3(raw)
    if same := BankReturn.objects.filter(batch=batch, digest=digest).first():
        return same
    lines = read_return(text, _due(payout))
    matched = sum(line.verdict in MATCHED for line in lines)
    upload = BankReturn.objects.create(
        batch=batch, state=ReturnState.READ if matched else ReturnState.EMPTY, filename=filename[:120], text=text,
        digest=digest, lines=[line.kept() for line in lines], uploaded_by=by, uploaded_at=clock.now(),
    )  # fmt: skip
    content = {"return": upload.pk, "digest": digest, "lines": len(lines), "matched": matched}
    record("return-upload", stream=payout.fund.stream, subject=payout.subject, by=by, content=content, key=key)
    return upload


@transaction.atomic
def post_return(pk: int, *, by: User, key: UUID) -> BankReturn:
    """Post what a return file matches: what was paid is posted, what came back is freed; all in one batch or nothing.

    The lines are judged anew: what another file settled meanwhile is left alone. Raises `OutOfStep` once it is posted.
    """
    upload = BankReturn.objects.visible_to(by).pick(pk)
    require(by, Right.HANDLE_MONEY, at=upload.batch.payout.union)
    payout = Payout.objects.visible_to(by).hold(upload.batch.payout_id)
    if made("return-post", stream=payout.fund.stream, subject=upload.subject, key=key):
        return upload
    upload.refresh_from_db(fields=["state"])
    if upload.state != ReturnState.READ:
        raise OutOfStep(state=ReturnState(upload.state).label, move=PayoutMove.SETTLE.label)
    lines = read_return(upload.text, _due(payout))
    rows = _matched(payout, [line for line in lines if line.verdict in MATCHED])
    _settled_when_done(payout)
    payout.save()
    upload.lines = [line.kept() for line in lines]
    upload.state = ReturnState.POSTED if rows else ReturnState.EMPTY
    upload.posted_by, upload.posted_at = by, clock.now()
    upload.save(update_fields=["state", "lines", "posted_by", "posted_at"])
    entry = draft()
    items = [
        post_of(row.settlement, row.hold, row.sum_fen, memo=row.bank_reference)
        if row.state == RowState.PAID
        else void_of(row.settlement, row.hold, memo=row.reason)
        for row in rows
    ]
    post_all(items, decision=entry)
    said = [[row.slip, row.state, row.sum_fen, row.bank_reference] for row in rows]
    content = {"rows": said, "digest": upload.digest, "verdicts": Counter(line.verdict for line in lines)}
    record(
        "return-post", stream=payout.fund.stream, subject=upload.subject, by=by, content=content, key=key, drafted=entry
    )
    _tell(payout, rows)
    return upload


def _matched(payout: Payout, lines: Sequence[Line]) -> list[PayoutRow]:
    """The rows that the lines settle, written."""
    by_slip = {row.slip: row for row in held_rows(payout, RowState.SENT)}
    rows = []
    for line in lines:
        row = by_slip[line.slip]
        paid = line.verdict == LineVerdict.PAID
        row.state = RowState.PAID if paid else RowState.RETURNED
        row.bank_reference, row.reason, row.settled_at = line.reference, "" if paid else line.reason, clock.now()
        rows.append(row)
    PayoutRow.objects.bulk_update(rows, ["state", "bank_reference", "reason", "settled_at"])
    return rows


def _tell(payout: Payout, rows: Sequence[PayoutRow]) -> None:
    unions = {row.unit_id: row.unit.union_id for row in rows}
    for row in rows:
        officers = holders(Right.SPEAK_FOR_UNIT, [unions[row.unit_id]])
        once, fen = f"settled:{row.pk}", yuan(row.sum_fen)
        if row.state == RowState.PAID:
            tell("money.paid", officers, once=once, round=payout.round.title, sum=fen, reference=row.bank_reference)
        else:
            tell("money.returned", officers, once=once, sum=fen, reason=row.reason)
    returned = sum(row.state == RowState.RETURNED for row in rows)
    if returned:
        people = holders(Right.HANDLE_MONEY, payout.union.lineage)
        tell("money.returned_rows", people, number=payout.number, n=returned)
