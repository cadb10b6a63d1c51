"""The forms of this room; an id that is out of the asker's scope answers 404, as a missing page does."""

from guildhall.foundation.organisations.forms.calendar import CorrectionForm, YearForm
from guildhall.foundation.organisations.forms.people import (
    AccountForm,
    AppointmentForm,
    EndForm,
    PasswordForm,
    PersonForm,
    ScorerForm,
)
from guildhall.foundation.organisations.forms.units import (
    CloseForm,
    FileForm,
    LiftForm,
    MergeForm,
    MoveForm,
    RenameForm,
    SanctionForm,
    UnionForm,
    UnitForm,
    WriteForm,
)

__all__ = [
    "AccountForm",
    "AppointmentForm",
    "CloseForm",
    "CorrectionForm",
    "EndForm",
    "FileForm",
    "LiftForm",
    "MergeForm",
    "MoveForm",
    "PasswordForm",
    "PersonForm",
    "RenameForm",
    "SanctionForm",
    "ScorerForm",
    "UnionForm",
    "UnitForm",
    "WriteForm",
    "YearForm",
]
