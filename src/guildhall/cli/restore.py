"""`guildhall restore FILE`: a backup into an empty house, all of it or nothing, and then held against itself.

What can be refused is refused before anything is made: a damaged file, another key, a newer program's backup. The tables
come in one transaction; PostgreSQL puts the triggers that refuse changes on after the rows.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guildhall.cli.errors import Trouble
from guildhall.config import environment

if TYPE_CHECKING:
    from guildhall.cli.backup_file import Reader

PEOPLES = ("organisations_user", "records_stream", "ledger_account", "records_attachment")
"""A house is empty while these are: whoever works in it has an account, and every act leaves an entry."""
LEFT_OVER = """
    SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    UNION ALL SELECT 'TABLE', oid::regclass::text FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    UNION ALL SELECT 'TYPE', oid::regtype::text FROM pg_type
    WHERE typnamespace = current_schema()::regnamespace AND typtype = 'e'
"""


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "bring a backup back into an empty house, and check what came"
    command = commands.add_parser("restore", help=text, description=f"{text}; a house with data is never overwritten.")
    command.add_argument("file", metavar="FILE", help="as `guildhall backup` wrote it")
    command.add_argument("--home", metavar="FOLDER", help="the new house's folder; by default GUILDHALL_HOME")
    command.add_argument("--key", metavar="KEY_FILE", help="the copy of vault-key, where the house has none yet")
    command.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    from guildhall.cli import keys
    from guildhall.cli.backup_file import reading
    from guildhall.cli.up import alone, database

    if asked.home:
        os.environ["GUILDHALL_HOME"] = str(Path(asked.home).resolve())
    home = environment.home()
    with reading(Path(asked.file)) as backup:
        key = _the_key(backup.manifest["vault_key"]["fingerprint"], asked.key)
        _known(backup.manifest)
        try:
            home.mkdir(parents=True, exist_ok=True)
            with alone(home, f"a restore, process {os.getpid()}"), database(home):
                _into_empty(backup, home)
                if asked.key:
                    keys.put(home, key)
                return _check(backup.manifest)
        except OSError as error:
            raise Trouble(f"cannot write in {home}: {error.strerror}") from None


def _the_key(fingerprint: str, file: str | None) -> str:
    """The house's `vault-key`, if it is the one that the backup was sealed under; another one is refused."""
    from guildhall.foundation import vault

    try:
        given = Path(file).read_text(encoding="utf-8").strip() if file else ""
        kept = environment.vault_key()
        if given and kept and given != kept:
            raise Trouble("this house has a vault-key already, and it is another one than --key names.", status=2)
        key = given or kept
        ours = vault.fingerprint(key) if key else ""
    except (OSError, ValueError) as error:
        raise Trouble(f"the vault-key cannot be read: {error}", status=2) from None
    if not key:
        raise Trouble(
            f"the backup's vault-key (fingerprint {fingerprint[:8]}) is not in it and not here: name its copy by --key.",
            status=2,
        )
    if ours != fingerprint:
        raise Trouble(
            f"the backup was sealed under the vault-key {fingerprint[:8]}, here is {ours[:8]}: what is encrypted would"
            " stay shut. Remove the vault-key of this empty house, and name the backup's by --key.",
            status=2,
        )
    if file:
        os.environ["GUILDHALL_VAULT_KEY"] = key
    return key


def _known(manifest: dict[str, Any]) -> None:
    """This program must know every migration that made the backup; those that it has more it applies afterwards."""
    import guildhall

    folder = Path(guildhall.__file__).parent
    ours = {path.stem for path in folder.glob("**/migrations/[0-9]*.py")}
    apps = {path.parent.parent.name for path in folder.glob("**/migrations/[0-9]*.py")}
    split = (name.split(".", 1) for name in manifest["migrations"])
    unknown = [f"{app}.{name}" for app, name in split if app in apps and name not in ours]
    if unknown:
        made = manifest["guildhall"]
        raise Trouble(f"the backup comes from a newer program ({made}); this one does not know {', '.join(unknown)}.")


def _into_empty(backup: "Reader", home: Path) -> None:
    """Everything into its place; where one thing fails, the house is empty as before."""
    from psycopg import sql

    from guildhall.cli.backup_file import ATTACHMENTS, DUMP

    with _connected() as connection:
        schema = str(connection.execute("SELECT current_schema()").fetchone()[0])
        if schema != backup.manifest["schema"]:
            raise Trouble(f"the backup is of the schema {backup.manifest['schema']}, the role works in {schema}.")
        for table in PEOPLES:
            if connection.execute("SELECT to_regclass(%s)", [table]).fetchone()[0] is None:
                continue
            if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone():
                raise Trouble(f"the house in {home} is not empty ({table}); a restore overwrites nothing.", status=2)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=home) as name:
        half = Path(name)
        for part in backup.manifest["files"]:
            backup.extract(part, half / part)
        with _placed(half / ATTACHMENTS, home / ATTACHMENTS):
            _clear()
            _load(half / DUMP, schema)


@contextmanager
def _connected() -> Iterator[Any]:
    import psycopg

    told = environment.database()
    try:
        connection = psycopg.connect(
            host=told["HOST"] or None, port=told["PORT"] or None, user=told["USER"], password=told["PASSWORD"] or None,
            dbname=told["NAME"],
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise Trouble(f"the database cannot be reached: {str(error).strip()}") from None
    with connection:
        yield connection


@contextmanager
def _placed(source: Path, target: Path) -> Iterator[None]:
    """The attachments in their folder, and out of it again where the database then fails."""
    placed = []
    try:
        for path in sorted(source.glob("**/*")) if source.exists() else []:
            if path.is_file():
                place = target / path.relative_to(source)
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.replace(place)
                placed.append(place)
        yield
    except BaseException:
        for place in placed:
            place.unlink(missing_ok=True)
        raise


def _clear() -> None:
    """An empty house may have been started once: its tables go, in one transaction."""
    from psycopg import sql

    with _connected() as connection:
        connection.execute("SET lock_timeout = '10s'")
        for kind, name in connection.execute(LEFT_OVER).fetchall():
            connection.execute(sql.SQL(f"DROP {kind} IF EXISTS {name} CASCADE"))


def _load(dump: Path, schema: str) -> None:
    """The tables, in one transaction: after a failure or `kill -9` there are none."""
    from guildhall.cli import postgres

    told = environment.database()
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}"]
    command, options = postgres.client("pg_restore", [*words, f"--dbname={told['NAME']}", str(dump)], told)
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if done.returncode:
        raise Trouble(f"nothing was restored; pg_restore says: {done.stderr.strip()}")


def _check(manifest: dict[str, Any]) -> int:
    """Rows against the manifest, the chains, the ledger, the attachments: what is said of each, and 1 for any fault."""
    from guildhall.cli import prepare
    from guildhall.cli.backup import counts

    prepare.catalogues()
    prepare.django_up()
    found = counts(manifest["schema"])
    faults = [
        f"the table {name} holds {found.get(name, 0):,} rows, the backup {rows:,}"
        for name, rows in manifest["rows"].items()
        if found.get(name) != rows
    ]
    print(
        f"guildhall: restored the state of {manifest['made_at']}: {sum(found.values()):,} rows of {len(found)} tables."
    )
    if count := prepare.migrate():
        print(f"guildhall: {count} migrations applied.")
    from guildhall.foundation.records import verify

    lines, sound = verify.report()
    faults += [*_ledger(), *_attachments()]
    for line in [*lines, *(f"fault: {fault}." for fault in faults)]:
        print(line)
    if faults or not sound:
        print("The backup was restored as it is, and is not in order.")
    return 0 if sound and not faults else 1


def _ledger() -> Iterator[str]:
    """What is wrong with the money: balances that do not sum to nothing, floors, sums that do not follow."""
    from django.db.models import F, Sum

    from guildhall.foundation.ledger.models import Account

    accounts = Account.objects.order_by("pk")
    total = accounts.aggregate(total=Sum("posted"))["total"] or 0
    if total:
        yield f"all balances together are {total} fen, not nothing"
    for row in accounts.filter(posted__lt=F("reserved") + F("floor"), floor__isnull=False):
        yield f"account {row.pk} is below its floor"
    for row in accounts.disagreeing():
        yield f"the sums of account {row.pk} do not follow from its transfers"
    print(f"Ledger: {len(accounts):,} accounts, all balances together {total} fen.")


def _attachments() -> Iterator[str]:
    """Rows whose file is not there, or is another one."""
    from guildhall.foundation.records.attachments import unchanged
    from guildhall.foundation.records.models import Attachment

    count = 0
    for row in Attachment.objects.order_by("pk").iterator(chunk_size=1_000):
        count += 1
        if not unchanged(row):
            yield f"attachment {row.pk} ({row.path}) is missing, or does not give its digest"
    print(f"Attachments: {count:,}, each held against its digest.")
