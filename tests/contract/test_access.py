"""Every address as everybody: what is written in `access/` is what the house answers, and a refusal writes nothing."""

from typing import Any

import pytest
from django.db import connection, transaction

from tests.contract import addresses, matrix
from tests.contract.affairs import WHO, Affairs

ROWS = matrix.rows()
FREE = ("django_session", "rate_limit")
"""Tables of the web itself: sessions, and how often an address asked."""


def ask(affairs: Affairs, who: str, verb: str, name: str) -> Any:
    """One request from a fresh browser."""
    client = affairs.client(who)
    url = addresses.url(affairs, name)
    return client.get(url) if verb == "GET" else client.post(url, addresses.body(affairs, name))


def cell(response: Any, asked: str, secret: str | None) -> str:
    """The answer in the words of the matrix; `asked` decides between two words for the same thing."""
    status, said = response.status_code, matrix.said(response)
    if status == 302 and "/sign-in/" in response["Location"]:
        return "login"
    if status in (403, 404):
        return str(status)
    if status == 409:
        return "late"
    if status == 200 and secret is not None and secret not in said:
        return "empty"
    if status not in (200, 302, 422):
        return f"fault {status}"
    return asked if asked in ("sees", "ok", "public") and (secret or asked != "sees") else "ok"


def written() -> int:
    """How many rows this transaction wrote so far, in all tables but the web's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname <> ALL(%s)",
            [list(FREE)],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.verb} {row.name}")
def test_access(affairs: Affairs, row: matrix.Row) -> None:
    """A prime is the same office one place over: the right role in the wrong place. What is refused writes nothing."""
    secret = None if row.secret == "-" else matrix.secrets(affairs)[row.secret]
    wrong = {}
    for who in WHO:
        before = written()
        with transaction.atomic():
            response = ask(affairs, who, row.verb, row.name)
            found = cell(response, row.cells[who], secret)
            if found in ("login", "403", "404", "late") and (n := written() - before):
                found += f", and wrote {n} rows"
            transaction.set_rollback(True)
        if found != row.cells[who]:
            wrong[who] = f"{found}, not {row.cells[who]}"
    assert wrong == {}


def test_every_address_has_its_row(affairs: Affairs) -> None:
    """A new address without a row fails the build; so does a row whose address is gone."""
    answered = {(verb, name) for name in matrix.url_names() for verb in ("GET", "POST") if takes(affairs, verb, name)}
    assert {(row.verb, row.url_name) for row in ROWS} == answered


def takes(affairs: Affairs, verb: str, name: str) -> bool:
    """Whether the address answers the verb at all."""
    with transaction.atomic():
        response = ask(affairs, "officer", verb, name)
        matrix.said(response)
        transaction.set_rollback(True)
    return bool(response.status_code != 405)


def test_each_row_stands_once() -> None:
    keys = [(row.verb, row.name) for row in ROWS]
    assert len(keys) == len(set(keys))


def test_each_secret_is_seen_by_somebody_and_hidden_from_somebody() -> None:
    """A list that everybody sees, or nobody, cannot leak and tests nothing; public pages and one's own are the others."""
    plain = [row.name for row in ROWS if "sees" in row.cells.values() and set(row.cells.values()) == {"sees"}]
    assert plain == []
