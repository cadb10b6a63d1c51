"""The accounts and transfers of the ledger, and one yuan's way through them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from guildhall.foundation.errors import NotHere
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.states import AccountKind, Phase
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import BudgetDecision, PayoutRow
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.states import BudgetState
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.programmes.views.decision import tier_label
from guildhall.foundation.programmes.views.payouts import require_money
from guildhall.foundation.records.states import chain_label
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Choice, Column, Kind, ListPage, page


def _of_account(row: Account) -> str:
    return reverse("money:account", args=[row.pk])


def of_transfer(row: Transfer) -> str:
    """The page that traces a transfer."""
    return reverse("money:trace", args=[row.pk])


class Accounts(ListPage):
    """账户."""

    title = lazy("台账：账户")
    noun = lazy("个")
    columns = (
        Column(key="name", label=lazy("账户"), link=_of_account, sort="name"),
        Column(key="kind", label=lazy("类别"), value="get_kind_display", sort="kind", folds_with="kind"),
        Column(key="posted", label=lazy("余额"), kind=Kind.YUAN, sort="posted", total="sum", phone="right"),
        Column(key="reserved", label=lazy("预留"), kind=Kind.YUAN, sort="reserved", total="sum"),
        Column(key="incoming", label=lazy("待收"), kind=Kind.YUAN, sort="incoming", total="sum"),
        Column(key="closed", label=lazy("封账"), value=lambda row: _("已封账") if row.closed else ""),
    )
    filters = (Choice(key="kind", label=lazy("类别"), options=AccountKind.choices),)
    search = ("name",)
    search_label = lazy("账户名称")
    order = "name"
    empty = lazy("还没有账户。登记第一项预算时开立。")
    foot = lazy("复式记账：全部账户的余额相加为零。")


@login_required
@require_safe
def accounts(request: SignedIn) -> HttpResponse:
    """Every account of the ledger."""
    require_money(request.user)
    return page(request, Accounts, Account.objects.visible_to(request.user))


class Transfers(ListPage):
    """流水."""

    title = lazy("台账：流水")
    noun = lazy("笔")
    columns = (
        Column(
            key="at", label=lazy("时间"), value="business_at", kind=Kind.MOMENT, link=of_transfer, sort="business_at"
        ),
        Column(key="debit", label=lazy("付出账户"), sort="debit__name"),
        Column(key="credit", label=lazy("收入账户"), sort="credit__name"),
        Column(key="amount", label=lazy("金额"), kind=Kind.YUAN, sort="amount", phone="right"),
        Column(key="phase", label=lazy("阶段"), value="get_phase_display", sort="phase", folds_with="phase"),
        Column(key="memo", label=lazy("摘要"), sort="memo"),
    )
    filters = (Choice(key="phase", label=lazy("阶段"), options=Phase.choices),)
    search = ("memo", "debit__name", "credit__name")
    search_label = lazy("账户、摘要")
    order = "-at"
    empty = lazy("还没有流水。")


@login_required
@require_safe
def transfers(request: SignedIn) -> HttpResponse:
    """Every transfer that moved or held money."""
    require_money(request.user)
    return page(request, Transfers, Transfer.objects.visible_to(request.user).moved().select_related("debit", "credit"))


def _adds_up(account: Account, user: User) -> dict[str, int]:
    """An account's sums from its transfers: what came in, what went out, what is held."""
    rows = Transfer.objects.visible_to(user).of(account).order_by()
    held = Transfer.objects.visible_to(user).open().filter(debit=account).aggregate(fen=Sum("amount", default=0))
    moved = rows.aggregate(
        came=Sum("amount", filter=Q(credit=account, phase=Phase.POSTED), default=0),
        went=Sum("amount", filter=Q(debit=account, phase=Phase.POSTED), default=0),
    )
    came, went, waits = int(moved["came"]), int(moved["went"]), int(held["fen"])
    return {"came": came, "went": went, "left": came - went, "held": waits, "free": came - went - waits}


@login_required
@require_safe
def account(request: SignedIn, pk: int) -> HttpResponse:
    """An account's statement; its transfers add up to its balance, on the page."""
    found = Account.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotHere
    rows = Transfer.objects.visible_to(request.user).of(found).select_related("debit", "credit", "settles")
    sums = _adds_up(found, request.user)
    facts = {
        "account": found, "sums": sums, "agree": (sums["left"], sums["held"]) == (found.posted, found.reserved),
        "rows": Paginator(rows, 50).get_page(request.GET.get("page")),
        "crumbs": [(_("台账"), reverse("money:accounts")), (found.name, "")],
    }  # fmt: skip
    return render(request, "programmes/money/account.html", facts)


@dataclass(frozen=True)
class Step:
    """One station on a yuan's way."""

    icon: str
    label: str
    what: str
    url: str = ""
    fen: int | None = None


@login_required
@require_safe
def trace(request: SignedIn, key: UUID) -> HttpResponse:
    """One transfer, from the budget to the bank, and back."""
    rows = Transfer.objects.visible_to(request.user).moved()
    one = rows.select_related("debit", "credit", "decision__stream", "settles").filter(pk=key).first()
    if one is None:
        raise NotHere
    hold = one.settles or one
    steps = _payment(hold, request.user) or _decided(hold, request.user)
    facts = {"transfer": one, "hold": hold, "steps": steps, "settled": rows.filter(settles=hold).first()}
    facts["crumbs"] = [(_("台账"), reverse("money:transfers")), (one.memo or str(one.pk)[:8], "")]
    return render(request, "programmes/money/trace.html", facts)


def _decided(transfer: Transfer, user: User) -> list[Step]:
    """A budget decision's own way: the document, then the ledger."""
    decision = BudgetDecision.objects.visible_to(user).filter(transfer=transfer.pk).select_related("fund").first()
    if decision is None:
        return _ledger(transfer, user)
    return [_budget(decision), *_ledger(transfer, user)]


def _budget(decision: BudgetDecision) -> Step:
    url = reverse("money:decision", args=[decision.pk])
    label = f"{_('预算决定')} · {decision.what}"
    what = f"{decision.source} {decision.document}"
    return Step(icon="file-text", label=label, what=what, url=url, fen=decision.sum_fen)


def _ledger(transfer: Transfer, user: User) -> list[Step]:
    """From account to account: each transfer with the decision it follows from, a hold with what settled it."""
    assert transfer.debit and transfer.credit
    settled = Transfer.objects.visible_to(user).filter(settles=transfer).select_related("decision__stream").first()
    steps = [_account(_("付出账户"), transfer.debit), *_moved(transfer)]
    steps += _moved(settled) if settled else []
    return [*steps, _account(_("收入账户"), transfer.credit)]


def _account(label: str, row: Account) -> Step:
    return Step(icon="building-bank", label=label, what=row.name, url=_of_account(row))


def _moved(transfer: Transfer) -> list[Step]:
    decision, phase = transfer.decision, str(transfer.get_phase_display())
    assert decision
    what = f"{chain_label(decision.stream.name)} № {decision.number} · {decision.actor_name} · {decision.hash[:12]}"
    return [
        Step(icon="arrow-right", label=phase, what=transfer.memo, url=of_transfer(transfer), fen=transfer.amount),
        Step(icon="link", label=_("决定记录"), what=what),
    ]


def _payment(hold: Transfer, user: User) -> list[Step]:
    """A payment's way: budget, result, notice, list, payee, ledger, bank."""
    rows = PayoutRow.objects.visible_to(user).filter(hold=hold.pk)
    beside = ("payout__fund", "application__round__programme", "unit", "payee")
    row = rows.select_related(*beside).first()
    if row is None:
        return []
    budgets = BudgetDecision.objects.visible_to(user).filter(fund=row.payout.fund, state=BudgetState.APPROVED)
    steps = [_budget(decision) for decision in budgets.select_related("fund").order_by("pk")]
    steps += [_result(row), *_notice(row), _listed(row)]
    payee = reverse("money:payee", args=[row.payee_id]) if row.payee_id else ""
    who = f"{row.unit.name} · {row.payee or formats.DASH}"
    steps += [Step(icon="user", label=_("收款单位"), what=who, url=payee), *_ledger(hold, user)]
    said = row.bank_reference or row.reason or _("等回单")
    return [*steps, Step(icon="receipt", label=_("银行"), what=f"{row.slip} · {said}")]


def _listed(row: PayoutRow) -> Step:
    label = _("付款清单 %(number)s") % {"number": row.payout.number}
    what = _("第 %(serial)d 笔 · %(state)s") % {"serial": row.serial, "state": row.get_state_display()}
    return Step(
        icon="list-check", label=label, what=what, url=reverse("money:payout", args=[row.payout_id]), fen=row.sum_fen
    )


def _result(row: PayoutRow) -> Step:
    of = row.application.round
    said = result_of(row.application)
    parts = [tier_label(of, said["tier"])] if said.get("tier") is not None else []
    parts += [str(said["grade"])] if said.get("grade") else []
    parts += [_("第 %(rank)s 名") % {"rank": said["rank"]}] if said.get("rank") else []
    label, url = _("结果：%(round)s") % {"round": of.title}, reverse("rounds:page", args=[of.pk])
    return Step(icon="award", label=label, what=" · ".join(parts), url=url, fen=said["sum_fen"])


def _notice(row: PayoutRow) -> list[Step]:
    notice = getattr(row.application.round, "notice", None)
    if notice is None:
        return []
    what, url = f"{notice.number} · {notice.check_code}", reverse("notices:page", args=[notice.pk])
    return [Step(icon="speakerphone", label=_("公示"), what=what, url=url)]
