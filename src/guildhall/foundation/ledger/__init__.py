"""Accounts and transfers, double entry, integers in fen."""
