"""Recording, replaying, erasing, and who reads what."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from guildhall.foundation.acts import announce
from guildhall.foundation.errors import KeyReused, NoRight
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records.models import Content, Decision, Stream
from guildhall.foundation.records.moves import CLOCK, Entry, draft, erase, made, record, record_many
from guildhall.foundation.records.rules import AlreadyErased, Busy, NoReason, canonical, merkle, plain, sm3
from guildhall.foundation.records.verify import verify
from tests.foundation.offices import holder

REFUSED = """
update records_decision set act = 'x'
delete from records_decision
truncate records_decision, records_content, ledger_transfer cascade
update records_seal set number = 1
delete from records_seal
truncate records_seal cascade
delete from records_stream
update records_stream set head = repeat('a', 64)
update records_stream set length = 0, head = repeat('a', 64)
update records_stream set name = 'x'
delete from records_content
update records_content set body = '{}'
update records_content set erased_at = now()
"""


@pytest.fixture
def officer(db):
    return holder(Role.FEDERATION_OFFICER)


def test_an_entry_says_who_did_what_when_and_follows_the_one_before(officer):
    key = uuid4()
    first = record("open", stream="round:1", subject="round:1", by=officer, content={"a": 1}, key=key, note="开始")
    second = record("close", stream="round:1", subject="round:1", by=CLOCK)
    assert (first.number, first.actor, first.actor_name) == (1, officer, officer.person.name)
    assert (second.number, second.actor, second.actor_name, second.previous) == (2, None, "clock", first.hash)
    kept = Decision.objects.told().get(pk=first.pk)
    assert (kept.body, kept.note, kept.key) == ({"a": 1}, "开始", key)
    stream = Stream.objects.get(name="round:1")
    assert (stream.length, stream.head) == (2, second.hash)
    assert verify() == []


def test_many_entries_are_one_chain_in_few_statements(officer, django_assert_num_queries):
    record("open", stream="round:1", subject="round:1", by=officer)
    entries = [Entry(act="propose", subject=f"application:{n}", content={"rank": n}) for n in range(225)]
    with django_assert_num_queries(4):
        made_ones = record_many("round:1", entries, by=officer)
    assert [one.number for one in made_ones] == list(range(2, 227))
    assert verify() == []
    assert Decision.objects.told().get(number=226).body == {"rank": 224}


def test_a_replay_finds_its_first_self_and_another_body_is_refused(officer):
    key = uuid4()
    asked = {"stream": "round:1", "subject": "application:1", "key": key}
    assert made("endorse", **asked) is None
    first = record("endorse", by=officer, content={"rank": 3, "share": Decimal("0.10")}, **asked)
    assert made("endorse", **asked) == first
    assert made("endorse", **asked, content={"share": Decimal("0.10"), "rank": 3}) == first
    assert made("endorse", stream="round:1", subject="application:1", key=None) is None
    assert made("endorse", **{**asked, "stream": "round:2"}) is None
    for act, changed in (
        ("refuse", asked),
        ("endorse", {**asked, "subject": "application:2"}),
        ("endorse", {**asked, "content": {"rank": 4, "share": Decimal("0.10")}}),
    ):
        with pytest.raises(KeyReused):
            made(act, **changed)


def test_the_same_key_twice_in_a_stream_is_refused_by_the_database(officer):
    key = uuid4()
    record("endorse", stream="round:1", subject="s", by=officer, key=key)
    with pytest.raises(Busy), transaction.atomic():
        record("endorse", stream="round:1", subject="s", by=officer, key=key)
    assert verify() == []


def test_a_draft_is_named_before_it_is_recorded(officer):
    decision = draft()
    recorded = record("pay", stream="fund:2024", subject="payout:1", by=officer, drafted=decision)
    assert recorded.pk == decision.pk == Decision.objects.get().pk


def test_what_the_rooms_below_announce_is_written_down(officer):
    announce("appoint", stream="organisations", subject="user:1", by=officer, content={"role": "expert"}, note="聘任")
    kept = Decision.objects.told().get()
    assert (kept.act, kept.stream.name, kept.body, kept.note) == (
        "appoint",
        "organisations",
        {"role": "expert"},
        "聘任",
    )


def test_a_content_is_erased_by_the_leader_and_the_chain_still_verifies(officer):
    leader, key = holder(Role.LEADER), uuid4()
    decision = record(
        "object", stream="round:1", subject="objection:1", by=officer, content={"who": "李某"}, note="实名"
    )
    with pytest.raises(NoRight):
        erase(decision, by=officer, reason="本人申请", key=uuid4())
    with pytest.raises(NoReason):
        erase(decision, by=leader, reason="  ", key=uuid4())
    erasure = erase(decision, by=leader, reason="本人申请", key=key)
    assert erase(decision, by=leader, reason="本人申请", key=key) == erasure
    with pytest.raises(AlreadyErased):
        erase(decision, by=leader, reason="本人申请", key=uuid4())
    kept = Decision.objects.told().get(pk=decision.pk)
    assert (kept.body, kept.note, kept.content.salt) == (None, "", "")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from records_content c where row_to_json(c)::text like %s", ["%李某%"])
        assert cursor.fetchone() == (0,)
    assert (erasure.act, erasure.number) == ("erase", 2)
    assert verify() == []


def test_a_sealed_entry_is_read_by_auditors_alone_and_stands_encrypted(officer):
    record(
        "score", stream="round:1", subject="sheet:9", by=officer, content={"reviewed": "7"}, note="给七号", sealed=True
    )
    record("open", stream="round:1", subject="round:1", by=officer)
    content = Content.objects.get(decision__number=1)
    assert (content.salt, content.body, content.note) == ("", None, "")
    assert "七号" not in content.sealed
    sealed = Decision.objects.told().get(number=1)
    assert (sealed.body, sealed.note) == ({"reviewed": "7"}, "给七号")
    assert verify() == []


@pytest.mark.parametrize("role", list(Role))
def test_who_reads_the_chains(officer, role):
    record("score", stream="round:1", subject="sheet:9", by=officer, sealed=True)
    record("open", stream="round:1", subject="round:1", by=officer)
    sees = {Role.AUDITOR: ["score", "open"], Role.FEDERATION_OFFICER: ["open"], Role.LEADER: ["open"]}
    acts = [decision.act for decision in Decision.objects.visible_to(holder(role))]
    assert acts == sees.get(role, [])


@pytest.mark.parametrize("statement", REFUSED.strip().splitlines())
def test_the_database_refuses_to_change_what_was_recorded(officer, statement):
    record("open", stream="round:1", subject="round:1", by=officer, content={"a": 1})
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)
    assert verify() == []


def test_content_is_told_in_one_way_whatever_its_types(officer):
    told = {
        "at": datetime(2024, 11, 26, 1, tzinfo=UTC), "day": date(2024, 11, 26), "sum": Decimal("5000.00"), "ratio": 0.1,
        "key": UUID(int=7), "role": Role.LEADER, 3: (1, None, True), "name": "韩\x00师傅", "big": 10**15,
    }  # fmt: skip
    decision = record("tell", stream="t", subject="t", by=officer, content=told)
    assert Decision.objects.told().get(pk=decision.pk).body == plain(told) == {
        "at": "2024-11-26T01:00:00.000000+00:00", "day": "2024-11-26", "sum": "5000.00", "ratio": "0.1",
        "key": "00000000-0000-0000-0000-000000000007", "role": "leader", "3": [1, None, True], "name": "韩师傅",
        "big": 10**15,
    }  # fmt: skip
    with pytest.raises(TypeError):
        plain({"odd": object()})
    assert verify() == []


def test_sm3_gives_the_standard_s_vector_and_leaves_differ_from_nodes():
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1
    left, right = b"left", b"right"
    joined = b"\x01" + bytes.fromhex(sm3(left) + sm3(right))
    assert merkle([left, right]) == sm3(joined)
    assert merkle([left, right, b"third"]) == sm3(b"\x01" + bytes.fromhex(sm3(joined) + sm3(b"third")))
    assert canonical({"b": 1, "a": "中"}) == '{"a":"中","b":1}'


@pytest.mark.django_db(transaction=True)
def test_writers_queue_at_the_head_of_their_stream_alone(beside):
    with transaction.atomic():
        record("one", stream="round:1", subject="s", by=CLOCK)
        other = beside(alone, "round:2")
        assert other.result().number == 1
        waiting = beside(alone, "round:1")
        waiting.until_blocked()
    assert waiting.result().number == 2
    assert verify() == []


def alone(stream: str) -> Decision:
    with transaction.atomic():
        return record("other", stream=stream, subject="s", by=CLOCK)


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_make_one_chain():
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                alone("round:1")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert not failures
    assert list(Decision.objects.values_list("number", flat=True)) == list(range(1, 161))
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_recorded_in_the_transaction_of_its_move():
    with pytest.raises(RuntimeError):
        record("open", stream="round:1", subject="s", by=CLOCK)
