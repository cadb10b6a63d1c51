"""The cycle's tables, by entity."""

from guildhall.foundation.programmes.models.application import Application, ApplicationQuerySet, Evidence, Snapshot
from guildhall.foundation.programmes.models.notice import Notice, Objection
from guildhall.foundation.programmes.models.round import Extension, Programme, Round

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Evidence",
    "Extension",
    "Notice",
    "Objection",
    "Programme",
    "Round",
    "Snapshot",
]
