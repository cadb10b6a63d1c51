"""Budget decisions, and the closing of a fund's year."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.organisations.views.pages import sent
from guildhall.foundation.programmes.forms.money import BudgetForm, CloseYearForm
from guildhall.foundation.programmes.forms.rounds import ReasonForm
from guildhall.foundation.programmes.models import BudgetDecision, Fund
from guildhall.foundation.programmes.moves import funds
from guildhall.foundation.programmes.states import BudgetKind, BudgetState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.payouts import require_money
from guildhall.foundation.screens.lists import Act, Choice, Column, Kind, ListPage, page

TONES = {BudgetState.PUT_IN: "amber", BudgetState.APPROVED: "green", BudgetState.REFUSED: "red"}


class Budget(ListPage):
    """预算决定."""

    title = lazy("预算")
    noun = lazy("项")
    columns = (
        Column(
            key="document",
            label=lazy("文号"),
            link=lambda row: reverse("money:decision", args=[row.pk]),
            sort="document",
        ),
        Column(key="fund", label=lazy("资金"), sort=("fund__year", "fund__name")),
        Column(key="kind", label=lazy("事项"), value="what", sort="kind"),
        Column(key="source", label=lazy("资金来源"), sort="source"),
        Column(key="sum", label=lazy("金额"), value="sum_fen", kind=Kind.YUAN, sort="sum_fen", phone="right"),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state", folds_with="state"),
        Column(key="put_in", label=lazy("提出时间"), value="put_in_at", kind=Kind.DAY, sort="put_in_at"),
    )
    filters = (
        Choice(key="state", label=lazy("状态"), options=BudgetState.choices),
        Choice(key="kind", label=lazy("事项"), options=BudgetKind.choices),
    )
    search = ("document", "source", "fund__name")
    search_label = lazy("文号、来源、资金")
    order = "-put_in"
    empty = lazy("还没有预算。财务按文件登记，领导批准后资金才到账。")
    template = "programmes/money/budget.html"


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """Each fund as it stands, and the decisions that made it so."""
    require_money(request.user)
    acts = []
    if request.user.may(Right.HANDLE_MONEY):
        acts = [
            Act(label=_("期初余额"), url=reverse("money:openings"), icon="upload"),
            Act(label=_("登记预算"), url=reverse("money:put_in"), icon="plus", red=True),
        ]
    rows = BudgetDecision.objects.visible_to(request.user).select_related("fund")
    stands = Fund.objects.visible_to(request.user).select_related("account")[:6]
    return page(request, Budget, rows, acts=acts, extra={"funds": stands})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def put_in(request: SignedIn) -> HttpResponse:
    """Finance enters what a document grants."""
    if not request.user.may(Right.HANDLE_MONEY):
        raise NoRight
    form = BudgetForm(request.POST or None)
    decision = sent(request, form, funds.put_in_budget)
    if decision:
        messages.success(request, _("已登记，等领导批准。批准以前不能用。"))
        return redirect("money:decision", decision.pk)
    facts = {"form": form, "crumbs": _trail(_("登记预算"))}
    return render(request, "programmes/money/budget_form.html", facts, status=422 if form.errors else 200)


def _trail(name: str) -> list[tuple[object, str]]:
    return [(_("预算"), reverse("money:budget")), (name, "")]


@login_required
@require_safe
def decision(request: SignedIn, pk: int) -> HttpResponse:
    """One decision, with what it does to its fund."""
    row = BudgetDecision.objects.visible_to(request.user).pick(pk)
    open_ = row.state == BudgetState.PUT_IN and row.put_in_by_id != request.user.pk
    may = open_ and request.user.may(Right.APPROVE_MONEY, row.fund.union)
    facts = {"decision": row, "may": may, "key": uuid4(), "form": ReasonForm(), "tone": TONES[BudgetState(row.state)]}
    return render(request, "programmes/money/decision.html", facts | {"crumbs": _trail(row.document)})


@login_required
@require_POST
def approve(request: SignedIn, pk: int) -> HttpResponse:
    """The ledger moves the sum."""
    funds.approve_budget(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已批准，资金已经入账。"))
    return redirect("money:decision", pk)


@login_required
@require_POST
def refuse(request: SignedIn, pk: int) -> HttpResponse:
    """Not approved, with the reason."""
    funds.refuse_budget(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("没有批准，理由已告诉财务。"))
    return redirect("money:decision", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close_year(request: SignedIn, pk: int) -> HttpResponse:
    """The fund's remainder at year's end; then its account."""
    fund = Fund.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.HANDLE_MONEY, at=fund.union)
    form = CloseYearForm(request.POST or None)
    decided = sent(request, form, lambda **said: funds.close_year(pk, **said))
    if decided:
        messages.success(request, _("已提出，等领导批准。批准后就可以封账。"))
        return redirect("money:decision", decided.pk)
    facts = {"form": form, "fund": fund, "key": uuid4(), "crumbs": _trail(str(fund)),
             "open": funds.hindrances(fund, fund.account)}  # fmt: skip
    return render(request, "programmes/money/close_year.html", facts, status=422 if form.errors else 200)


@login_required
@require_POST
def close(request: SignedIn, pk: int) -> HttpResponse:
    """The emptied account is closed."""
    funds.close_fund(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已封账。以后这个账户不再收付。"))
    return redirect("money:budget")
