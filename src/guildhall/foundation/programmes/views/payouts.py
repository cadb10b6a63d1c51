"""Payout lists: what is to be paid, one list and its acts, the approval, and what a unit received."""

from collections import Counter
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.ledger.models import Transfer
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.rounds import ReasonForm
from guildhall.foundation.programmes.models import Payee, Payout, PayoutRow, Round
from guildhall.foundation.programmes.moves import payouts
from guildhall.foundation.programmes.rules import waits
from guildhall.foundation.programmes.states import (
    PAYOUT_AFTER,
    PAYOUT_NEEDS,
    PayoutMove,
    PayoutState,
    RowState,
)
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Act, Choice, Column, Kind, ListPage, page
from guildhall.foundation.screens.panels import rail

STAGES = (lazy("拟单"), lazy("制单"), lazy("批准"), lazy("发送银行"), lazy("回单"))
PLACE = {
    PayoutState.DRAWN: 1,
    PayoutState.PREPARED: 2,
    PayoutState.APPROVED: 3,
    PayoutState.SENT: 4,
    PayoutState.SETTLED: 5,
}
TONES = {
    RowState.PAID: "green",
    RowState.RETURNED: "red",
    RowState.WAITING: "amber",
    PayoutState.SETTLED: "green",
    PayoutState.DROPPED: "",
}


def to_list(row: Any) -> str:
    """The page of a payout list."""
    return reverse("money:payout", args=[row.pk])


class Payouts(ListPage):
    """付款清单: those that wait and those that are done."""

    title = lazy("付款清单")
    noun = lazy("批")
    columns = (
        Column(key="number", label=lazy("编号"), link=to_list, sort="number"),
        Column(key="round", label=lazy("批次"), sort="round__title"),
        Column(key="fund", label=lazy("资金")),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state", folds_with="state"),
        Column(key="rows", label=lazy("笔数"), value="rows_count", kind=Kind.NUMBER, sort="rows_count"),
        Column(
            key="sum", label=lazy("金额"), value="sum_fen", kind=Kind.YUAN, sort="sum_fen", total="sum", phone="right"
        ),
        Column(key="paid", label=lazy("已付"), value="paid_fen", kind=Kind.YUAN, sort="paid_fen", total="sum"),
        Column(key="waiting", label=lazy("缓付"), value="waiting_count", kind=Kind.NUMBER, sort="waiting_count"),
        Column(key="drawn", label=lazy("拟单时间"), value="drawn_at", kind=Kind.DAY, sort="drawn_at"),
    )
    filters = (Choice(key="state", label=lazy("状态"), options=PayoutState.choices),)
    search = ("number", "round__title")
    search_label = lazy("编号、批次")
    order = "-drawn"
    empty = lazy("还没有付款清单。公示结束、命名以后，承办人在批次里拟付款清单。")


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """All lists within the reader's scope; the officer in charge finds what may be drawn up."""
    require_money(request.user)
    rows = Payout.objects.visible_to(request.user).summed().select_related("round", "fund")
    acts: list[Act] = []
    if request.user.may(Right.RUN_ROUNDS):
        for of in payouts.rounds_to_pay(request.user):
            label = _("拟付款清单：%(round)s") % {"round": of.title}
            acts.append(Act(label=label, url=reverse("money:draw", args=[of.pk]), icon="plus", red=not acts))
    return page(request, Payouts, rows, acts=acts[:3])


def require_money(user: User) -> None:
    """Raise `NoRight` unless the user reads money somewhere."""
    if not user.may(Right.READ_MONEY):
        raise NoRight


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draw(request: SignedIn, round_pk: int) -> HttpResponse:
    """What a list would hold, and drawing it up."""
    of = Round.objects.visible_to(request.user).pick(round_pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if request.method == "POST":
        payout = payouts.draw_up(round_pk, by=request.user, key=key_of(request))
        messages.success(request, _("付款清单 %(number)s 已交财务。财务核对账户后制单。") % {"number": payout.number})
        return redirect("money:payout", payout.pk)
    due = payouts.to_be_paid(of)
    total = sum(fen for _row, fen in due)
    facts = {"round": of, "due": due, "total": total, "key": uuid4(), "crumbs": trail(of.title)}
    return render(request, "programmes/money/draw.html", facts)


def trail(*names: object) -> list[tuple[object, str]]:
    """The way to a page below the payout lists."""
    return [(_("付款清单"), reverse("money:payouts")), *((name, "") for name in names)]


def may_do(payout: Payout, user: User) -> set[str]:
    """The moves this reader may make now; the page shows no other button."""
    moves = {move for (state, move) in PAYOUT_AFTER if state == payout.state}
    allowed = {move for move in moves if user.may(PAYOUT_NEEDS[PayoutMove(move)], payout.union)}
    if user.pk in (payout.drawn_by_id, payout.prepared_by_id):
        allowed.discard(PayoutMove.APPROVE)
    return {PayoutMove(move).name.lower() for move in allowed}


def lines_of(payout: Payout, user: User) -> list[PayoutRow]:
    """The list's rows; while it is drawn each says whether its account would wait."""
    rows = list(payout.rows.select_related("unit", "payee").order_by("serial"))
    drawn = [row for row in rows if row.state == RowState.DRAWN]
    counting = Payee.objects.visible_to(user).counting(row.unit_id for row in drawn) if drawn else {}
    returned = payouts.returned_from(drawn) if drawn else {}
    for row in rows:
        row.payout = payout
        if row.state == RowState.DRAWN:
            row.payee = counting.get(row.unit_id)
            row.waits = waits(row.payee, row.unit.name, returned.get(row.application_id))
        row.tone = TONES.get(RowState(row.state), "")  # type: ignore[attr-defined]  # Read by the template alone.
    return rows


def sums_of(payout: Payout, rows: list[PayoutRow], user: User) -> dict[str, object]:
    """The three sums that must agree, each from its own source: list, ledger, bank file."""
    counted = [row for row in rows if row.state not in (RowState.WAITING, RowState.DROPPED)]
    listed = sum(row.sum_fen for row in counted)
    kept_back = sum(row.sum_fen for row in counted if row.state == RowState.RETURNED and row.waits)
    held = Transfer.objects.visible_to(user).filter(key__in=[row.hold for row in counted])
    ledger = held.aggregate(fen=Sum("amount"))["fen"]
    batch = getattr(payout, "batch", None)
    gone = batch.sum_fen if batch else None
    agree = ledger in (None, listed) and gone in (None, listed - kept_back)
    return {"list": listed, "ledger": ledger, "file": gone, "kept_back": kept_back, "agree": agree, "batch": batch}


def _by_state(rows: list[PayoutRow], chosen: str) -> dict[str, object]:
    """The rows of the chosen state, and how many there are of each."""
    n = Counter(row.state for row in rows)
    chosen = chosen if chosen in n else ""
    counts = [{"label": _("全部"), "n": len(rows), "url": "?", "current": not chosen}] if len(n) > 1 else []
    counts += [
        {"label": state.label, "n": n[state], "url": f"?state={state.value}", "current": chosen == state}
        for state in RowState if n[state]
    ]  # fmt: skip
    return {"counts": counts, "shown": [row for row in rows if not chosen or row.state == chosen]}


@login_required
@require_safe
def record(request: SignedIn, pk: int) -> HttpResponse:
    """One list: where it stands, what is next, its payments, and its three sums."""
    payout = Payout.objects.visible_to(request.user).pick(pk)
    rows = lines_of(payout, request.user)
    facts = _by_state(rows, request.GET.get("state", "")) | {
        "payout": payout, "sums": sums_of(payout, rows, request.user), "may": may_do(payout, request.user),
        "stages": rail(STAGES, PLACE.get(PayoutState(payout.state), 0)), "key": uuid4(), "form": ReasonForm(),
        "shortfall": payouts.shortfall(payout), "crumbs": trail(payout.number), "tone": TONES.get(PayoutState(payout.state), "amber"),
        "waiting": [row for row in rows if row.waits and row.state in (RowState.DRAWN, RowState.WAITING)],
    }  # fmt: skip
    return render(request, "programmes/money/payout.html", facts)


@login_required
@require_POST
def prepare(request: SignedIn, pk: int) -> HttpResponse:
    """Finance prepares the list."""
    payout = payouts.prepare(pk, by=request.user, key=key_of(request))
    waiting = payout.rows.filter(state=RowState.WAITING).count()
    said = (
        _("已交领导批准。")
        if not waiting
        else _("已交领导批准。%(n)d 家账户没核对，缓付，核对后进下一份清单。") % {"n": waiting}
    )
    messages.success(request, said)
    return redirect("money:payout", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SignedIn, pk: int) -> HttpResponse:
    """The approval has a page of its own that repeats sums and names: it cannot be taken back."""
    if request.method == "POST":
        payouts.approve(pk, digest=request.POST.get("digest", ""), by=request.user, key=key_of(request))
        messages.success(request, _("已批准，资金已在账上留住。财务接着发送银行。"))
        return redirect("money:payout", pk)
    payout = Payout.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.APPROVE_MONEY, at=payout.union)
    rows = [row for row in lines_of(payout, request.user) if row.state == RowState.READY]
    facts = {"payout": payout, "rows": rows, "total": sum(row.sum_fen for row in rows), "key": uuid4()}
    facts |= {"may": may_do(payout, request.user), "crumbs": trail(payout.number), "form": ReasonForm()}
    return render(request, "programmes/money/approve.html", facts | {"shortfall": payouts.shortfall(payout)})


@login_required
@require_POST
def send_back(request: SignedIn, pk: int) -> HttpResponse:
    """Back to finance, with the reason."""
    payouts.send_back(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("已退回财务重制，理由已告诉制单人。"))
    return redirect("money:payout", pk)


@login_required
@require_POST
def drop(request: SignedIn, pk: int) -> HttpResponse:
    """The officer in charge takes a list back before it is prepared."""
    payouts.drop(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("清单已撤销，可以重新拟。"))
    return redirect("money:payouts")


class Received(ListPage):
    """收到的资金: a unit's own."""

    title = lazy("收到的资金")
    noun = lazy("笔")
    columns = (
        Column(key="round", label=lazy("批次"), value="payout.round.title", sort="payout__round__title"),
        Column(key="unit", label=lazy("单位"), value="unit.name", hidden=True),
        Column(
            key="sum", label=lazy("金额"), value="sum_fen", kind=Kind.YUAN, sort="sum_fen", total="sum", phone="right"
        ),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state"),
        Column(
            key="payee",
            label=lazy("收款账户"),
            show=lambda row: formats.empty(row.payee and str(row.payee)),
            value="payee",
        ),
        Column(key="reference", label=lazy("银行流水号"), value="bank_reference"),
        Column(key="reason", label=lazy("退回原因"), value="reason"),
        Column(key="settled", label=lazy("时间"), value="settled_at", kind=Kind.DAY, sort="settled_at"),
    )
    order = "-settled"
    empty = lazy("还没有付给本单位的资金。批准付款以后会出现在这里，到账会发短信。")
    template = "programmes/money/received.html"


@login_required
@require_safe
def received(request: SignedIn) -> HttpResponse:
    """What the reader's own unit was paid, and to which account."""
    unions = request.user.unions_with(Right.SPEAK_FOR_UNIT)
    if not unions:
        raise NoRight
    own = PayoutRow.objects.visible_to(request.user).filter(unit__union__in=unions)
    payees = Payee.objects.visible_to(request.user).filter(unit__union__in=unions).select_related("unit")
    extra: dict[str, object] = {
        "payees": payees.order_by("-version")[:5],
        "units": Unit.objects.visible_to(request.user).filter(union__in=unions),
    }
    return page(request, Received, own.select_related("payout__round", "unit", "payee"), extra=extra)
