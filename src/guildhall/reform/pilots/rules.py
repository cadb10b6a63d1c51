"""What a designation must look like: no database."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.reform.pilots.states import AFTER, PilotKind, PilotState

BATCHES = (1, 2, 3)


class AlreadyPilot(Refusal):
    """A unit holds one designation of each level at a time."""

    code = "pilots.already"
    message = _("“%(unit)s”已是%(level)s试点，有效至 %(ends)s。")


class ThemeMismatch(Refusal):
    """A project pilot has a direction, a comprehensive one has none."""

    code = "pilots.theme"
    message = _("项目试点要选一个方向，综合试点不选方向。")
    status = 422


class TermCrosses(Refusal):
    """A term that ends before it begins, or an extension that shortens."""

    code = "pilots.term"
    message = _("止日 %(ends)s 要晚于 %(than)s。")
    status = 422


class UnitGone(Refusal):
    """A merged or closed unit is designated no more."""

    code = "pilots.unit-gone"
    message = _("“%(unit)s”%(state)s，不能再定为试点。")


class NeedsReason(Refusal):
    """A withdrawal, an extension or an early end says why."""

    code = "pilots.reason"
    message = _("请写明理由和文号。")
    status = 422


def against_shape(kind: str, theme: str, starts: date, ends: date) -> Refusal | None:
    """Why a designation cannot look like this, or None."""
    if (kind == PilotKind.PROJECT) != bool(theme):
        return ThemeMismatch()
    if ends <= starts:
        return TermCrosses(ends=ends, than=starts)
    return None


def after(state: str, move: str, label: str) -> PilotState:
    """The state after a move. Raises `OutOfStep`."""
    try:
        return AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=PilotState(state).label, move=label) from None
