"""A backup taken while others write restores to a state that truly was; a damaged one leaves nothing behind.

The house under load has an external database (one of the tests' cluster); the restored one has an embedded of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from guildhall.cli.backup_file import reading, writing
from guildhall.cli.database import ROLE, Cluster
from guildhall.cli.errors import Trouble
from guildhall.foundation.records.rules import sm3
from tests.plugins.database import MIGRATED

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef0123456789abcdef"
LADEN, EMPTY = "guildhall_laden", "guildhall_unprepared"
ACTS = "select name, length from records_stream where name like 'load:%' order by name"
ENTRIES = """
    select split_part(s.name, ':', 2), d.number, c.body, a.path, a.digest, t.amount, t.decision_id = d.id
    from records_decision d
    join records_stream s on s.id = d.stream_id
    join records_content c on c.decision_id = d.id
    left join records_attachment a on a.id = (c.body->>'attachment')::bigint
    left join ledger_transfer t on t.key = (c.body->>'transfer')::uuid
    where s.name like 'load:%' order by s.name, d.number
"""


@dataclass
class House:
    """A home, and where its database answers."""

    home: Path
    cluster: Cluster
    database: str
    environment: dict[str, str] = field(default_factory=dict)

    def say(self, *words: str) -> tuple[int, str]:
        """What `guildhall …` answers, and all that it said."""
        command = [sys.executable, "-m", "guildhall.cli", *words]
        done = subprocess.run(command, check=False, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def ask(self, question: str) -> list[tuple]:
        with self.cluster.connect(self.database, user=ROLE) as database:
            return database.execute(question).fetchall()


def surroundings(home: Path, cluster: Cluster | None = None, database: str = "") -> dict[str, str]:
    """The environment of a process that serves this house."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUILDHALL", "DATABASE_URL"))}
    kept |= {"GUILDHALL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "guildhall.config.settings"}
    if cluster:
        kept["DATABASE_URL"] = f"postgresql://{ROLE}@:5432/{database}?host={cluster.socket}"
    return kept


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gh-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def laden(places, cluster, django_db_setup) -> Iterator[House]:
    """A migrated house with an external database, and a key."""
    home = places / "laden"
    home.mkdir()
    (home / "vault-key").write_text(KEY)
    with cluster.connect("postgres") as database:
        create = sql.SQL("create database {} template {} owner {} strategy file_copy")
        database.execute(create.format(*map(sql.Identifier, (LADEN, MIGRATED, ROLE))))
        yield House(home, cluster, LADEN, surroundings(home, cluster, LADEN))
        database.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(LADEN)))


@pytest.fixture(scope="module")
def taken(laden) -> tuple[Path, dict[str, int], dict[str, int]]:
    """A backup under load: the file, and how many acts each writer had done before and after it."""
    writers = []
    with ExitStack() as ending:
        for name in ("x", "y"):
            command = [sys.executable, "-m", "tests.faults.backup_writer", name]
            writer = subprocess.Popen(
                command, env=laden.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            ending.callback(writer.communicate, timeout=20)
            writers.append(writer)
        assert [writer.stdout and writer.stdout.readline() for writer in writers] == [b"writing\n"] * 2
        before = dict(laden.ask(ACTS))
        code, said = laden.say("backup", str(laden.home.parent / "taken.zip"))
        after = dict(laden.ask(ACTS))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert (code, "vault-key" in said, "NOT in it" in said) == (0, True, True), said
    return laden.home.parent / "taken.zip", before, after


@pytest.fixture(scope="module")
def restored(taken, laden, places) -> Iterator[tuple[House, str]]:
    """The copy, with a database of its own, and what its restore said."""
    home = places / "copy"
    with Cluster(home, testing=True).hold() as cluster:
        copy = House(home, cluster, "guildhall", surroundings(home))
        with cluster.connect("postgres") as database:  # A test cluster makes no house of its own.
            database.execute(f"create database guildhall owner {ROLE}")
        code, said = copy.say("restore", str(taken[0]), "--key", str(laden.home / "vault-key"))
        assert code == 0, said
        yield copy, said


def test_the_copy_is_a_state_that_truly_was(taken, restored):
    _file, before, after = taken
    copy, said = restored
    acts = dict(copy.ask(ACTS))
    rows = copy.ask(ENTRIES)

    assert "记录链完整" in said
    assert "all balances together 0 fen" in said
    assert all(before[name] <= acts[name] <= after[name] for name in before)
    assert sum(before.values()) < sum(after.values())  # Else nobody wrote meanwhile, and this shows nothing.
    for name, length in acts.items():
        mine = [row for row in rows if f"load:{row[0]}" == name]
        assert [number for _, number, *_ in mine] == list(range(1, length + 1))
        assert [body["number"] for _, _, body, *_ in mine] == list(range(1, length + 1))
    for _name, number, body, path, digest, amount, its_own in rows:
        assert (amount, its_own) == (number, True)
        assert sm3((copy.home / "attachments" / path).read_bytes()) == digest
        assert all(length <= acts[name] for name, length in body["seen"].items())  # What one saw is there too.
    assert copy.ask("select count(*) from records_attachment") == [(len(rows),)]
    assert copy.ask("select count(*) from ledger_transfer") == [(len(rows),)]
    assert copy.ask("select sum(posted)::bigint from ledger_account") == [(0,)]


def test_the_copy_keeps_its_rules_and_its_key(restored):
    copy, _said = restored

    for statement in ("update records_decision set act = 'other'", "delete from ledger_transfer"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            copy.ask(statement)
    assert (copy.home / "vault-key").read_text() == KEY
    assert (copy.home / "vault-key").stat().st_mode & 0o777 == 0o600
    assert not list(copy.home.glob("restore-*"))


def test_a_house_with_data_is_not_overwritten_and_a_backup_not_either(taken, restored):
    copy, _said = restored
    before = copy.ask(ACTS)

    code, said = copy.say("restore", str(taken[0]))
    assert (code, "is not empty" in said) == (2, True)
    assert copy.ask(ACTS) == before
    with pytest.raises(Trouble, match="is there already"), writing(taken[0]):
        pass


def test_a_backup_of_the_copy_holds_the_same(restored, taken):
    copy, _said = restored

    code, said = copy.say("backup")

    assert code == 0, said
    (file,) = (copy.home / "backups").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    first, second = manifest(taken[0]), manifest(file)
    assert second["rows"] == first["rows"]
    parts = [{name: told for name, told in one["files"].items() if name != "database.dump"} for one in (first, second)]
    assert parts[0] == parts[1]
    assert KEY not in file.read_bytes().decode("latin-1")


def manifest(file: Path) -> dict[str, Any]:
    with reading(file) as backup:
        return backup.manifest


def damaged(file: Path, places: Path, at: int) -> Path:
    """A copy with one bit flipped."""
    data = bytearray(file.read_bytes())
    data[at] ^= 0x10
    other = places / "damaged.zip"
    other.write_bytes(data)
    return other


def test_each_flipped_bit_is_seen_and_its_part_named(taken, places):
    data = taken[0].read_bytes()
    part = data.index(b"attachments/")
    name = data[part : part + 55].decode()
    its_manifest = data.rindex(b"guildhall-backup/1")

    for at, says in (
        (data.index(b"PGDMP") + 1_000, "database.dump does not match its digest"),
        (data.index(b"% xa 1\n"), "attachments/.* does not match its digest"),
        (part + 55 + 40, f"{name} does not match its digest"),
        (its_manifest, "its directory cannot be read"),
        (len(data) - 3, "changed outside its parts"),
        (10, "changed outside its parts"),
    ):
        with pytest.raises(Trouble, match=says):
            manifest(damaged(taken[0], places, at))


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.999])
def test_a_truncated_backup_is_refused(taken, places, part):
    data = taken[0].read_bytes()
    (places / "cut.zip").write_bytes(data[: int(len(data) * part)])

    with pytest.raises(Trouble, match="is damaged and was not restored"):
        manifest(places / "cut.zip")


def test_a_damaged_backup_and_another_key_leave_not_even_a_folder(taken, laden, places):
    data = taken[0].read_bytes()
    file = damaged(taken[0], places, data.index(b"% xa 1\n"))
    home = places / "nowhere"
    house = House(home, laden.cluster, "", surroundings(home))
    (places / "other-key").write_text("f" * 32)

    for words, says in (
        (("restore", str(file), "--key", str(laden.home / "vault-key")), "does not match its digest"),
        (("restore", str(taken[0]), "--key", str(places / "other-key")), "sealed under the vault-key"),
        (("restore", str(taken[0])), "is not in it and not here"),
    ):
        code, said = house.say(*words)
        assert (code > 0, says in said) == (True, True), said
        assert not home.exists()


def test_a_restore_that_fails_in_the_database_leaves_nothing(taken, laden, cluster, places):
    """The tables come, then an index wants an extension that nobody made here."""
    home = places / "failing"
    with cluster.connect("postgres") as database:
        create = sql.SQL("create database {} template template0 owner {}")
        database.execute(create.format(*map(sql.Identifier, (EMPTY, ROLE))))
    with cluster.connect(EMPTY) as database:
        database.execute(f"create schema {ROLE} authorization {ROLE}")
    house = House(home, cluster, EMPTY, surroundings(home, cluster, EMPTY))

    code, said = house.say("restore", str(taken[0]), "--key", str(laden.home / "vault-key"))

    assert (code, "nothing was restored; pg_restore says" in said) == (1, True), said
    assert house.ask("select count(*) from pg_tables where schemaname = current_schema()") == [(0,)]
    assert [path for path in home.glob("**/*") if path.is_file() and path.name != "up.lock"] == []
    with cluster.connect("postgres") as database:
        database.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(EMPTY)))


def test_what_the_house_has_lost_is_told_and_does_not_stop_the_backup(laden, taken, places):
    _name, _number, _body, path, *_ = laden.ask(ENTRIES)[0]
    lost = laden.home / "attachments" / path
    shutil.move(lost, places / "lost")

    code, said = laden.say("backup", str(places / "without.zip"))

    shutil.move(places / "lost", lost)
    assert (code, f"not there when the backup was made: attachments/{path}" in said) == (1, True), said
    assert manifest(places / "without.zip")["attachments"]["missing"] == [path]
