"""Sending what waits, each minute."""

from procrastinate.contrib.django import app

from guildhall.foundation.messages import moves


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="messages.deliver", pass_context=False)
def deliver(timestamp: int) -> int:
    """Hand waiting deliveries to their adapters."""
    return moves.deliver()
