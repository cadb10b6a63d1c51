"""What the worker does for accounts, each minute and whenever somebody waits for it."""

from procrastinate.contrib.django import app

from guildhall.foundation.organisations.moves import log_ins


@app.periodic(cron="* * * * *")
@app.task(queueing_lock=log_ins.LOCK, pass_context=False)
def make_passwords(timestamp: int) -> int:
    """Make the one-time passwords that sheets of log-ins wait for."""
    return log_ins.make_passwords()
