"""The writes of this room: one function a use case, one transaction each; every act is announced to the records."""

from guildhall.foundation.organisations.moves.calendar import correct_day, enter_year
from guildhall.foundation.organisations.moves.imports import check_file, import_units
from guildhall.foundation.organisations.moves.log_ins import (
    check_log_ins,
    issue_log_ins,
    reset_log_ins,
    show_log_ins,
)
from guildhall.foundation.organisations.moves.people import (
    Named,
    appoint,
    change_person,
    choose_password,
    end_appointment,
    name_scorer,
    open_account,
    reset_password,
)
from guildhall.foundation.organisations.moves.sanctions import lift_sanction, put_sanction
from guildhall.foundation.organisations.moves.unions import found_federation, move_union, register_union
from guildhall.foundation.organisations.moves.units import (
    change_unit,
    close_unit,
    merge_unit,
    register_unit,
    rename_unit,
)

__all__ = [
    "Named",
    "appoint",
    "change_person",
    "change_unit",
    "check_file",
    "check_log_ins",
    "choose_password",
    "close_unit",
    "correct_day",
    "end_appointment",
    "enter_year",
    "found_federation",
    "import_units",
    "issue_log_ins",
    "lift_sanction",
    "merge_unit",
    "move_union",
    "name_scorer",
    "open_account",
    "put_sanction",
    "register_union",
    "register_unit",
    "rename_unit",
    "reset_log_ins",
    "reset_password",
    "show_log_ins",
]
