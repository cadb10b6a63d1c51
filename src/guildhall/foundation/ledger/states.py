"""What an item asks, and what the ledger answers."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Phase(TextChoices):
    """Pending holds money until one transfer settles it: posts it, in part too, or voids it."""

    PENDING = "pending", _("预留")
    POSTED = "posted", _("入账")
    VOIDED = "voided", _("撤销")


class AccountKind(TextChoices):
    """What an account stands for."""

    SOURCE = "source", _("拨款来源")
    FUND = "fund", _("专项资金")
    PAYEE = "payee", _("收款单位")
    BANK = "bank", _("银行账户")
    TRANSIT = "transit", _("在途资金")


class Code(IntegerChoices):
    """The answer to an item. All but `KEY_REUSED` are recorded under its key, and a replay gets the same again."""

    DONE = 0, _("已入账")
    KEY_REUSED = 1, _("编号已用于另一笔")
    BAD_ITEM = 2, _("不合规则")
    UNKNOWN_ACCOUNT = 3, _("没有这个账户")
    CLOSED_ACCOUNT = 4, _("账户已关闭")
    EXPIRED = 5, _("已过期")
    INSUFFICIENT = 6, _("余额不足")
    UNKNOWN_PENDING = 7, _("没有这笔预留")
    ALREADY_SETTLED = 8, _("预留已结清")
    OVER_AMOUNT = 9, _("超过预留金额")
    LINKED_FAILED = 10, _("同组另一笔未成")
    CHAIN_OPEN = 11, _("成组的最后一笔没有结束")
