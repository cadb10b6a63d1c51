"""The cycle's tables, by entity."""

from guildhall.foundation.programmes.models.application import (
    Application,
    ApplicationQuerySet,
    Evidence,
    Snapshot,
    districts,
)
from guildhall.foundation.programmes.models.fund import BudgetDecision, Fund
from guildhall.foundation.programmes.models.notice import Notice, Objection, by_code, by_receipt
from guildhall.foundation.programmes.models.payee import Payee
from guildhall.foundation.programmes.models.payout import BankBatch, BankReturn, Payout, PayoutRow
from guildhall.foundation.programmes.models.round import Extension, Programme, Round

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "BankBatch",
    "BankReturn",
    "BudgetDecision",
    "Evidence",
    "Extension",
    "Fund",
    "Notice",
    "Objection",
    "Payee",
    "Payout",
    "PayoutRow",
    "Programme",
    "Round",
    "Snapshot",
    "by_code",
    "by_receipt",
    "districts",
]
