"""The embedded PostgreSQL: one cluster in one folder, started, adopted, prepared and stopped.

Whoever uses a cluster holds it; the last one to let go stops it. The locks are the kernel's, so a killed process
holds nothing. A postmaster that outlived its starter is adopted; what a killed one left behind is cleared away.
"""

import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from guildhall.cli import postgres
from guildhall.cli.errors import Trouble
from guildhall.cli.processes import locked, quietly_with_parent, try_lock

ROLE = SCHEMA = "federation"
DATABASE = "guildhall"
PORT = "5432"  # Names the socket's file only; nothing listens on the network.
EXTENSIONS = ("pg_trgm", "btree_gist")
LONGEST_SOCKET_FOLDER = 90  # A socket's whole path ends at 107 bytes.
PATIENCE_S = 60
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": "100",
    "shared_buffers": "256MB",
    "deadlock_timeout": "100ms",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


LEFT_TO_OTHERS: "list[subprocess.Popen[bytes]]" = []
"""Postmasters that this process started and others go on using."""


class Cluster:
    """A cluster in `home/postgres`. `testing` trades durability for speed and lets the role make databases."""

    def __init__(self, home: Path, *, testing: bool = False) -> None:
        self.home = home
        self.testing = testing
        self.child: subprocess.Popen[bytes] | None = None

    # Places -----------------------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Data, log and socket; as root in a closed folder, `home/postgres` points to where the account can go."""
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def socket(self) -> Path:
        """The socket's folder: beside the data, or a short private one where that path is too long or too odd."""
        beside = self.folder / "socket"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w/.+-]+", str(beside)):
            return beside
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"guildhall-{postgres.account().uid}-{name}"

    def environment(self) -> dict[str, str]:
        """What the settings must find in the environment to reach this cluster as the federation's role."""
        return {
            "GUILDHALL_DB_HOST": str(self.socket),
            "GUILDHALL_DB_PORT": PORT,
            "GUILDHALL_DB_USER": ROLE,
            "GUILDHALL_DB_NAME": DATABASE,
        }

    # Holding ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def hold(self, *, attached: bool = False) -> Iterator["Cluster"]:
        """The running cluster, for the length of the block. `attached` stops it too when this process is killed."""
        self.place()
        with (self.home / "postgres.users").open("a") as users:
            try:
                with locked(self.home / "postgres.turn"):
                    self.start(attached=attached)
                    try_lock(users, shared=True)
                yield self
            finally:
                with locked(self.home / "postgres.turn"):
                    if try_lock(users):
                        self.stop()
                    elif self.child is not None:
                        LEFT_TO_OTHERS.append(self.child)  # They stop it; dropped here, Python would warn of it.

    def place(self) -> None:
        """Make the folders, each with the narrowest rights that work."""
        self.home.mkdir(parents=True, exist_ok=True)
        link = self.home / "postgres"
        if link.is_symlink() and not link.exists():
            link.unlink()  # Its cluster was removed; a new one begins.
        if not link.exists() and not postgres.reachable(self.home):
            away = postgres.STATE / secrets.token_hex(8)
            _private(away)
            link.symlink_to(away)
        for folder in (self.folder, self.socket):
            _private(folder)

    # Running ----------------------------------------------------------------------------------------------------------

    def start(self, *, attached: bool = False) -> None:
        """Bring the cluster to answer, from whatever state it was left in, and prepare what must stand in it."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._until_it_answers(attached=attached)
        self._prepare()

    def pid(self) -> int | None:
        """The living postmaster of this cluster, whoever started it."""
        if self.child is not None:
            self.child.poll()  # A dead child of ours must not linger as a zombie.
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.data) in words else None

    def stop(self) -> None:
        """Stop as `pg_ctl stop -m fast` does: sessions end, everything is written, the next start recovers nothing."""
        deadline = time.monotonic() + PATIENCE_S
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise Trouble(f"the database does not stop; its log is {self.log}.")
            time.sleep(0.02)
        if self.child is not None:
            self.child.wait(timeout=PATIENCE_S)
            self.child = None

    def connect(self, database: str = DATABASE, user: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the superuser, for preparing and for tests; the application connects as its role."""
        return psycopg.connect(
            host=str(self.socket), port=PORT, user=user, dbname=database, autocommit=True, connect_timeout=5
        )

    def _initialise(self) -> None:
        """Make the cluster beside its place, then rename: half a cluster is never taken for a whole one."""
        half = self.folder / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        postgres.run("initdb", ["-D", str(half), *options, *(["--no-sync"] if self.testing else [])])
        half.rename(self.data)

    def _until_it_answers(self, *, attached: bool) -> None:
        """Start a postmaster where none lives, wait for one that is coming up or going down.

        After `kill -9` of a postmaster its last processes need a moment to notice; until then a new one refuses.
        """
        deadline = time.monotonic() + PATIENCE_S
        refused = 0
        while not self._answers():
            if self.pid() is None and (self.child is None or self.child.poll() is not None):
                refused += self.child is not None and bool(self.child.returncode)
                self.child = None
                if refused > 10 or time.monotonic() > deadline:
                    raise Trouble(f"the database does not start; its log {self.log} ends with:\n{self._last_words()}")
                time.sleep(0.3 * bool(refused))
                self._spawn(attached=attached)
            if time.monotonic() > deadline:
                raise Trouble(f"the database does not answer; its log is {self.log}.")
            time.sleep(0.03)

    def _spawn(self, *, attached: bool) -> None:
        self._forget_recycled_number()
        settings = {**SETTINGS, **(CARELESS if self.testing else {}), "unix_socket_directories": str(self.socket)}
        command = [str(postgres.programs() / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is for us; we then stop it in order.
                preexec_fn=quietly_with_parent if attached else None,  # noqa: PLW1509 (no thread of ours runs yet)
                **postgres.account().options(),
            )

    def _forget_recycled_number(self) -> None:
        """After a crash of the machine the number in `postmaster.pid` may be another process's, and PostgreSQL refuses.

        With a dead number PostgreSQL itself decides, by the shared memory that the file names: not ours to remove.
        """
        file = self.data / "postmaster.pid"
        with suppress(OSError, ValueError):
            os.kill(int(file.read_text().split("\n", 1)[0]), 0)  # Raises where nobody has the number.
            if not any(_working_folder(process) == self.data for process in Path("/proc").glob("[0-9]*")):
                file.unlink()

    def _answers(self) -> bool:
        if self.pid() is None:
            return False
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:]) if self.log.exists() else ""

    # Preparing --------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """The role, its database and in it the schema; in a test cluster, in every database made from now on."""
        role, schema = sql.Identifier(ROLE), sql.Identifier(SCHEMA)
        rights = sql.SQL("CREATEDB" if self.testing else "NOCREATEDB")
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN {}").format(role, rights))
            connection.execute(sql.SQL("ALTER ROLE {} SET search_path = {}, public").format(role, schema))
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found and not self.testing:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with self.connect("template1" if self.testing else DATABASE) as connection:
            self._prepare_schema(connection)

    def _prepare_schema(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA]).fetchone():
            return
        with connection.transaction():
            for name in EXTENSIONS:
                create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public")
                connection.execute(create.format(sql.Identifier(name)))
            schema = sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}")
            connection.execute(schema.format(sql.Identifier(SCHEMA), sql.Identifier(ROLE)))


def _working_folder(process: Path) -> Path | None:
    """Where a process works; each of a cluster's works in its data folder."""
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None


def _private(folder: Path) -> None:
    """A folder that its account alone may enter; one that somebody else put there is refused."""
    owner = postgres.account()
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid not in (owner.uid, os.geteuid()) or folder.is_symlink():
            raise Trouble(f"{folder} belongs to another account; remove it, or set GUILDHALL_HOME elsewhere.") from None
    owner.owns(folder)
    folder.chmod(0o700)
