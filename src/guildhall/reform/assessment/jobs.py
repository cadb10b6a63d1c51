"""What the clock does for the assessment, each minute."""

from procrastinate.contrib.django import app

from guildhall.reform.assessment.moves import clockwork


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="assessment.due", pass_context=False)
def fall_due(timestamp: int) -> None:
    """Start what is to start, lock what is past its deadline, remind those who have not submitted."""
    clockwork.fall_due()
