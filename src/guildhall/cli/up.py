"""`guildhall up`, `demo` and `migrate`: everything from an empty folder to a served page."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from guildhall.cli.errors import Trouble
from guildhall.config import environment

if TYPE_CHECKING:  # Costs time to import.
    from guildhall.cli.database import Cluster

LEAVING = "it is being stopped"
LEAVING_S = 30
NOTICING_S = 1  # A supervisor whose parent was killed needs a moment to notice.


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, run, text in (
        ("up", run_up, "start the database, the server and the worker, and keep them running"),
        ("demo", run_demo, "the same with the demonstration city, loaded at the first start"),
        ("migrate", run_migrate, "bring the database's tables up to date, and stop"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        if name != "migrate":
            command.add_argument("--with-parent", action="store_true", help="stop when the starting process is gone")


def run_demo(asked: argparse.Namespace) -> int:
    os.environ.update(GUILDHALL_DEMO="1")
    return run_up(asked)


def run_up(asked: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from guildhall.cli import keys, supervisor
    from guildhall.cli.processes import die_with_parent

    if asked.with_parent:
        die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # Until the supervisor has its own way to stop.
    home, port = environment.home(), _port()
    keys.keep(home)
    served = f"http://127.0.0.1:{port}/, process {os.getpid()}"
    with alone(home, served) as leaving, database(home) as cluster:
        supervisor.refuse_taken(port)
        server = supervisor.Child("server", "guildhall.cli.server")
        worker = supervisor.Child("worker", "guildhall.cli.worker")
        server.start()
        prepare()
        supervisor.supervise(server, worker, cluster, port=port, ready=lambda: _tell(home, port), leaving=leaving)
    print("guildhall: stopped.", flush=True)
    return 0


def run_migrate(asked: argparse.Namespace) -> int:
    """Migrate and leave; a database that was not running is stopped again."""
    from guildhall.cli import keys

    home = environment.home()
    keys.keep(home)
    with database(home):
        from guildhall.cli import prepare as steps

        steps.django_up()
        count = steps.migrate()
    print(f"guildhall: {count} migrations applied." if count else "guildhall: nothing to migrate.")
    return 0


@contextmanager
def database(home: Path) -> "Iterator[Cluster | None]":
    """The embedded cluster, held and named to the settings; nothing where `DATABASE_URL` names a server."""
    if environment.external_database():
        yield None
        return
    from guildhall.cli.database import Cluster

    with Cluster(home).hold(attached=True) as cluster:
        os.environ.update(cluster.environment())
        yield cluster


def prepare() -> None:
    """All that must stand before the first request."""
    from guildhall.cli import prepare as steps

    steps.catalogues()
    steps.django_up()
    if count := steps.migrate():
        print(f"guildhall: {count} migrations applied.", flush=True)
    steps.static_files()
    if steps.city_is_missing():
        print("guildhall: the demonstration city is being built …", flush=True)
        steps.load_city()
    steps.let_go()


@contextmanager
def alone(home: Path, saying: str) -> Iterator[Callable[[], None]]:
    """One `up` a folder; the next one waits for one that is leaving. The lock is the kernel's: after `kill -9` it is free.

    `saying` tells the next one who holds it. Gives what to call when we begin to leave.
    """
    from guildhall.cli.processes import try_lock

    with (home / "up.lock").open("a+") as file:
        began = time.monotonic()
        while not try_lock(file):
            file.seek(0)
            said = file.read().strip()
            if time.monotonic() - began > (LEAVING_S if said == LEAVING else NOTICING_S):
                raise Trouble(f"this folder is already served: {said}")
            time.sleep(0.1)

        def say(text: str) -> None:
            file.truncate(0)
            file.write(text)
            file.flush()

        say(saying)
        yield lambda: say(LEAVING)


def _port() -> int:
    try:
        return environment.port()
    except ValueError as error:
        raise Trouble(str(error), status=2) from None


def _tell(home: Path, port: int) -> None:
    """The address and, in the demonstration, who can sign in."""
    lines = ["", f"  Guildhall · 工匠之家   http://127.0.0.1:{port}/", ""]
    people = home / "demo-logins.json"
    if environment.is_demo() and people.exists():
        for one in json.loads(people.read_text()):
            lines.append(f"  {one['user']:<14} {one['password']:<20} {one['role']}　{one['waits']}")
        lines += ["", f"  ({people})"]
    print("\n".join([*lines, "  Ctrl-C stops.", ""]), flush=True)
