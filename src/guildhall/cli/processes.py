"""Two small services of Linux: a process that dies with its parent, and locks that the kernel lets go of."""

import ctypes
import fcntl
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process `signal_number` when its parent is gone, `kill -9` included."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def quietly_with_parent() -> None:
    """The same for a database: SIGINT is PostgreSQL's fast and clean stop."""
    die_with_parent(signal.SIGINT)


def wait_at_gate() -> None:
    """Return when the supervisor says that everything stands; end where it has gone."""
    if not sys.stdin.readline():
        sys.exit(1)


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold a file's lock for the length of the block; whoever dies lets go of it."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def try_lock(file: IO[str], *, shared: bool = False) -> bool:
    """Take the lock of an open file if that is possible now; it lasts until the file is closed."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
