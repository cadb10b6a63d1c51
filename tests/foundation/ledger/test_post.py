"""`post` against the sequential model, with the fast path and without."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from guildhall.foundation.errors import Refusal
from guildhall.foundation.ledger import rules
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.moves import post, post_all, post_at
from guildhall.foundation.ledger.rules import NO_FLOOR, Item, hold, pay, post_of, uuid7, void_of
from guildhall.foundation.ledger.states import Code, Phase
from tests.foundation.ledger.conftest import FLOORS
from tests.foundation.ledger.model import Book, Sequential

NOON = datetime(2024, 11, 26, 12, tzinfo=UTC)
KEYS = [UUID(int=number) for number in range(1, 13)]
PLACES = [*FLOORS, "nowhere"]
NAMES = st.sampled_from(PLACES)
AMOUNTS = st.one_of(st.integers(1, 60), st.sampled_from([-1, 0, 10**15, 10**15 + 1]))
MOMENTS = st.sampled_from([None, None, *(NOON + timedelta(seconds=n) for n in (-1, 0, 1, 2))])


def money(names=NAMES, amounts=AMOUNTS):
    """Two of three start from the source, so that there is something to move."""
    return st.builds(
        Item, key=st.sampled_from(KEYS), debit=st.one_of(st.just("source"), names), credit=names, amount=amounts,
        phase=st.sampled_from(list(Phase)), linked=st.sampled_from([False, False, True]), expires_at=MOMENTS,
    )  # fmt: skip


PLAIN = st.builds(
    Item, key=st.sampled_from(KEYS), debit=st.sampled_from(PLACES[:4]), credit=st.sampled_from(PLACES[:4]),
    amount=st.integers(1, 60), phase=st.sampled_from(["posted", "pending"]),
)  # fmt: skip
SETTLING = st.builds(
    Item, key=st.sampled_from(KEYS), settles=st.sampled_from(KEYS), amount=st.one_of(st.none(), AMOUNTS),
    phase=st.sampled_from(["posted", "posted", "voided", "pending"]), linked=st.booleans(),
    debit=st.sampled_from([None, None, None, "first"]),
)  # fmt: skip
HELD, SETTLERS = st.sampled_from(KEYS[:4]), st.sampled_from(KEYS[4:])
SOUND = st.one_of(  # Few keys, so that a settlement often meets a hold that stands.
    st.builds(hold, HELD, st.just("source"), st.sampled_from(PLACES[1:4]), st.integers(1, 60), until=MOMENTS),
    st.builds(hold, HELD, st.just("source"), st.just("first"), st.integers(30, 60), linked=st.booleans()),
    st.builds(post_of, SETTLERS, HELD, st.integers(1, 60), linked=st.sampled_from([False, False, True])),
    st.builds(void_of, SETTLERS, HELD, linked=st.sampled_from([False, False, True])),
)
BATCHES = st.lists(
    st.tuples(
        st.integers(0, 2),  # Seconds of business that pass before the batch.
        st.one_of(
            st.lists(PLAIN, min_size=1, max_size=6),
            st.lists(SOUND, min_size=1, max_size=8),
            st.lists(st.one_of(PLAIN, SOUND), min_size=1, max_size=8),
            st.lists(st.one_of(money(), PLAIN, SETTLING, SOUND), min_size=1, max_size=8),
        ),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def at(accounts, item: Item) -> Item:
    """The item with names turned into ids."""
    ids = {**{name: account.pk for name, account in accounts.items()}, "nowhere": 10**9, None: None}
    return replace(item, debit=ids[item.debit], credit=ids[item.credit])


@pytest.mark.parametrize("optimistic", [True, False])
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
@example([(0, [pay(KEYS[0], "source", "first", 5), pay(KEYS[0], "source", "first", 5)])])  # Twice in one batch.
@example([(0, [pay(KEYS[0], "source", "first", 5)]), (0, [pay(KEYS[0], "source", "first", 6)])])  # Another body.
@example([(0, [pay(KEYS[0], "source", "first", 5), pay(KEYS[1], "first", "second", 5)])])  # A credit is spent at once.
@example([(0, [pay(KEYS[0], "credit", "first", 51)]), (0, [pay(KEYS[1], "credit", "first", 50)])])  # To the floor.
@example([(0, [hold(KEYS[0], "source", "first", 9)]), (0, [post_of(KEYS[1], KEYS[0], 4)])])  # The rest is freed.
@example([(0, [hold(KEYS[0], "source", "first", 9, linked=True), post_of(KEYS[1], KEYS[0], 4, linked=True),
               pay(KEYS[2], "second", "first", 1)]), (0, [void_of(KEYS[3], KEYS[0])])])  # fmt: skip
@example([(0, [hold(KEYS[0], "source", "first", 9)]), (0, [void_of(KEYS[1], KEYS[0], linked=True),
               pay(KEYS[2], "second", "first", 1)]), (0, [post_of(KEYS[3], KEYS[0], 9)])])  # fmt: skip
@example([(0, [pay(KEYS[0], "source", "first", 5, linked=True), pay(KEYS[0], "source", "first", 5, linked=True),
               pay(KEYS[1], "second", "first", 1)])])  # fmt: skip
@example([(0, [hold(KEYS[0], "source", "first", 9, until=NOON + timedelta(seconds=1))]),
          (1, [post_of(KEYS[1], KEYS[0], 9)]), (0, [void_of(KEYS[2], KEYS[0])])])  # fmt: skip
def test_a_batch_is_answered_as_if_asked_one_by_one(accounts, decision, optimistic, batches):
    with transaction.atomic():
        model = Sequential({account.pk: Book(floor=FLOORS[name]) for name, account in accounts.items()})
        model.books[accounts["closed"].pk].closed = True
        now = NOON
        for seconds, items in batches:
            now += timedelta(seconds=seconds)
            asked = [at(accounts, item) for item in items]
            answers = post_at(asked, decision=decision, business=now, optimistic=optimistic)
            expected = model.post(asked, now)
            assert [(answer.code, answer.duplicate) for answer in answers] == expected
            for code, twice in expected:
                event(f"{Code(code).name}{' again' if twice else ''}")
        assert_equal(model)
        transaction.set_rollback(True)


def assert_equal(model: Sequential) -> None:
    """Sums, rows and rules of the database are the model's."""
    kept = {row.pk: (row.posted, row.reserved, row.incoming) for row in Account.objects.all()}
    assert kept == {pk: (book.posted, book.reserved, book.incoming) for pk, book in model.books.items()}
    assert sum(posted for posted, _reserved, _incoming in kept.values()) == 0
    assert not Account.objects.disagreeing().exists()
    rows = {row.key: (row.code, row.debit_id, row.credit_id, row.amount) for row in Transfer.objects.all()}
    moved = {key: (row.code, row.debit, row.credit, row.amount) for key, row in model.rows.items() if not row.code}
    refused = {key: (row.code, None, None, None) for key, row in model.rows.items() if row.code}
    assert rows == moved | refused


def test_a_plain_batch_takes_the_fast_path_alone(accounts, decision):
    """Without the exact loop a plain batch is answered; a chain is not."""
    first, source = accounts["first"].pk, accounts["source"].pk
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("drop function ledger_post_exactly")
        assert post([pay(uuid7(), source, first, 5), hold(uuid7(), source, first, 5)], decision=decision)[1].done
        with pytest.raises(DatabaseError, match="ledger_post_exactly"), transaction.atomic():
            post([pay(uuid7(), source, first, 5, linked=True), pay(uuid7(), source, first, 5)], decision=decision)
        transaction.set_rollback(True)


@pytest.mark.parametrize("optimistic", [True, False])
def test_no_call_reads_a_whole_table_and_hot_rows_stay_on_their_page(accounts, decision, optimistic):
    many = Account.objects.bulk_create(
        Account(kind="payee", owner=f"unit:{n}", name="单位", floor=NO_FLOOR) for n in range(3_000)
    )
    items = [pay(uuid7(), many[n * 7 % 3000].pk, many[n % 50].pk, 1) for n in range(1, 257)]
    watch = (
        "select sum(seq_scan), sum(n_tup_upd), sum(n_tup_hot_upd) from pg_stat_xact_user_tables"
        " where relname in ('ledger_account', 'ledger_transfer')"
    )
    with connection.cursor() as cursor:
        cursor.execute(watch)
        before = cursor.fetchone()
        post_at(items, decision=decision, business=NOON, optimistic=optimistic)
        post_at([post_of(uuid7(), uuid7(), 1)], decision=decision, business=NOON, optimistic=optimistic)
        cursor.execute(watch)
        scans, updated, hot = (after - was for after, was in zip(cursor.fetchone(), before, strict=True))
    assert scans == 0
    assert updated == len({number for item in items for number in (item.debit, item.credit)})
    assert 10 * hot >= 9 * updated


def test_texts_with_quotes_and_breaks_are_kept(accounts, decision):
    memo = 'a "quoted" \\ back, {brace} NULL\n第二行'
    key = uuid7()
    post([pay(key, accounts["source"].pk, accounts["first"].pk, 5, memo=memo)], decision=decision)
    assert Transfer.objects.get(pk=key).memo == memo
    assert post([pay(key, accounts["source"].pk, accounts["first"].pk, 5, memo=memo)], decision=decision)[0].duplicate


def test_all_or_nothing_raises_the_refusal_of_the_first_item_that_failed(accounts, decision):
    first, second, source = accounts["first"].pk, accounts["second"].pk, accounts["source"].pk
    with pytest.raises(rules.Insufficient) as refused, transaction.atomic():
        post_all(
            [pay(uuid7(), source, first, 5, linked=True), pay(uuid7(), first, second, 6, linked=True),
             pay(uuid7(), source, second, 1)], decision=decision,
        )  # fmt: skip
    assert refused.value.facts == {"item": 1}
    assert refused.value.code == "ledger.insufficient"
    assert Transfer.objects.count() == 0


def test_every_code_but_done_has_its_refusal():
    assert set(rules.REFUSALS) == set(Code) - {Code.DONE}
    assert all(issubclass(refusal, Refusal) and "ledger." in refusal.code for refusal in rules.REFUSALS.values())


def test_keys_sort_by_time_and_say_their_version():
    keys = [uuid7() for _ in range(50)]
    assert {(key.version, key.variant) for key in keys} == {(7, "specified in RFC 4122")}
    assert [key.int >> 80 for key in keys] == sorted(key.int >> 80 for key in keys)
