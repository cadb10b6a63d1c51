"""Keeps the server, the worker and the database running, and stops them in order."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from guildhall.cli.database import Cluster
from guildhall.cli.errors import Trouble
from guildhall.cli.processes import die_with_parent

LOOK_EVERY_S = 0.2
GRACE_S = 10
FALLS_ALLOWED = 5
FALLS_WITHIN_S = 60


class Child:
    """One process of ours, in a process group of its own; started again when it falls, a few times a minute."""

    def __init__(self, name: str, module: str) -> None:
        self.name = name
        self.module = module
        self.falls: list[float] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Let it load; a child that waits at the gate loads while we prepare what it will need."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (no thread of ours runs)
        )

    def open_gate(self) -> None:
        """Everything stands: go on. The pipe stays open; a child that reads its end knows that we are gone."""
        if self.process is not None and self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.write(b"go\n")
                self.process.stdin.flush()

    def fallen(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def again(self) -> None:
        """Start again; what the fallen one left of its group goes first, for it may hold the port."""
        now = time.monotonic()
        self.falls = [fall for fall in self.falls if now - fall < FALLS_WITHIN_S] + [now]
        if len(self.falls) > FALLS_ALLOWED:
            raise Trouble(f"the {self.name} fell {len(self.falls)} times within a minute; what it said stands above.")
        self._signal(signal.SIGKILL)
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        time.sleep(0.2 * len(self.falls))
        self.start()
        self.open_gate()

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM, group=False)

    def stop(self, deadline: float) -> None:
        """Wait for it to end by itself, until the deadline; then its whole group is ended."""
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _signal(self, number: signal.Signals, *, group: bool = True) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.process.pid, number)


class Stopping:
    """Remembers that somebody asked us to stop; the loop looks at it."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def supervise(
    server: Child,
    worker: Child,
    cluster: Cluster | None,
    *,
    port: int,
    ready: Callable[[], None],
    leaving: Callable[[], None],
) -> None:
    """Run until asked to stop. The server is loading already; the worker comes after it, so as not to slow it down."""
    stopping = Stopping()
    children = [server]
    try:
        server.open_gate()
        while not stopping.asked:
            if cluster is not None and cluster.pid() is None:
                cluster.start(attached=True)
            for child in children:
                if child.fallen():
                    child.again()
            if worker not in children and listening(port):
                ready()
                worker.start()
                worker.open_gate()
                children.append(worker)
            time.sleep(LOOK_EVERY_S if worker in children else LOOK_EVERY_S / 8)
    finally:
        leaving()
        deadline = time.monotonic() + GRACE_S
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(deadline)


def listening(port: int) -> bool:
    """Does somebody answer on this port?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refuse_taken(port: int) -> None:
    """Say so before anything is started: granian itself would share the port in silence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Trouble(f"port {port} is taken ({error.strerror}); choose another: PORT=8001 make demo") from None
