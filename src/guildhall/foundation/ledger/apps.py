"""Django's entry to this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "guildhall.foundation.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Tell the records what the ledger's acts are called."""
        from guildhall.foundation.records.states import ANYWHERE, CHAINS, SUBJECTS

        CHAINS["ledger"] = _("台账")
        SUBJECTS.update(accounts=_("账户"), account=_("账户"), holds=_("预留资金"))
        ANYWHERE.update(
            open_accounts=_("开立账户"), close_account=_("关闭账户"), reverse=_("冲正"), expire=_("预留到期释放")
        )
