"""`post` against the sequential model, with the fast path and without."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, event, given, settings
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


AGAIN = KEYS[:3]
"""Keys that are asked again as they stand; any other drawn key becomes a new one, and a settlement meets an earlier hold."""

KEY = st.sampled_from(KEYS)
PLAIN = st.builds(
    Item, key=KEY, debit=st.sampled_from(["source", "source", *PLACES[1:4]]), credit=st.sampled_from(PLACES[:5]),
    amount=st.integers(1, 60), phase=st.sampled_from(["posted", "pending"]), memo=st.sampled_from(["", "", "其他"]),
)  # fmt: skip
ODD = st.builds(
    Item, key=KEY, debit=st.one_of(st.just("source"), NAMES), credit=NAMES, amount=AMOUNTS,
    phase=st.sampled_from(list(Phase)), linked=st.booleans(), expires_at=MOMENTS,
)  # fmt: skip
ODD_SETTLING = st.builds(
    Item, key=KEY, settles=KEY, amount=st.one_of(st.none(), AMOUNTS), phase=st.sampled_from(list(Phase)),
    linked=st.booleans(), debit=st.sampled_from([None, None, None, "first"]),
)  # fmt: skip
LINKED = st.sampled_from([False, False, True])
SOUND = st.one_of(
    st.builds(
        hold, KEY, st.just("source"), st.sampled_from(PLACES[1:4]), st.integers(1, 60), until=MOMENTS, linked=LINKED
    ),
    st.builds(post_of, KEY, KEY, st.integers(1, 60), linked=LINKED),
    st.builds(void_of, KEY, KEY, linked=LINKED),
    st.builds(pay, KEY, st.just("first"), st.just("second"), st.integers(1, 60), linked=LINKED),
)
BATCHES = st.lists(
    st.tuples(
        st.integers(0, 2),  # Seconds of business that pass before the batch.
        st.one_of(
            st.lists(PLAIN, min_size=1, max_size=6),
            st.lists(SOUND, min_size=1, max_size=8),
            st.lists(st.one_of(ODD, PLAIN, ODD_SETTLING, SOUND), min_size=1, max_size=8),
        ),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def dealt(batches: list[tuple[int, list[Item]]]) -> list[tuple[int, list[Item]]]:
    """The drawn batches with keys as they come in life: most are new, and a settlement names a hold that was asked for."""
    holds: list[UUID] = []
    fresh = (UUID(int=number) for number in count(100))
    for _seconds, items in batches:
        for place, item in enumerate(items):
            key, settles = item.key if item.key in AGAIN else next(fresh), item.settles
            if settles is not None and settles not in AGAIN and holds:
                settles = holds[-1 - settles.int % min(3, len(holds))]
            if item.phase == Phase.PENDING and settles is None:
                holds.append(key)
            items[place] = replace(item, key=key, settles=settles)
    return batches


ONE, TWO, THREE, FOUR = KEYS[:4]
CASES = {
    "twice in one batch": [(0, [pay(ONE, "source", "first", 5), pay(ONE, "source", "first", 5)])],
    "another body": [(0, [pay(ONE, "source", "first", 5)]), (0, [pay(ONE, "source", "first", 6)])],
    "another memo": [(0, [pay(ONE, "source", "first", 5)]), (0, [pay(ONE, "source", "first", 5, memo="其他")])],
    "a credit is spent at once": [(0, [pay(ONE, "source", "first", 5), pay(TWO, "first", "second", 5)])],
    "but not before it comes": [(0, [pay(ONE, "first", "second", 5), pay(TWO, "source", "first", 5)])],
    "to the floor": [(0, [pay(ONE, "credit", "first", 51)]), (0, [pay(TWO, "credit", "first", 50)])],
    "closed": [(0, [pay(ONE, "source", "closed", 5)]), (0, [hold(TWO, "closed", "source", 5)])],
    "the rest is freed": [(0, [hold(ONE, "source", "first", 9)]), (0, [post_of(TWO, ONE, 4)])],
    "a chain with its hold is undone": [
        (0, [hold(ONE, "source", "first", 9, linked=True), post_of(TWO, ONE, 4, linked=True),
             pay(THREE, "second", "first", 1)]),
        (0, [void_of(FOUR, ONE)]),
    ],
    "an undone settlement may be asked again": [
        (0, [hold(ONE, "source", "first", 9)]),
        (0, [void_of(TWO, ONE, linked=True), pay(THREE, "second", "first", 1), post_of(FOUR, ONE, 9)]),
    ],
    "a copy of an undone item": [
        (0, [pay(ONE, "source", "first", 5, linked=True), pay(ONE, "source", "first", 5, linked=True),
             pay(TWO, "second", "first", 1)]),
    ],
    "expiry is to the second": [
        (0, [hold(ONE, "source", "first", 9, until=NOON + timedelta(seconds=1)),
             hold(TWO, "source", "first", 9, until=NOON + timedelta(seconds=2))]),
        (1, [post_of(THREE, ONE, 9), post_of(FOUR, TWO, 9), void_of(KEYS[4], ONE)]),
    ],
}  # fmt: skip


def at(accounts, item: Item) -> Item:
    """The item with names turned into ids."""
    ids = {**{name: account.pk for name, account in accounts.items()}, "nowhere": 10**9, None: None}
    return replace(item, debit=ids[item.debit], credit=ids[item.credit])


@pytest.mark.parametrize("optimistic", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_a_case(accounts, decision, optimistic, case):
    check(accounts, decision, optimistic, CASES[case])


@pytest.mark.parametrize("optimistic", [True, False])
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES.map(dealt))
def test_a_batch_is_answered_as_if_asked_one_by_one(accounts, decision, optimistic, batches):
    for code, _twice in check(accounts, decision, optimistic, batches):
        event(Code(code).name)


def check(accounts, decision, optimistic, batches) -> list[tuple[int, bool]]:
    """Answers, sums and rows are the model's; nothing stays behind."""
    given_answers = []
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
            given_answers += expected
        assert_equal(model)
        transaction.set_rollback(True)
    return given_answers


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
