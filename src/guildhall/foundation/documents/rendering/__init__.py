"""Documents on paper: PDF by our own sheets, Word by templates that an office may replace.

What a person typed reaches either as data: a sheet reads it as JSON, a template has it escaped. Neither can be made to run it.
"""

from guildhall.foundation.documents.rendering.fonts import NoFont, font, lacks_rare
from guildhall.foundation.documents.rendering.meta import Meta
from guildhall.foundation.documents.rendering.paper import SHEETS, pdf
from guildhall.foundation.documents.rendering.word import BadTemplate, UnknownWords, check_word, default_word, word

__all__ = [
    "SHEETS", "BadTemplate", "Meta", "NoFont", "UnknownWords", "check_word", "default_word", "font", "lacks_rare", "pdf", "word",
]  # fmt: skip
