"""What falls due by itself: scoring starts, the deadline locks, an extension reopens, reminders go out."""

from uuid import NAMESPACE_URL, uuid5

from guildhall.foundation import clock
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import CLOCK
from guildhall.reform.assessment.models import Step
from guildhall.reform.assessment.moves import hall
from guildhall.reform.assessment.moves.drawing import start
from guildhall.reform.assessment.moves.reminding import remind_due
from guildhall.reform.assessment.moves.scoring import lock_due, reopen_extended
from guildhall.reform.assessment.states import StepState


def start_due() -> int:
    """Open the sheets of every drawn round whose time has come; each in a transaction of its own."""
    steps = Step.objects.filter(
        state=StepState.ASSIGNED, round__state=RoundState.REVIEWING, round__scoring_opens_at__lte=clock.now()
    )
    due = list(steps.order_by("round_id").values_list("round_id", "drawn_at"))
    for round_pk, drawn_at in due:
        start(round_pk, by=CLOCK, key=uuid5(NAMESPACE_URL, f"start:{round_pk}:{drawn_at}"))
    return len(due)


def fall_due() -> None:
    """All that is due now. Late is not wrong: the deadline binds by time, whoever acts on it and when."""
    start_due()
    scoring = Step.objects.filter(state=StepState.SCORING, round__state=RoundState.REVIEWING)
    for round_pk in scoring.order_by("round_id").values_list("round_id", flat=True):
        lock_due(round_pk)
        reopen_extended(round_pk)
        remind_due(round_pk)
    hall.fall_due()
