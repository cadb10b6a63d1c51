"""The kinds of document, where one stands, the series they are numbered in."""

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.states import Right


class DocumentKind(TextChoices):
    """What is printed; each has a sheet of its own."""

    NOTICE = "notice", _("公示")
    SUMMARY = "summary", _("汇总表")
    RANKING = "ranking", _("推荐排序表")
    RESULT = "result", _("结果文件")
    CERTIFICATE = "certificate", _("证书")
    APPLICATION = "application", _("申报表")


class DocumentState(TextChoices):
    """Whether a document stands."""

    VALID = "valid", _("有效")
    REVOKED = "revoked", _("已作废")


class DocumentMove(TextChoices):
    """What is done with a document."""

    ISSUE = "document-issue", _("制发")
    REVOKE = "document-revoke", _("作废")


AFTER: dict[tuple[str, str], DocumentState] = {(DocumentState.VALID, DocumentMove.REVOKE): DocumentState.REVOKED}
"""Which move leads where."""

ISSUES: Mapping[str, frozenset[Right]] = {
    DocumentKind.NOTICE: frozenset({Right.RUN_ROUNDS, Right.DECIDE, Right.ENDORSE}),
    DocumentKind.SUMMARY: frozenset({Right.RUN_ROUNDS, Right.DECIDE, Right.ENDORSE}),
    DocumentKind.RANKING: frozenset({Right.RUN_ROUNDS, Right.ENDORSE}),
    DocumentKind.RESULT: frozenset({Right.RUN_ROUNDS, Right.DECIDE}),
    DocumentKind.CERTIFICATE: frozenset({Right.RUN_ROUNDS, Right.DECIDE}),
    DocumentKind.APPLICATION: frozenset({Right.RUN_ROUNDS, Right.ENDORSE, Right.SPEAK_FOR_UNIT}),
}
"""Which rights over the issuing union let somebody issue a kind: any one of them."""

REVOKES: frozenset[Right] = frozenset({Right.RUN_ROUNDS, Right.DECIDE})
"""Who takes a document back."""

READS: frozenset[Right] = frozenset({Right.ENDORSE, Right.RUN_ROUNDS, Right.DECIDE, Right.AUDIT})
"""Whose offices read the documents of a union and of all below it."""

SERIES: dict[str, str] = {
    "公示": "{year}-公示-{number:3}",
    "汇总": "{year}-汇总-{number:3}",
    "推荐": "{year}-推荐-{number:3}",
    "结果": "{year}-结果-{number:3}",
    "证书": "{year}-证书-{number:4}",
    "申报": "{year}-申报-{number:4}",
    "包工发": "包工发〔{year}〕{number}号",
}
"""The series and how their numbers are written in a year that begins; a later pattern of the union's own comes first."""

SERIES_OF: Mapping[str, str] = {
    DocumentKind.NOTICE: "公示",
    DocumentKind.SUMMARY: "汇总",
    DocumentKind.RANKING: "推荐",
    DocumentKind.RESULT: "结果",
    DocumentKind.CERTIFICATE: "证书",
    DocumentKind.APPLICATION: "申报",
}

ACT_WORDS: dict[str, Promise] = {
    DocumentMove.ISSUE.value: _("制发文书"),
    DocumentMove.REVOKE.value: _("作废文书"),
    "document-template": _("更换文书模板"),
    "series-change": _("改编号"),
}

FAMILIES: Final = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif SC", "Songti SC", "SimSun", "FangSong",
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "AR PL UMing CN",
)  # fmt: skip
"""The Chinese fonts that papers are printed with, in the order in which they are taken."""
