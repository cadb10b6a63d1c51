"""`kill -9` of the server, and of the database, in the middle of an approval: after the restart all of it, or nothing.

The middle is made certain, not hoped for: another connection holds the head of the fund's chain, which the approval locks
last, when its transfers are written and not yet committed. Nothing of ours is changed or slowed for it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

import psycopg
import pytest

from guildhall.cli.database import Cluster

ROOT = Path(__file__).resolve().parents[2]
LISTED = (20_000 + 10_000 + 18 * 5_000) * 100
NOTHING = {"state": "prepared", "rows": ["ready"], "holds": 0, "held": 0, "reserved": 0, "acts": 0}
ALL = {"state": "approved", "rows": ["held"], "holds": 20, "held": LISTED, "reserved": LISTED, "acts": 1}
HALFWAY = """
    select count(*) from pg_stat_activity
    where wait_event_type = 'Lock' and query like '%records_stream%' and cardinality(pg_blocking_pids(pid)) > 0
"""


class Stay(HTTPRedirectHandler):
    """A redirect is the answer, not a way to go."""

    def redirect_request(self, *args: object) -> None:
        return None


@dataclass
class House:
    """A durable cluster with a list that waits, and a server before it."""

    cluster: Cluster
    environment: dict[str, str]
    pk: int = 0
    digest: str = ""
    session: str = ""
    server: "subprocess.Popen[bytes] | None" = None
    port: int = 0
    answers: list[int] = field(default_factory=list)

    def run(self, module: str) -> str:
        command = [sys.executable, "-m", module]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    def serve(self) -> None:
        """Start the server and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "guildhall.cli.server"]
        environment = {**self.environment, "PORT": str(self.port)}
        self.server = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert self.server.stdin
        self.server.stdin.write(b"go\n")
        self.server.stdin.flush()
        deadline = time.monotonic() + 30
        while self.ask("GET") not in (200, 302):
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)

    def ask(self, method: str, key: str = "") -> int:
        """Ask for the approval's page, or approve; the status, 0 where nobody answered."""
        token = "t" * 32
        cookies = f"sessionid={self.session}; csrftoken={token}"
        data = urlencode({"csrfmiddlewaretoken": token, "key": key, "digest": self.digest}).encode()
        url = f"http://127.0.0.1:{self.port}/money/payouts/{self.pk}/approve/"
        request = Request(url, data if method == "POST" else None, {"Cookie": cookies}, method=method)
        try:
            with build_opener(Stay).open(request, timeout=20) as answer:
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code
        except (URLError, OSError):
            return 0

    def approve_in_the_background(self, key: str) -> threading.Thread:
        thread = threading.Thread(target=lambda: self.answers.append(self.ask("POST", key)), daemon=True)
        thread.start()
        return thread

    def kill_server(self) -> None:
        """`kill -9`, the server and what it started, as one."""
        if self.server:
            os.killpg(self.server.pid, signal.SIGKILL)
            assert self.server.stdin
            self.server.stdin.close()
            self.server.wait()
            self.server = None

    def kill_database(self) -> None:
        """`kill -9` of the postmaster: its processes notice and are gone, nothing is flushed."""
        pid = self.cluster.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.cluster.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.02)

    def found(self) -> dict[str, object]:
        """What the database holds of the list: its state, its money, its record."""
        questions = {
            "state": "select state from programmes_payout",
            "rows": "select array_agg(distinct state) from programmes_payoutrow",
            "holds": "select count(*) from ledger_transfer where phase = 'pending' and code = 0",
            "held": "select coalesce(sum(amount), 0)::bigint from ledger_transfer where phase = 'pending' and code = 0",
            "reserved": "select reserved from ledger_account where kind = 'fund'",
            "acts": "select count(*) from records_decision where act = 'payout-approve'",
        }
        with self.cluster.connect(user="federation") as database:
            rows = {name: database.execute(question).fetchone() for name, question in questions.items()}
        return {name: row[0] for name, row in rows.items() if row}

    def money(self) -> int:
        """All balances together: double entry makes it nothing."""
        with self.cluster.connect(user="federation") as database:
            row = database.execute("select sum(posted)::bigint from ledger_account").fetchone()
        assert row
        return int(row[0])  # type: ignore[call-overload]

    @contextmanager
    def stopped_halfway(self) -> Iterator[None]:
        """While the block runs, whoever approves stands before the last lock, with its transfers written."""
        holder = psycopg.connect(host=str(self.cluster.socket), port="5432", user="federation", dbname="guildhall")
        holder.execute("select 1 from records_stream where name = 'fund:2024' for update")
        try:
            yield
        finally:
            holder.close()

    def until_halfway(self) -> None:
        deadline = time.monotonic() + 10
        with self.cluster.connect() as watcher:
            while time.monotonic() < deadline:
                row = watcher.execute(HALFWAY).fetchone()
                if row and row[0]:
                    return
                time.sleep(0.01)
        pytest.fail(f"the approval never came halfway: {self.answers}")


@pytest.fixture(scope="module")
def prepared() -> Iterator[House]:
    """The cluster with its waiting list, kept as a template."""
    with tempfile.TemporaryDirectory(prefix="gh-") as name:
        home = Path(name)
        home.chmod(0o755)
        with Cluster(home).hold() as cluster:
            environment = {**os.environ, **cluster.environment(), "GUILDHALL_HOME": name, "GUILDHALL_TESTING": "1"}
            environment |= {"DJANGO_SETTINGS_MODULE": "guildhall.config.settings", "GUILDHALL_SECRET": "s" * 64}
            environment.pop("DATABASE_URL", None)
            made = House(cluster, environment)
            said = json.loads(made.run("tests.faults.payout_waits"))
            made.pk, made.digest, made.session = said["pk"], said["digest"], said["session"]
            with cluster.connect("postgres") as database:
                database.execute("alter database guildhall rename to waiting")
            yield made


@pytest.fixture
def house(prepared: House) -> Iterator[House]:
    """The list waits again, and a server stands before it."""
    with prepared.cluster.connect("postgres") as database:
        database.execute("drop database if exists guildhall with (force)")
        database.execute("create database guildhall template waiting strategy file_copy")
    fresh = replace(prepared, answers=[])
    try:
        fresh.serve()
        yield fresh
    finally:
        fresh.kill_server()


def test_the_approval_goes_through_where_nobody_is_killed(house):
    assert house.found() == NOTHING
    assert house.ask("POST", str(uuid4())) == 302
    assert house.found() == ALL


def test_a_server_killed_halfway_leaves_nothing_and_the_same_submission_then_pays_once(house):
    key = str(uuid4())
    with house.stopped_halfway():
        thread = house.approve_in_the_background(key)
        house.until_halfway()
        house.kill_server()
        thread.join(20)
    assert house.answers == [0]
    assert house.found() == NOTHING

    house.serve()
    assert house.ask("POST", key) == 302
    assert house.ask("POST", key) == 302
    assert house.found() == ALL
    assert house.money() == 0


def test_a_database_killed_halfway_leaves_nothing_and_the_same_submission_then_pays_once(house):
    key = str(uuid4())
    with house.stopped_halfway():
        thread = house.approve_in_the_background(key)
        house.until_halfway()
        house.kill_database()
        thread.join(20)
    assert house.answers == [500]
    house.cluster.start()
    assert house.found() == NOTHING

    assert house.ask("POST", key) == 302
    assert house.found() == ALL
    assert house.money() == 0


def test_what_was_acknowledged_outlives_both(house):
    assert house.ask("POST", str(uuid4())) == 302
    house.kill_database()
    house.kill_server()
    house.cluster.start()

    assert house.found() == ALL
    assert house.money() == 0
