"""Why a file is not kept: each kind of harm has its own code and sentence."""

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal


class TooLarge(Refusal):
    code = "attachments.too-large"
    message = _("文件超过 %(limit)d MB，没有保存。")
    status = 413


class Unfit(Refusal):
    """A file that is refused for what it is."""

    status = 422


class EmptyFile(Unfit):
    code = "attachments.empty"
    message = _("文件是空的。")


class KindRefused(Unfit):
    code = "attachments.kind"
    message = _("不接受这种文件。可以上传：%(kinds)s。")


class Drawing(Unfit):
    code = "attachments.svg"
    message = _("不接受 SVG 图片，它可以带脚本。请另存为 PNG 或 JPEG 再上传。")


class NameMismatch(Unfit):
    code = "attachments.name"
    message = _("文件扩展名与内容不符：内容是%(kind)s。")


class MacroWorkbook(Unfit):
    code = "attachments.macro"
    message = _("文件含有宏或嵌入对象，不能上传。请另存为不含宏的 .xlsx 或 .docx。")


class Embedded(Unfit):
    code = "attachments.embedded"
    message = _("文件里嵌着别的文件（%(part)s），不能上传。请把它单独上传，或者粘贴成图片。")


class External(Unfit):
    code = "attachments.external"
    message = _("文件链接到外部的模板、图片或数据（%(target)s），打开时会自动去取，不能上传。请断开链接再上传。")


class ActivePdf(Unfit):
    code = "attachments.pdf-active"
    message = _("PDF 里有会自动运行的内容（%(what)s），不能上传。请用“打印成 PDF”另存一份再上传。")


class LockedPdf(Unfit):
    code = "attachments.pdf-locked"
    message = _("PDF 加了密，无法检查，不能上传。请去掉密码再上传。")


class DamagedFile(Unfit):
    code = "attachments.damaged"
    message = _("文件已损坏、被加密，或同时是另一种文件，不能上传。")


class Bomb(Unfit):
    code = "attachments.bomb"
    message = _("压缩内容展开后过大，不能上传。")


class TooManyPixels(Unfit):
    code = "attachments.pixels"
    message = _("图片太大：最多 %(most)d 百万像素。请缩小再上传。")
