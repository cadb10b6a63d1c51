"""The kinds of attachment, and what a verification can find."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

StrOrPromise = str | Promise


class AttachmentKind(TextChoices):
    """What may be attached, told by its bytes and not by its name."""

    PDF = "pdf", _("PDF 文件")
    PNG = "png", _("PNG 图片")
    JPEG = "jpeg", _("JPEG 图片")
    XLSX = "xlsx", _("Excel 表格")
    DOCX = "docx", _("Word 文档")
    ZIP = "zip", _("归档文件")
    """Made by the house itself, and never taken from anyone."""


ACTS: dict[str, Mapping[str, StrOrPromise]] = {}
"""What acts are called, by the kind of their subject (the word before the colon); each domain adds its own."""

ANYWHERE: dict[str, StrOrPromise] = {
    "organisations.found": _("建立市总工会"),
    "union.register": _("登记工会"),
    "union.move": _("工会调整隶属"),
    "unit.register": _("登记单位"),
    "unit.change": _("修改单位资料"),
    "unit.rename": _("单位更名"),
    "unit.merge": _("单位合并"),
    "unit.close": _("单位注销"),
    "units.check": _("核对单位名单"),
    "units.import": _("导入单位名单"),
    "account.open": _("开通账号"),
    "account.reset": _("重设密码"),
    "account.password": _("本人改密码"),
    "log-ins.check": _("核对工会主席名单"),
    "log-ins.issue": _("批量发放账号"),
    "log-ins.reset": _("批量重设密码"),
    "log-ins.show": _("取一次性密码"),
    "person.change": _("修改个人资料"),
    "office.appoint": _("任职"),
    "office.end": _("免职"),
    "scorer.name": _("指定互评人"),
    "calendar.year": _("确定年度工作日"),
    "calendar.day": _("调整工作日"),
    "erase": _("依法删除内容"),
    "look": _("查看封存内容"),
}
"""Acts that mean the same whatever their subject; those of the rooms below, which cannot know the records, are named here."""

SUBJECTS: dict[str, StrOrPromise] = {
    "union": _("工会"),
    "unit": _("单位"),
    "unit-file": _("单位名单"),
    "log-ins": _("口令单"),
    "user": _("人员"),
    "appointment": _("任职"),
    "year": _("年度"),
    "day": _("日期"),
    "clock": _("业务时间"),
}
"""What the kinds of subject are called; each domain adds its own."""

CHAINS: dict[str, StrOrPromise] = {
    "organisations": _("组织和人员"),
    "clock": _("业务时间"),
    "access": _("访问"),
}
"""What the chains are called, by the whole of their name or the word before the colon; each domain adds its own."""


def act_label(act: str, subject: str) -> StrOrPromise:
    """The act in words; its code where nobody named it."""
    return ACTS.get(subject.partition(":")[0], {}).get(act) or ANYWHERE.get(act, act)


def subject_label(subject: str) -> str:
    """What an entry is about, in words, with its number."""
    return _named(SUBJECTS, subject)


def chain_label(name: str) -> str:
    """A chain's name in words."""
    return _named(CHAINS, name)


def _named(words: Mapping[str, StrOrPromise], code: str) -> str:
    kind, _colon, number = code.partition(":")
    if code in words:
        return str(words[code])
    return f"{words[kind]} {number}".strip() if kind in words else code


MEDIA_TYPES: dict[str, str] = {
    AttachmentKind.PDF: "application/pdf",
    AttachmentKind.PNG: "image/png",
    AttachmentKind.JPEG: "image/jpeg",
    AttachmentKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    AttachmentKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    AttachmentKind.ZIP: "application/zip",
}
ENDINGS: dict[str, tuple[str, ...]] = {
    AttachmentKind.PDF: (".pdf",),
    AttachmentKind.PNG: (".png",),
    AttachmentKind.JPEG: (".jpg", ".jpeg"),
    AttachmentKind.XLSX: (".xlsx",),
    AttachmentKind.DOCX: (".docx",),
    AttachmentKind.ZIP: (".zip",),
}


class Fault(TextChoices):
    """What a verification found."""

    CHANGED = "changed", _("记录被改动")
    MISSING = "missing", _("缺少记录")
    REORDERED = "reordered", _("记录次序被调换")
    BROKEN = "broken", _("与前一条记录接不上")
    CUT_OFF = "cut-off", _("链尾被截断")
    CONTENT = "content", _("内容与摘要不符")
    STREAM_GONE = "stream-gone", _("整条记录链被删除")
    HEAD = "head", _("链头与最后一条记录不符")
    SEAL = "seal", _("封签链被改动")
    SEAL_MISSING = "seal-missing", _("缺少封签")
    PRINTED = "printed", _("与印出的封签不符，记录曾被整体改写")
    UNREADABLE_SEAL = "unreadable-seal", _("看不懂所给的封签")
