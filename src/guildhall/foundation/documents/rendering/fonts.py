"""The Chinese font that papers are printed with: the machine's, else the one that the front end's build unpacked."""

from functools import cache

import typst
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.documents.states import FAMILIES
from guildhall.foundation.errors import Refusal

UNPACKED = "Noto Serif SC"


class NoFont(Refusal):
    code = "documents.no-font"
    message = _("这台机器上没有中文字体，印不出文书。请安装 fonts-noto-cjk，再重新启动。")
    status = 503


@cache
def fonts() -> tuple[typst.Fonts, str]:
    """All fonts that can be reached, and the family to print with, or none: read once a process."""
    folder = settings.HOME / "fonts"
    found = typst.Fonts(font_paths=[folder] if folder.is_dir() else [])
    families = set(found.families())
    return found, next((name for name in FAMILIES if name in families), "")


def font() -> str:
    """The family to print with. Raises `NoFont`."""
    family = fonts()[1]
    if not family:
        raise NoFont
    return family


def lacks_rare() -> bool:
    """Whether the font is the one unpacked from npm, which lacks rare characters of names."""
    return fonts()[1] == UNPACKED
