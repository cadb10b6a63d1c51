"""A finished round as one file: asked for, made by the worker, kept as an attachment, its digest on the round's chain."""

from guildhall.foundation.programmes.moves.archive.asking import ArchiveUnderWay, ask_for_archive
from guildhall.foundation.programmes.moves.archive.making import TASK_LOCK, make_archives

__all__ = ["TASK_LOCK", "ArchiveUnderWay", "ask_for_archive", "make_archives"]
