"""The cycle's tables, by entity."""

from guildhall.foundation.programmes.models.application import (
    Application,
    ApplicationQuerySet,
    Evidence,
    Snapshot,
    districts,
)
from guildhall.foundation.programmes.models.archive import Archive, may_archive
from guildhall.foundation.programmes.models.endorsement import (
    Check,
    Clearance,
    ClearanceRequest,
    Draft,
    Endorsement,
    LevelNotice,
    Pending,
    Quota,
    RankedList,
)
from guildhall.foundation.programmes.models.fund import BudgetDecision, Fund
from guildhall.foundation.programmes.models.notice import Notice, Objection, by_code, by_receipt
from guildhall.foundation.programmes.models.payee import Payee
from guildhall.foundation.programmes.models.payout import BankBatch, BankReturn, Payout, PayoutRow
from guildhall.foundation.programmes.models.review import Draw, Entry, Placement, StepResult, StepSheet, ended_steps
from guildhall.foundation.programmes.models.round import Extension, Programme, Round

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Archive",
    "BankBatch",
    "BankReturn",
    "BudgetDecision",
    "Check",
    "Clearance",
    "ClearanceRequest",
    "Draft",
    "Draw",
    "Endorsement",
    "Entry",
    "Evidence",
    "Extension",
    "Fund",
    "LevelNotice",
    "Notice",
    "Objection",
    "Payee",
    "Payout",
    "PayoutRow",
    "Pending",
    "Placement",
    "Programme",
    "Quota",
    "RankedList",
    "Round",
    "Snapshot",
    "StepResult",
    "StepSheet",
    "by_code",
    "by_receipt",
    "districts",
    "ended_steps",
    "may_archive",
]
