"""How documents are numbered, digested and checked, and what a document's content may hold: no database."""

from guildhall.foundation.documents.rules.content import Column, Content, Group, Table, body_digest, read_content
from guildhall.foundation.documents.rules.numbers import (
    NoSeries,
    NumberGiven,
    PatternOff,
    check_code,
    code_of,
    held_pattern,
    written,
)

__all__ = [
    "Column", "Content", "Group", "NoSeries", "NumberGiven", "PatternOff", "Table", "body_digest", "check_code", "code_of",
    "held_pattern", "read_content", "written",
]  # fmt: skip
