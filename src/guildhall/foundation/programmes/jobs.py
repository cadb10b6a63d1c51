"""What the clock does in the cycle, each minute: close what is due, end notices, remind."""

from procrastinate.contrib.django import app

from guildhall.foundation.programmes.moves import notices, reminders, rounds


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="programmes.due", pass_context=False)
def act_on_what_is_due(timestamp: int) -> None:
    """Close rounds at the end of their materials' day, confer at the end of notices, remind before deadlines."""
    rounds.close_due_rounds()
    notices.end_due_notices()
    reminders.remind()
