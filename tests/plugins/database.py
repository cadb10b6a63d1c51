"""The tests' databases.

Migrations run once a session, into a database that stays untouched; each worker's own is a copy of it. A test that
commits gets a fresh copy afterwards: TRUNCATE would be refused by the records and the ledger, and would lose what
migrations filled in.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql

from guildhall.cli.database import ROLE, Cluster
from guildhall.cli.processes import locked

MIGRATED = "test_guildhall"


@pytest.fixture(scope="session")
def cluster(home: Path) -> Iterator[Cluster]:
    """The session's PostgreSQL. The last worker to let go stops it."""
    with Cluster(home, testing=True).hold() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(cluster, home, worker_id, django_test_environment, django_db_blocker) -> Iterator[None]:
    """In place of pytest-django's own, which migrates once a worker."""
    own = f"{MIGRATED}_{worker_id}"
    with django_db_blocker.unblock():
        with locked(home / "migrate"):
            if not exists(cluster, MIGRATED):
                migrate(cluster)
        copy(cluster, own)
        use(own)
        patch = pytest.MonkeyPatch()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: copy(cluster, own))
        yield
        patch.undo()
        connections.close_all()


def exists(cluster: Cluster, name: str) -> bool:
    with cluster.connect("postgres") as database:
        return database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def migrate(cluster: Cluster) -> None:
    """Into a database of another name first: what a failed migration left is not taken for the whole."""
    half = f"{MIGRATED}_half"
    with cluster.connect("postgres") as database:
        database.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(half)))
        database.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(half), sql.Identifier(ROLE)))
    use(half)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connections.close_all()
    with cluster.connect("postgres") as database:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        database.execute(rename.format(sql.Identifier(half), sql.Identifier(MIGRATED)))


def copy(cluster: Cluster, name: str) -> None:
    """A fresh copy of the migrated database, whoever is still connected to the old one."""
    connections.close_all()
    with cluster.connect("postgres") as database:
        database.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY")
        database.execute(create.format(*map(sql.Identifier, (name, MIGRATED, ROLE))))


def use(name: str) -> None:
    connections.close_all()
    connections.databases["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
