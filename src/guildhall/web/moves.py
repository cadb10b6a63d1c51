"""The shell's one write: setting the demonstration's time of business forward."""

import time
from datetime import datetime
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guildhall.foundation import clock
from guildhall.foundation.clock.moves import set_forward
from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records.moves import made, record

ACT = "clock.set-forward"


@transaction.atomic
def set_clock_forward(to: datetime, *, by: User, key: UUID) -> None:
    """Set the time of business to `to` and record who did. The same `key` again changes nothing.

    Raises `NoRight`, `NeverBack`, and `RealTimeRules` outside the demonstration.
    """
    if not by.holds(Role.FEDERATION_OFFICER):
        raise NoRight
    if made(ACT, stream="clock", subject="clock", key=key):
        return
    before = clock.now()
    set_forward(to)
    content = {"from": before.isoformat(), "to": to.isoformat()}
    record(ACT, stream="clock", subject="clock", by=by, content=content, key=key)
    transaction.on_commit(wake_the_worker)


def wake_the_worker() -> None:
    """Ask at once for what the worker looks after each minute: what fell due just now is done now."""
    each_minute = (task for task in app.periodic_registry.periodic_tasks.values() if task.cron == "* * * * *")
    for periodic in each_minute:
        try:
            periodic.task.defer(timestamp=int(time.time()))
        except AlreadyEnqueued:
            continue  # It waits already, and will see the new time.
