"""What anyone may read of a document by its check code."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from guildhall.foundation.documents.models import Document, by_code
from guildhall.foundation.documents.registry import PUBLIC, Told
from guildhall.foundation.documents.states import DocumentState
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.public import Checked


def stands_for(code: str) -> Iterator[Checked]:
    """The document that carries this code: valid, or revoked, when and why."""
    document = by_code(code)
    if document is None:
        return
    told = PUBLIC[document.kind](document) if document.kind in PUBLIC else Told()
    facts = [
        (_("状态"), document.get_state_display()),
        (_("编号"), document.number),
        (_("种类"), document.get_kind_display()),
        (_("制发"), f"{'、'.join(document.seals)}，{formats.day_full(document.issued_at)}"),
        *told.facts,
        (_("内容摘要"), document.digest[:16]),
    ]
    revoked = document.state == DocumentState.REVOKED
    tone = "red" if revoked else "green"
    yield Checked(document.title, _revoked(document) if revoked else _valid(), told.url, facts, tone)


def _valid() -> str:
    return _("这份文书是我们发的，现在有效。请核对编号、日期和标题，与手里的一致才是真的。")


def _revoked(document: Document) -> str:
    told = {"when": formats.moment(document.revoked_at), "why": document.reason}
    return _("这份文书已经作废，不再有效。作废时间：%(when)s。原因：%(why)s") % told
