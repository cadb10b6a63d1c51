"""Review step by step: whom to ask, their sheets, and the end of a step."""

from guildhall.foundation.programmes.moves.reviewing.asking import (
    BY_SHEET,
    AlreadyAsked,
    Conflicted,
    NoReviewer,
    assign,
    at_step,
    companies,
    draw,
    remind,
    replace_reviewer,
    reviewers,
    step_of,
)
from guildhall.foundation.programmes.moves.reviewing.closing import (
    as_candidate,
    close_step,
    finish_step,
    foreseen,
    outcomes,
    record_external,
)
from guildhall.foundation.programmes.moves.reviewing.sheets import (
    add_photograph,
    judges,
    save_sheet,
    submit_sheet,
    takes_sheets,
)

__all__ = [
    "BY_SHEET",
    "AlreadyAsked",
    "Conflicted",
    "NoReviewer",
    "add_photograph",
    "as_candidate",
    "assign",
    "at_step",
    "close_step",
    "companies",
    "draw",
    "finish_step",
    "foreseen",
    "judges",
    "outcomes",
    "record_external",
    "remind",
    "replace_reviewer",
    "reviewers",
    "save_sheet",
    "step_of",
    "submit_sheet",
    "takes_sheets",
]
