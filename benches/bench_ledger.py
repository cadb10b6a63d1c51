"""The ledger's entry point, in batches of one, of 64 and of 256. docs/benchmarks.md explains the rows.

It measures a child process of its own, with a durable cluster in a temporary folder: no settings, data or server of the
caller are touched.
"""

# ruff: noqa: PLC0415 (only the child sets Django up, once it knows its folder)

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REFERENCE = (
    "naive posting: a Python loop that locks two accounts, looks, inserts and updates, a transaction a transfer;\n"
    "and pgbench's TPC-B-like transactions (8 clients, 2 threads, scale 20). Seconds an item; each commit durable"
)
PAYERS, MERCHANTS = 20_000, 50
SECONDS = 3.0
BATCHES = (1, 64, 256)


def measure() -> list[dict[str, Any]]:
    """Rows of seconds an item: each batch size beside the naive loop, and beside a transaction of pgbench."""
    with tempfile.TemporaryDirectory(prefix="guildhall-bench-") as home:
        Path(home).chmod(0o755)  # As root the database's own account must reach the cluster in it.
        done = subprocess.run(
            [sys.executable, "-m", "benches.bench_ledger", home], check=True, stdout=subprocess.PIPE, text=True
        )
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def run(home: Path) -> list[dict[str, Any]]:
    """In the child: a cluster, the schema, the accounts, the measures."""
    from guildhall.cli.database import Cluster

    cluster = Cluster(home)
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(cluster.environment() | {"GUILDHALL_HOME": str(home), "GUILDHALL_SECRET": "bench"})
    os.environ["DJANGO_SETTINGS_MODULE"] = "guildhall.config.settings"
    with cluster.hold(attached=True):
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        payers, merchants, decision = prepare()
        pgbench = transactions_of_pgbench(cluster)
        naive = seconds_an_item(1, lambda _count: naively(payers, merchants, decision))
        rows = []
        for size in BATCHES:
            ours = seconds_an_item(size, lambda count: batch(payers, merchants, decision, count))
            for name, reference in (("naive loop", naive), ("pgbench transaction", pgbench)):
                rows.append(
                    {"name": f"ledger: seconds an item, beside a {name}", "size": size, "ours": ours,
                     "reference": reference, "ratio": reference / ours}
                )  # fmt: skip
        return rows


def prepare() -> tuple[list[int], list[int], int]:
    """The ids of payers and merchants, and of a decision that the transfers follow from."""
    from django.db import connection, transaction

    from guildhall.foundation.ledger.models import Account
    from guildhall.foundation.ledger.rules import NO_FLOOR
    from guildhall.foundation.records.moves import CLOCK, record

    with transaction.atomic():
        made = Account.objects.bulk_create(
            Account(kind="payee", owner=f"bench:{n}", name="账户", floor=NO_FLOOR if n < PAYERS else 0)
            for n in range(PAYERS + MERCHANTS)
        )
        decision = record("bench", stream="bench", subject="bench", by=CLOCK)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return [row.pk for row in made[:PAYERS]], [row.pk for row in made[PAYERS:]], decision.pk


def seconds_an_item(size: int, act: Callable[[int], None]) -> float:
    """The mean over `SECONDS`, after a warm-up of ten calls."""
    for _ in range(10):
        act(size)
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        act(size)
        calls += 1
    return (time.perf_counter() - start) / (calls * size)


def batch(payers: list[int], merchants: list[int], decision: int, count: int) -> None:
    """One transaction with one call of the entry point."""
    from django.db import transaction

    from guildhall.foundation.ledger.moves import pay, post, uuid7
    from guildhall.foundation.records.models import Decision

    items = [pay(uuid7(), random.choice(payers), random.choice(merchants), 100) for _ in range(count)]
    with transaction.atomic():
        answers = post(items, decision=Decision(pk=decision))
    assert all(answer.done for answer in answers)


def naively(payers: list[int], merchants: list[int], decision: int) -> None:
    """What a straightforward program does for one transfer."""
    from django.db import connection, transaction

    from guildhall.foundation.ledger.moves import uuid7

    debit, credit = random.choice(payers), random.choice(merchants)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select id, posted - reserved - floor, closed from ledger_account where id in (%s, %s) order by id for update",
            [debit, credit],
        )
        free = {row[0]: row[1] for row in cursor.fetchall() if not row[2]}
        assert free[debit] >= 100
        cursor.execute(
            "insert into ledger_transfer (key, code, debit_id, credit_id, amount, phase, decision_id, business_at)"
            " values (%s, 0, %s, %s, 100, 'posted', %s, now())",
            [uuid7(), debit, credit, decision],
        )
        cursor.execute("update ledger_account set posted = posted - 100 where id = %s", [debit])
        cursor.execute("update ledger_account set posted = posted + 100 where id = %s", [credit])


def transactions_of_pgbench(cluster: Any) -> float:
    """Seconds a transaction of pgbench's own load, in a database beside ours."""
    from guildhall.cli import postgres

    with cluster.connect("postgres") as database:
        database.execute("create database pgbench")
    options: dict[str, Any] = {"capture_output": True, "text": True, **postgres.account().options()}
    reach = ["-h", str(cluster.socket), "-p", "5432", "-U", "postgres", "pgbench"]
    program = str(postgres.programs() / "pgbench")
    subprocess.run([program, "-i", "-q", "-s", "20", *reach], check=True, **options)
    load = ["-M", "prepared", "-c", "8", "-j", "2", "-T", str(int(2 * SECONDS)), "-n"]
    told = subprocess.run([program, *load, *reach], check=True, **options).stdout
    line = next(line for line in told.splitlines() if line.startswith("tps"))
    return 1 / float(line.split("=")[1].split()[0])


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
