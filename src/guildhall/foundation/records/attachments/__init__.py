"""Attachments: told by their bytes, bounded, kept outside the web root, served as inert files.

The bytes are believed, not the name or the declared type; a file that is two kinds at once, that runs or fetches
something, or that carries another file is refused. A picture is drawn anew, so that only the picture is kept.
"""

from guildhall.foundation.records.attachments.keeping import (
    ALL_KINDS,
    keep_file,
    keep_made,
    open_attachment,
    serve,
    sniff,
    store,
    tidy_name,
    unchanged,
)
from guildhall.foundation.records.attachments.refusals import (
    ActivePdf,
    Bomb,
    DamagedFile,
    Drawing,
    Embedded,
    EmptyFile,
    External,
    KindRefused,
    LockedPdf,
    MacroWorkbook,
    NameMismatch,
    TooLarge,
    TooManyPixels,
)

__all__ = [
    "ALL_KINDS", "ActivePdf", "Bomb", "DamagedFile", "Drawing", "Embedded", "EmptyFile", "External", "KindRefused",
    "LockedPdf", "MacroWorkbook", "NameMismatch", "TooLarge", "TooManyPixels", "keep_file", "keep_made",
    "open_attachment", "serve", "sniff", "store", "tidy_name", "unchanged",
]  # fmt: skip
