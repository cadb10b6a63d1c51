"""What the clock does for the records."""

from procrastinate.contrib.django import app

from guildhall.foundation.records import seals, verify


@app.periodic(cron="0 19 * * *")  # 03:00 in Asia/Shanghai; the worker counts in UTC.
@app.task(queueing_lock="records.seal", pass_context=False)
def seal_and_verify(timestamp: int) -> None:
    """Every night: seal the day's heads, verify all, keep the result."""
    seals.seal_day()
    verify.verify_and_keep()
