"""The shell's pages."""

from guildhall.foundation.organisations.views.pages import SignedIn

__all__ = ["SignedIn"]
