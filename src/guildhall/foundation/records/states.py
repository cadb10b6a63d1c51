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


def act_label(act: str, subject: str) -> StrOrPromise:
    """The act in words; its code where nobody named it."""
    return ACTS.get(subject.partition(":")[0], {}).get(act, act)


MEDIA_TYPES: dict[str, str] = {
    AttachmentKind.PDF: "application/pdf",
    AttachmentKind.PNG: "image/png",
    AttachmentKind.JPEG: "image/jpeg",
    AttachmentKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    AttachmentKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
ENDINGS: dict[str, tuple[str, ...]] = {
    AttachmentKind.PDF: (".pdf",),
    AttachmentKind.PNG: (".png",),
    AttachmentKind.JPEG: (".jpg", ".jpeg"),
    AttachmentKind.XLSX: (".xlsx",),
    AttachmentKind.DOCX: (".docx",),
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
    AttachmentKind.ZIP: "application/zip",
    AttachmentKind.ZIP: (".zip",),
