"""`guildhall up` as its user meets it: one process tree that starts, serves, is hurt, recovers and stops."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guildhall.cli.database import Cluster

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
pytestmark = pytest.mark.skipif(not (ROOT / "var" / "assets").exists(), reason="make assets has not run")


class Up:
    """A started `guildhall up` and what it says."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUILDHALL", "DJANGO"))}
        self.said = home / "said"
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guildhall.cli", "up"],
                env={**kept, "GUILDHALL_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1"},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def until(self, met: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not met():
            assert time.monotonic() < deadline, f"{what} did not come; it said:\n{self.said.read_text()}"
            time.sleep(0.05)

    def serving(self) -> "Up":
        self.until(lambda: "Ctrl-C stops" in self.said.read_text() or self.process.poll() is not None, "the address")
        self.until(lambda: self.status() == 200, "an answer")
        return self

    def status(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def end(self) -> tuple[int, str]:
        code = self.process.wait(timeout=PATIENCE_S)
        return code, self.said.read_text()

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(number)
        return self.end()

    def server_pids(self) -> set[int]:
        """The server's processes, granian's own worker among them."""
        return {pid for pid, words in processes() if b"guildhall.cli.server" in words and self.owns(pid)}

    def owns(self, pid: int) -> bool:
        try:
            return f"GUILDHALL_HOME={self.home}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


def processes() -> Iterator[tuple[int, list[bytes]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """One home for these tests: each next one is also a second start."""
    with tempfile.TemporaryDirectory(prefix="gh-up-") as name:
        home = Path(name)
        home.chmod(0o755)
        (home / "assets").symlink_to(ROOT / "var" / "assets")
        yield home
        Cluster(home).stop()


@pytest.fixture
def up(place) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def start(port: int = 0) -> Up:
        started.append(Up(place, port or free_port()))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_it_serves_and_ctrl_c_stops_all_of_it(up, place):
    running = up().serving()

    code, said = running.stop(signal.SIGINT)

    assert (code, Cluster(place).pid(), running.status(), running.server_pids()) == (0, None, 0, set())
    assert "guildhall: stopped." in said
    assert "Traceback" not in said


def test_the_keys_are_its_own_and_stay_the_same(up, place):
    up().serving().stop(signal.SIGTERM)
    before = [(place / name).read_text() for name in ("secret", "vault-key")]
    up().serving().stop(signal.SIGTERM)

    assert [(place / name).read_text() for name in ("secret", "vault-key")] == before
    assert [(place / name).stat().st_mode & 0o777 for name in ("secret", "vault-key")] == [0o600, 0o600]
    assert re.fullmatch("[0-9a-f]{32}", before[1])


def test_a_killed_server_is_started_again_on_the_same_port(up):
    running = up().serving()
    killed = running.server_pids()
    os.kill(min(killed), signal.SIGKILL)

    running.until(lambda: running.server_pids() and not running.server_pids() & killed, "another server")
    running.until(lambda: running.status() == 200, "an answer")
    assert running.stop()[0] == 0


def test_a_killed_database_is_started_again(up, place):
    running = up().serving()
    killed = Cluster(place).pid()
    os.kill(killed, signal.SIGKILL)

    running.until(lambda: Cluster(place).pid() not in (None, killed), "another database")
    running.until(lambda: running.status() == 200, "an answer")
    assert running.stop()[0] == 0


def test_killed_whole_it_leaves_nothing_and_the_next_start_serves(up, place):
    running = up().serving()
    running.process.kill()
    running.process.wait()

    running.until(lambda: not running.server_pids() and Cluster(place).pid() is None, "the end of its children")
    assert up(running.port).serving().stop()[0] == 0


def test_one_folder_is_served_once(up):
    first = up().serving()

    code, said = up().end()

    assert code == 1
    assert f"already served: http://127.0.0.1:{first.port}/, process {first.process.pid}" in said
    assert first.stop()[0] == 0


def test_the_next_start_waits_for_one_that_is_leaving(up):
    first = up().serving()
    first.process.send_signal(signal.SIGTERM)

    assert up(first.port).serving().stop()[0] == 0
    assert first.end()[0] == 0


def test_a_taken_port_is_named_in_one_line(up, place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = up(taken.getsockname()[1]).end()

    assert code == 1
    assert said.startswith("guildhall: port ")
    assert len(said.splitlines()) == 1
    assert Cluster(place).pid() is None
