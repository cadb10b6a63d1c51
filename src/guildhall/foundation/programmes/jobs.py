"""What the clock does in the cycle, each minute: close what is due, end notices, remind."""

from procrastinate.contrib.django import app

from guildhall.foundation.programmes.moves import notices, reminders, rounds
from guildhall.foundation.programmes.moves.archive import TASK_LOCK
from guildhall.foundation.programmes.moves.archive import make_archives as make


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="programmes.due", pass_context=False)
def act_on_what_is_due(timestamp: int) -> None:
    """Close rounds at the end of their materials' day, confer at the end of notices, remind before deadlines."""
    rounds.close_due_rounds()
    notices.end_due_notices()
    reminders.remind()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock=TASK_LOCK, pass_context=False)
def make_archives(timestamp: int) -> int:
    """Make the archives that somebody asked for, each minute and whenever one is asked for."""
    return make()
