"""Races, decided by locks that are seen: hold one, watch the other wait for it, let go, see what it is told."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest


class Beside:
    """A call that runs in another thread, over a database connection of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._pid: int | None = None
        self._answer: Any = None
        self._error: BaseException | None = None
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._connected.wait(10), "no connection for the second thread"

    def _run(self) -> None:
        from django.db import connection, connections

        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._pid = cursor.fetchone()[0]
            self._connected.set()
            self._answer = self._call()
        except BaseException as error:
            self._error = error
        finally:
            self._connected.set()
            connections.close_all()

    def until_blocked(self, timeout: float = 5) -> None:
        """Return once its connection waits for a lock that another holds; fail when it ends without ever waiting."""
        from django.db import connection

        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self._pid])
                if cursor.fetchone()[0]:
                    return
            if not self._thread.is_alive():
                pytest.fail(f"it never waited for a lock; it ended with {self._error or self._answer!r}")
            time.sleep(0.01)
        pytest.fail(f"it did not come to wait for a lock within {timeout} s")

    def result(self, timeout: float = 10) -> Any:
        """What the call returned; what it raised is raised here."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"it still runs after {timeout} s"
        if self._error is not None:
            raise self._error
        return self._answer


@pytest.fixture
def beside():
    """`beside(move, pk, by=user)` starts the call in another thread; for tests with `transaction=True`."""
    started: list[Beside] = []

    def start(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Beside:
        started.append(Beside(lambda: function(*args, **kwargs)))
        return started[-1]

    yield start
    for one in started:
        one._thread.join(10)
