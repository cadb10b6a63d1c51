"""What people are told about money."""

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.messages.rules import Template, register


def templates() -> None:
    """Add the messages of money; called once when Django is ready."""
    register(
        money__budget=Template(_("财务提出“%(fund)s”%(kind)s %(sum)s 元，请您批准。")),
        money__budget_refused=Template(_("预算 %(document)s 没有批准：%(reason)s")),
        money__payee=Template(_("%(unit)s登记了新的收款账户，请核对。"), sms=False),
        money__payee_refused=Template(_("%(unit)s的收款账户没有通过核对：%(reason)s")),
        money__drawn=Template(
            _("%(round)s的付款清单 %(number)s 已经拟好，%(rows)d 家共 %(sum)s 元，请核对账户并制单。")
        ),
        money__prepared=Template(_("付款清单 %(number)s 已经制单，%(rows)d 家共 %(sum)s 元，请您批准。")),
        money__sent_back=Template(_("付款清单 %(number)s 退回重制：%(reason)s")),
        money__approved=Template(_("付款清单 %(number)s 已经批准，请发送银行。")),
        money__paid=Template(_("%(round)s的 %(sum)s 元已经付到本单位账户，银行流水号 %(reference)s。")),
        money__returned=Template(_("银行退回了付给本单位的 %(sum)s 元：%(reason)s。请更正收款账户，核对后再付。")),
        money__returned_rows=Template(_("付款清单 %(number)s 有 %(n)d 笔被银行退回，更正账户后可以再付。")),
    )
