"""Units' accounts: the list, one version with its checks, a change, and the number for a reason."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.organisations.views.pages import sent
from guildhall.foundation.programmes.forms.money import PayeeForm
from guildhall.foundation.programmes.forms.rounds import ReasonForm
from guildhall.foundation.programmes.models import Payee
from guildhall.foundation.programmes.moves import payees
from guildhall.foundation.programmes.states import PayeeState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.payouts import require_money
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Choice, Column, Kind, ListPage, page

TONES = {PayeeState.PROPOSED: "amber", PayeeState.CHECKED: "green", PayeeState.REFUSED: "red"}


class Payees(ListPage):
    """收款账户, every version."""

    title = lazy("收款账户")
    noun = lazy("个")
    columns = (
        Column(
            key="unit", label=lazy("单位"), link=lambda row: reverse("money:payee", args=[row.pk]), sort="unit__name"
        ),
        Column(key="bank", label=lazy("开户银行"), sort="bank"),
        Column(key="branch", label=lazy("开户网点"), hidden=True),
        Column(key="tail", label=lazy("账号"), value=lambda row: formats.mask_account(row.tail), phone="right"),
        Column(key="version", label=lazy("版本"), kind=Kind.NUMBER, sort="version"),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state", folds_with="state"),
        Column(key="proposed", label=lazy("提出时间"), value="proposed_at", kind=Kind.MOMENT, sort="proposed_at"),
    )
    filters = (Choice(key="state", label=lazy("状态"), options=PayeeState.choices),)
    search = ("unit__name", "bank")
    search_label = lazy("单位、银行")
    order = "-proposed"
    empty = lazy("还没有登记收款账户。单位工会主席在“收到的资金”里登记，两名财务核对后才能付款。")


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """All versions within the reader's scope; account numbers by their last four figures."""
    require_money(request.user)
    return page(request, Payees, Payee.objects.visible_to(request.user).defer("account").select_related("unit"))


def _may(payee: Payee, user: User) -> dict[str, bool]:
    handles = user.may(Right.HANDLE_MONEY, payee.unit.union)
    fresh = user.pk not in (payee.proposed_by_id, payee.first_by_id)
    return {
        "check": handles and fresh and payee.state == PayeeState.PROPOSED,
        "unmask": handles,
        "change": payees.may_propose(user, payee.unit) and payee.state != PayeeState.PROPOSED,
    }


@login_required
@require_safe
def record(request: SignedIn, pk: int) -> HttpResponse:
    """One version: what it says, who checked it, what to do next."""
    payee = Payee.objects.visible_to(request.user).pick(pk)
    earlier = Payee.objects.visible_to(request.user).filter(unit=payee.unit).exclude(pk=pk).order_by("-version")
    facts = {
        "payee": payee, "earlier": earlier, "may": _may(payee, request.user), "key": uuid4(), "form": ReasonForm(),
        "tone": TONES[PayeeState(payee.state)], "crumbs": _trail(request.user, payee.unit.name),
    }  # fmt: skip
    return render(request, "programmes/money/payee.html", facts)


def _trail(user: User, name: str) -> list[tuple[object, str]]:
    if user.may(Right.READ_MONEY):
        return [(_("收款账户"), reverse("money:payees")), (name, "")]
    return [(_("收到的资金"), reverse("money:received")), (name, "")]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: SignedIn, unit_pk: int) -> HttpResponse:
    """Enter a unit's account, or a change of it."""
    unit = Unit.objects.visible_to(request.user).select_related("union").pick(unit_pk)
    if not payees.may_propose(request.user, unit):
        raise NoRight
    form = PayeeForm(request.POST or None)
    payee = sent(request, form, lambda **said: _proposed(unit_pk, form, said))
    if payee:
        messages.success(request, _("已登记。两名财务核对以后才往这个账户付款。"))
        return redirect("money:payee", payee.pk)
    facts = {"form": form, "unit": unit, "crumbs": _trail(request.user, unit.name)}
    return render(request, "programmes/money/payee_form.html", facts, status=422 if form.errors else 200)


def _proposed(unit_pk: int, form: PayeeForm, said: dict[str, Any]) -> Payee:
    return payees.propose_payee(unit_pk, form.facts(), reason=said["reason"], by=said["by"], key=said["key"])


@login_required
@require_POST
def check(request: SignedIn, pk: int) -> HttpResponse:
    """One officer's confirmation."""
    payee = payees.check_payee(pk, by=request.user, key=key_of(request))
    done = payee.state == PayeeState.CHECKED
    messages.success(request, _("两人核对完毕，可以付款。") if done else _("已核对。还要另一名财务核对。"))
    return redirect("money:payee", pk)


@login_required
@require_POST
def refuse(request: SignedIn, pk: int) -> HttpResponse:
    """An account that does not stand."""
    payees.refuse_payee(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("已退回，理由已告诉登记人。"))
    return redirect("money:payee", pk)


@login_required
@never_cache
@require_POST
def unmask(request: SignedIn, pk: int) -> HttpResponse:
    """The whole number, once, for a reason on record."""
    number = payees.unmask_payee(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    payee = Payee.objects.visible_to(request.user).pick(pk)
    facts = {"payee": payee, "number": number, "crumbs": _trail(request.user, payee.unit.name)}
    return render(request, "programmes/money/revealed.html", facts)
