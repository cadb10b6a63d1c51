"""Tampering, as one who owns the tables could."""

import pytest
from django.db import connection

TABLES = ("records_stream", "records_decision", "records_content", "records_seal")


@pytest.fixture
def tamper(db):
    """`tamper(sql)` runs a statement that the triggers would refuse."""

    def run(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            for table in TABLES:
                cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(statement, values)
            cursor.execute("set constraints all immediate")
            for table in TABLES:
                cursor.execute(f"alter table {table} enable trigger user")

    return run
