"""What the clock does for the ledger."""

from procrastinate.contrib.django import app

from guildhall.foundation.ledger import moves


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ledger.expire", pass_context=False)
def expire_holds(timestamp: int) -> None:
    """Every minute: free the holds that are past their time."""
    while moves.expire_due():
        pass
