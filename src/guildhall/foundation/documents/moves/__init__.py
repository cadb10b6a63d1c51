"""The writes: a number taken, a document issued, printed and revoked, a template replaced."""

from guildhall.foundation.documents.moves.issuing import issue, revoke, set_series
from guildhall.foundation.documents.moves.printing import print_out, word_of
from guildhall.foundation.documents.moves.templates import replace_template, restore_template

__all__ = ["issue", "print_out", "replace_template", "restore_template", "revoke", "set_series", "word_of"]
