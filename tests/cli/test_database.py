"""The driver of the embedded database: whatever state it was left in, the next start answers."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from guildhall.cli import postgres
from guildhall.cli.database import Cluster
from guildhall.cli.errors import Trouble


@pytest.fixture
def place() -> Iterator[Path]:
    """An own home for an own cluster; short, for a socket's path is."""
    with tempfile.TemporaryDirectory(prefix="gh-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Cluster(Path(name)).stop()


def holder(home: Path, *, attached: bool) -> "subprocess.Popen[bytes]":
    """Another process that holds the cluster until it is killed."""
    script = f"""
        import time
        from pathlib import Path
        from guildhall.cli.database import Cluster
        with Cluster(Path({str(home)!r})).hold(attached={attached}):
            print("held", flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def write(cluster: Cluster, text: str) -> None:
    with cluster.connect(user="federation") as database:
        database.execute("CREATE TABLE IF NOT EXISTS kept (line text)")
        database.execute("INSERT INTO kept VALUES (%s)", [text])


def read(cluster: Cluster) -> list[object]:
    with cluster.connect(user="federation") as database:
        return [line for (line,) in database.execute("SELECT line FROM kept ORDER BY line")]


def gone(cluster: Cluster, within: float = 5) -> bool:
    deadline = time.monotonic() + within
    while cluster.pid() is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    return cluster.pid() is None


def test_the_role_works_in_its_own_schema_and_the_extensions_stand_in_public(place):
    with Cluster(place).hold() as cluster, cluster.connect(user="federation") as database:
        assert database.execute("SELECT current_schemas(false)::text[]").fetchone() == (["federation", "public"],)
        assert database.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (False, False, False)
        assert database.execute("SELECT similarity('工匠之家', '工匠之家')").fetchone() == (1.0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("CREATE TABLE public.stray (n int)")


def test_it_listens_to_nobody_on_the_network_and_writes_through(place):
    with Cluster(place).hold() as cluster, cluster.connect() as database:
        asked = [
            database.execute(f"SHOW {name}").fetchone() for name in ("listen_addresses", "fsync", "full_page_writes")
        ]

        assert asked == [("",), ("on",), ("on",)]
        assert cluster.socket.stat().st_mode & 0o077 == 0
        assert cluster.data.stat().st_mode & 0o077 == 0


def test_a_second_start_finds_the_data(place):
    with Cluster(place).hold() as cluster:
        write(cluster, "first")
    assert gone(cluster)

    with Cluster(place).hold() as cluster:
        assert read(cluster) == ["first"]


def test_a_killed_postmaster_is_started_again_with_all_that_was_committed(place):
    with Cluster(place).hold() as cluster:
        write(cluster, "before")
        os.kill(cluster.pid(), signal.SIGKILL)
        cluster.start()

        assert read(cluster) == ["before"]


def test_a_postmaster_that_outlived_its_starter_is_adopted_and_stopped_by_the_last(place):
    kill(holder(place, attached=False))
    orphan = Cluster(place).pid()
    assert orphan is not None

    with Cluster(place).hold() as cluster:
        assert cluster.pid() == orphan
    assert gone(cluster)


def test_attached_it_stops_with_its_killed_starter(place):
    kill(holder(place, attached=True))

    assert gone(Cluster(place))


def test_who_lets_go_first_leaves_it_running(place):
    other = holder(place, attached=False)
    with Cluster(place).hold() as cluster:
        pid = cluster.pid()
    assert cluster.pid() == pid
    kill(other)


def test_a_number_that_now_belongs_to_another_process_does_not_stop_it(place):
    with Cluster(place).hold() as cluster:
        write(cluster, "kept")
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    postgres.account().owns(cluster.data / "postmaster.pid")

    with Cluster(place).hold() as cluster:
        assert read(cluster) == ["kept"]


def test_half_a_cluster_is_made_again(place):
    cluster = Cluster(place)
    cluster.place()
    (cluster.folder / "data.new").mkdir()
    (cluster.folder / "data.new" / "PG_VERSION").write_text("18\n")

    with cluster.hold():
        write(cluster, "whole")
    assert not (cluster.folder / "data.new").exists()


def test_a_long_path_gets_a_short_private_socket(place):
    home = place / ("深" * 40) / "var"
    with Cluster(home).hold() as cluster:
        assert len(os.fsencode(cluster.socket)) < 100
        assert cluster.socket.stat().st_mode & 0o077 == 0
    cluster.socket.rmdir()


def test_another_account_s_folder_is_refused(place):
    if os.geteuid() != 0:
        pytest.skip("only root can make another account's folder")
    (place / "postgres").mkdir()
    os.chown(place / "postgres", 1, 1)

    with pytest.raises(Trouble, match="belongs to another account"), Cluster(place).hold():
        pass


def test_a_broken_cluster_says_where_its_log_is(place):
    with Cluster(place).hold() as cluster:
        pass
    (cluster.data / "global" / "pg_control").write_bytes(b"torn")

    with pytest.raises(Trouble, match=r"does not start; its log .*log ends with"), Cluster(place).hold():
        pass
