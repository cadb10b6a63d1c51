"""The tests' own tools do what they promise: else a green test would prove nothing."""

import pytest
from django.db import connection, transaction


def hold(key: int) -> str:
    """A transaction that takes one lock of the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    return "held"


@pytest.mark.django_db(transaction=True)
def test_beside_sees_the_other_wait_and_go_on(beside):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        other = beside(hold, 1)
        other.until_blocked()

    assert other.result() == "held"


@pytest.mark.django_db(transaction=True)
def test_beside_is_red_where_nobody_waits(beside):
    other = beside(hold, 2)

    with pytest.raises(pytest.fail.Exception, match="it never waited for a lock"):
        other.until_blocked()


@pytest.mark.django_db(transaction=True)
def test_beside_raises_what_the_other_raised(beside):
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 / 0).result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_after_it_and_what_migrations_filled_stays(turn):
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('left_behind'), (SELECT count(*) FROM django_migrations) > 50")
        assert cursor.fetchone() == (None, True)
        cursor.execute("CREATE TABLE left_behind (turn int)")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_browser_opens_the_public_page(as_, viewport):
    page = as_(None, viewport=viewport)
    page.goto("/")

    assert page.get_by_role("main").count() == 1
    assert page.picture("front").stat().st_size > 1000
