"""Money on the workbench and in the navigation."""

from collections.abc import Iterator

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import BankReturn, BudgetDecision, Payee, Payout
from guildhall.foundation.programmes.moves.payouts import rounds_to_pay
from guildhall.foundation.programmes.states import BudgetState, PayeeState, PayoutState, ReturnState, RowState
from guildhall.foundation.screens import formats, navigation, todo


def waiting(user: User) -> Iterator[todo.Todo]:
    """What waits for the person in money matters."""
    if user.may(Right.HANDLE_MONEY):
        yield from _finance(user)
    if user.may(Right.APPROVE_MONEY):
        yield from _leader(user)
    if user.may(Right.RUN_ROUNDS):
        for of in rounds_to_pay(user):
            title, url = _("拟付款清单：%(round)s") % {"round": of.title}, reverse("money:draw", args=[of.pk])
            yield todo.Todo(title, _("公示已结束，命名的单位可以付款"), None, url, _("去拟单"))


def _finance(user: User) -> Iterator[todo.Todo]:
    lists = Payout.objects.visible_to(user)
    sums = lists.filter(state=PayoutState.DRAWN).aggregate(
        n=Count("pk", distinct=True), fen=Sum("rows__sum_fen", filter=Q(rows__state=RowState.DRAWN), default=0)
    )
    if sums["n"]:
        facts = {"n": sums["n"], "sum": formats.yuan_prose(sums["fen"])}
        url = f"{reverse('money:payouts')}?state={PayoutState.DRAWN.value}"
        yield todo.Todo(
            _("%(n)d 批共 %(sum)s待制单") % facts, _("核对收款账户后制单，交领导批准"), None, url, _("去制单")
        )
    for payout in lists.filter(state=PayoutState.APPROVED)[:5]:
        url = reverse("money:payout", args=[payout.pk])
        yield todo.Todo(_("发送银行：%(number)s") % {"number": payout.number}, _("领导已批准"), None, url, _("去发送"))
    sent = lists.filter(state=PayoutState.SENT).select_related("batch").defer("batch__text")
    for payout in sent[:5]:
        url = reverse("money:upload", args=[payout.batch.pk])
        yield todo.Todo(
            _("等回单：%(number)s") % {"number": payout.number}, _("收到银行回单后上传"), None, url, _("上传回单")
        )
    if n := BankReturn.objects.visible_to(user).filter(state=ReturnState.READ).count():
        url = f"{reverse('money:returns')}?state={ReturnState.READ.value}"
        yield todo.Todo(_("%(n)d 份回单待核对") % {"n": n}, _("核对后入账"), None, url, _("去核对"), n)
    fresh = Payee.objects.visible_to(user).filter(state=PayeeState.PROPOSED)
    if n := fresh.exclude(Q(proposed_by=user) | Q(first_by=user)).count():
        url = f"{reverse('money:payees')}?state={PayeeState.PROPOSED.value}"
        yield todo.Todo(_("%(n)d 个收款账户待核对") % {"n": n}, _("两名财务核对后才能付款"), None, url, _("去核对"), n)


def _leader(user: User) -> Iterator[todo.Todo]:
    lists = Payout.objects.visible_to(user).summed().filter(state=PayoutState.PREPARED)
    for payout in lists.exclude(Q(prepared_by=user) | Q(drawn_by=user)).select_related("round")[:5]:
        facts = {"round": payout.round.title, "sum": formats.yuan_prose(payout.sum_fen), "n": payout.rows_count}
        url = reverse("money:approve", args=[payout.pk])
        yield todo.Todo(_("批准付款 %(sum)s") % facts, _("%(round)s，%(n)d 家") % facts, None, url, _("去批准"))
    budgets = BudgetDecision.objects.visible_to(user).filter(state=BudgetState.PUT_IN).exclude(put_in_by=user)
    for decision in budgets.select_related("fund")[:5]:
        facts = {"fund": str(decision.fund), "kind": decision.what}
        url, sum_ = reverse("money:decision", args=[decision.pk]), formats.yuan_prose(decision.sum_fen)
        yield todo.Todo(
            _("批准预算：%(fund)s %(kind)s") % facts, f"{decision.document}，{sum_}", None, url, _("去批准")
        )


def register() -> None:
    """Add money to the workbench and the navigation; called once when Django is ready."""
    todo.register(waiting)
    finance, reads = (Role.FINANCE_OFFICER,), (Role.FEDERATION_OFFICER, Role.LEADER, Role.AUDITOR)
    section = lazy("统筹")
    for entry in (
        navigation.Entry(label=lazy("待付"), url_name="money:payouts", icon="cash", roles=finance, order=10, tab=True),
        navigation.Entry(label=lazy("收款账户"), url_name="money:payees", icon="id", roles=finance, order=12),
        navigation.Entry(
            label=lazy("银行批次"), url_name="money:batches", icon="building-bank", roles=finance, order=14
        ),
        navigation.Entry(label=lazy("回单"), url_name="money:returns", icon="receipt", roles=finance, order=16),
        navigation.Entry(label=lazy("预算"), url_name="money:budget", icon="file-text", roles=finance, order=18),
        navigation.Entry(label=lazy("台账"), url_name="money:accounts", icon="book", roles=finance, order=20, tab=True),
        navigation.Entry(
            label=lazy("资金"), url_name="money:payouts", icon="cash", roles=reads, order=80, section=section
        ),
        navigation.Entry(
            label=lazy("台账"),
            url_name="money:accounts",
            icon="book",
            roles=(Role.LEADER, Role.AUDITOR),
            order=82,
            section=section,
        ),
        navigation.Entry(
            label=lazy("收到的资金"), url_name="money:received", icon="cash", roles=(Role.UNIT_OFFICER,), order=60
        ),
    ):
        navigation.register(entry)
    navigation.hold("/money/", "money:payouts")
    navigation.hold("/money/transfers/", "money:accounts")
    navigation.hold("/money/funds/", "money:budget")
