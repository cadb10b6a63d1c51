"""`guildhall backup [FILE]`: the whole house as it stood at one instant, in one file, while it goes on serving.

One snapshot of the database gives the dump, the counts and the list of attachments. An attachment's file is whole before
its row is written, and never changes: whatever a row of the snapshot names is there.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from guildhall.cli.errors import Trouble
from guildhall.config import environment

if TYPE_CHECKING:
    from psycopg.sql import Composable

    from guildhall.cli.backup_file import Writer
    from guildhall.foundation.records.models import Attachment

KEY_NOTE = (
    "The key that seals what is encrypted at rest (vault-key) is not in this file: keep a copy of it in another place."
    " Without that key the house cannot be restored. 字段加密密钥不在本文件内，须另行保管；没有它无法恢复。"
)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "write the whole house, as it stands at one instant, into one file; it may go on serving"
    command = commands.add_parser("backup", help=text, description=f"{text}. The key vault-key is not in it.")
    command.add_argument("file", metavar="FILE", nargs="?", help="by default a new one in the home's folder backups")
    command.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    from guildhall.cli import prepare
    from guildhall.cli.backup_file import writing
    from guildhall.cli.up import database

    home = environment.home()
    now = datetime.now(tz=UTC)
    target = Path(asked.file) if asked.file else home / "backups" / f"guildhall-{now:%Y%m%dT%H%M%SZ}.zip"
    _is_a_house(home)
    with database(home):
        prepare.django_up()
        try:
            with writing(target) as file, _snapshot() as snapshot:
                manifest = _fill(file, snapshot, now)
        except OSError as error:
            raise Trouble(f"cannot write {target}: {error.strerror}") from None
    return _tell(target, manifest)


def _is_a_house(home: Path) -> None:
    """A backup makes no house where none is."""
    if environment.external_database():
        return
    from guildhall.cli.database import Cluster

    if not (Cluster(home).data / "PG_VERSION").exists():
        raise Trouble(f"there is no house in {home}; GUILDHALL_HOME names its folder.", status=2)


@contextmanager
def _snapshot() -> Iterator[str]:
    """A read-only transaction whose view of the database another session can take: its name for that."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _fill(file: "Writer", snapshot: str, now: datetime) -> dict[str, Any]:
    """Everything that the snapshot shows, into the file; the manifest that closes it."""
    from importlib.metadata import version

    from django.conf import settings

    from guildhall.cli.backup_file import DUMP
    from guildhall.foundation import vault
    from guildhall.foundation.records.models import Attachment
    from guildhall.foundation.records.seals import latest_seal

    if not settings.VAULT_KEY:
        raise Trouble("this house has no vault-key, neither in its folder nor in GUILDHALL_VAULT_KEY.")
    schema = _one("SELECT current_schema()")
    with dumped(schema, snapshot) as dump:
        file.add(DUMP, dump)
    missing, changed = _add_attachments(file, Attachment.objects.order_by("pk").iterator(chunk_size=1_000))
    seal = latest_seal()
    manifest = {
        "made_at": now.isoformat(timespec="seconds"),
        "federation": settings.FEDERATION_NAME,
        "demonstration": settings.DEMO,
        "guildhall": version("guildhall"),
        "postgresql": _one("SHOW server_version"),
        "schema": schema,
        "migrations": migrations(),
        "rows": counts(schema),
        "latest_seal": seal.printed if seal else "",
        "attachments": {"missing": missing, "changed": changed},
        "vault_key": {"included": False, "fingerprint": vault.fingerprint(settings.VAULT_KEY), "note": KEY_NOTE},
    }
    file.close(manifest)
    return {**manifest, "files": file.files}


@contextmanager
def dumped(schema: str, snapshot: str) -> "Iterator[IO[bytes]]":
    """What `pg_dump` says of one schema at one snapshot, in its custom format."""
    from guildhall.cli import postgres

    words = [f'--schema="{schema}"', f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--no-privileges"]
    with tempfile.TemporaryFile() as said:
        command, options = postgres.client("pg_dump", words, environment.database())
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, **options)
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise Trouble(f"pg_dump failed: {said.read().decode(errors='replace').strip()}")


def _add_attachments(file: "Writer", rows: "Iterator[Attachment]") -> tuple[list[str], list[str]]:
    """Each row's file; the names of those that are gone and of those that no longer give their digest.

    A backup is worth most in a house that lost something: both are told, neither stops it.
    """
    from django.conf import settings

    from guildhall.cli.backup_file import ATTACHMENTS

    missing, changed = [], []
    for row in rows:
        try:
            with (Path(settings.ATTACHMENTS) / row.path).open("rb") as source:
                if file.add(ATTACHMENTS + row.path, source) != row.digest:
                    changed.append(row.path)
        except FileNotFoundError:
            missing.append(row.path)
    return missing, changed


def migrations() -> list[str]:
    """The migrations that made this database, `app.name`, in order."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def counts(schema: str) -> dict[str, int]:
    """How many rows each table of the schema holds."""
    from django.db import connection
    from psycopg import sql

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema])
        names = [name for (name,) in cursor.fetchall()]
    return {name: int(_one(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))) for name in names}


def _one(question: "str | Composable") -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def _tell(target: Path, manifest: dict[str, Any]) -> int:
    """What was written, that the key is not in it, and what the house itself had lost."""
    from guildhall.cli.backup_file import ATTACHMENTS

    files, rows = manifest["files"], manifest["rows"]
    key = manifest["vault_key"]["fingerprint"][:8]
    told = f"{sum(rows.values()):,} rows of {len(rows)} tables, {len(files) - 1:,} attachments"
    print(f"guildhall: {target}, {target.stat().st_size:,} bytes: {told}.")
    print(f"The key vault-key (fingerprint {key}) is NOT in it; keep a copy of it in another place.")
    lost = manifest["attachments"]
    for path in lost["missing"]:
        print(f"not there when the backup was made: {ATTACHMENTS}{path}")
    for path in lost["changed"]:
        print(f"no longer gives its digest, kept as it is: {ATTACHMENTS}{path}")
    return 1 if lost["missing"] or lost["changed"] else 0
