"""The assessment's tables: the peers step, and its meeting."""

from guildhall.reform.assessment.models.peers import (
    Conflict,
    ConflictQuerySet,
    Entrant,
    EntrantQuerySet,
    Mark,
    Result,
    ResultQuerySet,
    Review,
    Sheet,
    SheetQuerySet,
    Step,
    StepQuerySet,
    public_step,
    settled,
)

__all__ = [
    "Conflict",
    "ConflictQuerySet",
    "Entrant",
    "EntrantQuerySet",
    "Mark",
    "Result",
    "ResultQuerySet",
    "Review",
    "Sheet",
    "SheetQuerySet",
    "Step",
    "StepQuerySet",
    "public_step",
    "settled",
]
