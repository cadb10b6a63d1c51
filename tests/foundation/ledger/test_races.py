"""What happens at once: holds and keys are read after the wait, and sixteen writers share keys."""

import random
import threading
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.moves import post
from guildhall.foundation.ledger.rules import Answer, Item, hold, pay, post_of, uuid7, void_of
from guildhall.foundation.ledger.states import Code
from guildhall.foundation.records.rules import Busy

pytestmark = pytest.mark.django_db(transaction=True)


def asked(items: list[Item], decision) -> list[Answer]:
    with transaction.atomic():
        return post(items, decision=decision)


@pytest.fixture
def funded(accounts, decision):
    """100 fen on the first account."""
    asked([pay(uuid7(), accounts["source"].pk, accounts["first"].pk, 100)], decision)
    return accounts


@pytest.mark.parametrize("linked", [False, True], ids=["fast", "exact"])
def test_the_balance_is_read_after_the_wait(funded, decision, beside, linked):
    first, second = funded["first"].pk, funded["second"].pk
    more = [pay(uuid7(), first, second, 80, linked=linked)] + [pay(uuid7(), first, second, 1)] * linked
    with transaction.atomic():
        assert post([pay(uuid7(), first, second, 80)], decision=decision)[0].done
        other = beside(asked, more, decision)
        other.until_blocked()
    assert other.result()[0] == Answer(Code.INSUFFICIENT)
    assert Account.objects.get(pk=first).posted == 20


@pytest.mark.parametrize("linked", [False, True], ids=["fast", "exact"])
def test_a_key_raced_is_a_duplicate_after_the_wait(funded, decision, beside, linked):
    first, second, key = funded["first"].pk, funded["second"].pk, uuid7()
    again = [pay(key, first, second, 30, linked=linked)] + [pay(uuid7(), first, second, 1)] * linked
    with transaction.atomic():
        post([pay(key, first, second, 30)], decision=decision)
        other = beside(asked, again, decision)
        other.until_blocked()
    assert other.result()[0] == Answer(Code.DONE, duplicate=True)
    assert Account.objects.get(pk=second).posted == 30 + linked


@pytest.mark.parametrize("linked", [False, True], ids=["fast", "exact"])
def test_a_raced_key_on_other_accounts_is_another_s(funded, decision, beside, linked):
    """No account is shared: the wait is for the key alone, and the second look finds it."""
    key, credit, second = uuid7(), funded["credit"].pk, funded["second"].pk
    asking = [pay(key, credit, second, 1, linked=linked)] + [pay(uuid7(), credit, second, 1)] * linked
    with transaction.atomic():
        post([pay(key, funded["source"].pk, funded["first"].pk, 1)], decision=decision)
        other = beside(asked, asking, decision)
        other.until_blocked()
    assert other.result() == [Answer(Code.KEY_REUSED), *[Answer(Code.LINKED_FAILED)] * linked]


def test_a_hold_is_settled_once(funded, decision, beside):
    key = uuid7()
    asked([hold(key, funded["first"].pk, funded["second"].pk, 60)], decision)
    with transaction.atomic():
        assert post([post_of(uuid7(), key, 60)], decision=decision)[0].done
        other = beside(asked, [void_of(uuid7(), key)], decision)
        other.until_blocked()
    assert other.result() == [Answer(Code.ALREADY_SETTLED)]


def test_a_lock_that_is_not_let_go_is_refused_after_three_seconds(funded, decision, beside):
    with transaction.atomic():
        post([pay(uuid7(), funded["first"].pk, funded["second"].pk, 1)], decision=decision)
        other = beside(asked, [pay(uuid7(), funded["first"].pk, funded["second"].pk, 1)], decision)
        with pytest.raises(Busy):
            other.result()


def write(
    batches: list[list[Item]], decision, answers: list[tuple[UUID, Answer]], failures: list[BaseException]
) -> None:
    """Post each batch until it is through, over a connection of this thread's own."""
    try:
        for batch in batches:
            while True:
                try:
                    given = asked(batch, decision)
                    break
                except Busy:
                    continue
            answers.extend(zip((item.key for item in batch), given, strict=True))
    except BaseException as failure:
        failures.append(failure)
    finally:
        connections.close_all()


def test_sixteen_writers_share_keys_and_each_key_has_one_original(funded, decision):
    """Refusals too: whichever writer came first, all later ones are told the same."""
    luck = random.Random(7)
    names = [funded[name].pk for name in ("source", "first", "second", "credit")]
    pool: list[Item] = []
    for _ in range(240):
        debit, credit = luck.sample(names, 2)
        build = hold if luck.random() < 0.3 else pay
        pool.append(build(uuid7(), debit, credit, luck.randint(1, 60), linked=luck.random() < 0.1))
    pending = [item.key for item in pool if item.phase == "pending"]
    pool += [post_of(uuid7(), key, 1) if luck.random() < 0.5 else void_of(uuid7(), key) for key in pending]
    answers: list[tuple[UUID, Answer]] = []
    failures: list[BaseException] = []
    writers = []
    for _ in range(16):
        mine = luck.sample(pool, len(pool))
        batches = [mine[start : start + 12] for start in range(0, 144, 12)]
        writers.append(threading.Thread(target=write, args=(batches, decision, answers, failures)))
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert not failures
    assert len(answers) == 16 * 144
    by_key: dict[UUID, list[Answer]] = {}
    for key, answer in answers:
        by_key.setdefault(key, []).append(answer)
    assert {sum(not one.duplicate for one in told) for told in by_key.values()} == {1}
    assert all(len({one.code for one in told}) == 1 for told in by_key.values())
    rows = dict(Transfer.objects.filter(key__in=by_key).values_list("key", "code"))
    assert rows == {key: told[0].code for key, told in by_key.items()}
    assert {Code.DONE, Code.INSUFFICIENT} <= set(rows.values())
    assert not Account.objects.disagreeing().exists()
    with connection.cursor() as cursor:
        cursor.execute("select sum(posted), bool_and(posted - reserved >= floor) from ledger_account")
        assert cursor.fetchone() == (0, True)
