"""Refusals: what a person asked for and the rules do not allow. Expected, explained, and nothing was written."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A person asked for what the rules do not allow. Raised before anything is written, or rolls the writing back."""

    code: ClassVar[str]  # Stable: clients, tests and help pages quote it.
    message: ClassVar[str | Promise]  # The Chinese source text; a test demands its English in the catalogue.
    status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message) % self.facts  # Rendered late, so in the reader's language.


class NotHere(Refusal):
    """Missing, or out of the asker's scope: the two are told alike."""

    code = "not-here"
    message = _("没有这一页，或者它不在您的范围内。")
    status = 404


class NoRight(Refusal):
    """The asker may see the thing, but holds no office that allows the act."""

    code = "no-right"
    message = _("您的职务不能办这件事。")
    status = 403


class OutOfStep(Refusal):
    """The thing has moved on, or has not come this far."""

    code = "out-of-step"
    message = _("现在是“%(state)s”，不能%(move)s。请刷新再看。")


class KeyReused(Refusal):
    """The same idempotency key with another body."""

    code = "key-reused"
    message = _("这个提交编号已经办过另一件事。请刷新页面再提交。")


class BadInput(Refusal):
    """What was submitted cannot be read or breaks a rule of form."""

    code = "bad-input"
    message = _("%(what)s")
    status = 422
