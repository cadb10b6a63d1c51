"""Who may act where, which office fits whom, and how a sheet of units is read: no database."""

from guildhall.foundation.organisations.rules.offices import require

__all__ = ["require"]
