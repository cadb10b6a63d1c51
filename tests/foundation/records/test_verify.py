"""Tampering is found and named; so is a rewriting of everything, by a seal that was printed."""

# ruff: noqa: S608 (a forger writes SQL by hand)

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records.models import Decision, Seal, Stream, Verification
from guildhall.foundation.records.moves import CLOCK, Entry, erase, record, record_many
from guildhall.foundation.records.rules import GENESIS, entry_hash, heads_root, seal_hash
from guildhall.foundation.records.seals import latest_seal, seal_day
from guildhall.foundation.records.states import Fault
from guildhall.foundation.records.verify import latest_verification, report, verify, verify_and_keep
from tests.foundation.offices import holder

MONDAY = date(2024, 11, 25)


@pytest.fixture
def chains(db):
    """Two streams of five and two seals, the first after three entries."""
    for name in ("round:1", "fund:2024"):
        record_many(name, [Entry(act="act", subject=f"s:{n}", content={"n": n}) for n in range(3)], by=CLOCK)
    seal_day(MONDAY)
    for name in ("round:1", "fund:2024"):
        record_many(name, [Entry(act="act", subject=f"s:{n}", content={"n": n}) for n in (3, 4)], by=CLOCK)
    seal_day(MONDAY + timedelta(days=1))


def found(seal: str | None = None) -> list[tuple[str, int | None, Fault]]:
    return [(finding.stream, finding.number, finding.fault) for finding in verify(seal)]


ENTRY = "where stream_id = (select id from records_stream where name = 'round:1') and number"
CONTENT = f"where decision_id in (select id from records_decision {ENTRY}"
CASES = {
    "changed": (f"update records_decision set act = 'other' {ENTRY} = 2", [(2, Fault.CHANGED)]),
    "actor changed": (f"update records_decision set actor_name = 'other' {ENTRY} = 5", [(5, Fault.CHANGED)]),
    "time changed": (
        f"update records_decision set business_at = business_at - interval '1 second' {ENTRY} = 1", [(1, Fault.CHANGED)],
    ),
    "missing": (
        f"delete from records_content {CONTENT} = 2); delete from records_decision {ENTRY} = 2", [(2, Fault.MISSING)],
    ),
    "reordered": (
        (f"update records_decision set number = 99 {ENTRY} = 2; update records_decision set number = 2 {ENTRY} = 3;"
        f" update records_decision set number = 3 {ENTRY} = 99"), [(2, Fault.REORDERED), (3, Fault.REORDERED)],
    ),
    "cut off": (
        f"delete from records_content {CONTENT} >= 4); delete from records_decision {ENTRY} >= 4", [(4, Fault.CUT_OFF)],
    ),
    "cut off with its head": (
        (f"delete from records_content {CONTENT} >= 5); delete from records_decision {ENTRY} >= 5;"
        " update records_stream set length = 4, head = (select d.hash from records_decision d join records_stream s"
        " on s.id = d.stream_id where s.name = 'round:1' and d.number = 4) where name = 'round:1'"), [(5, Fault.CUT_OFF)],
    ),
    "content": (f"update records_content set body = '{{\"n\": 7}}' {CONTENT} = 3)", [(3, Fault.CONTENT)]),
    "note": (f"update records_content set note = 'x' {CONTENT} = 3)", [(3, Fault.CONTENT)]),
    "content gone": (f"delete from records_content {CONTENT} = 3)", [(3, Fault.CONTENT)]),
    "head": ("update records_stream set head = repeat('a', 64) where name = 'round:1'", [(5, Fault.HEAD)]),
    "all entries gone": (
        f"delete from records_content {CONTENT} > 0); delete from records_decision {ENTRY} > 0", [(1, Fault.CUT_OFF)],
    ),
    "stream gone": (
        (f"delete from records_content {CONTENT} > 0); delete from records_decision {ENTRY} > 0;"
        " delete from records_stream where name = 'round:1'"), [(None, Fault.STREAM_GONE)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_tampering_is_named_by_stream_number_and_kind(chains, tamper, case):
    statements, expected = CASES[case]
    assert verify() == []
    for statement in statements.split(";"):
        tamper(statement)
    assert found() == [("round:1", number, fault) for number, fault in expected]


def test_an_entry_forged_with_its_hash_no_longer_fits_the_next(chains, tamper):
    row = Decision.objects.select_related("stream").get(stream__name="round:1", number=2)
    new = entry_hash(
        "round:1",
        2,
        row.at,
        row.business_at,
        None,
        "other",
        row.act,
        row.subject,
        None,
        False,
        row.digest,
        row.previous,
    )
    tamper(f"update records_decision set actor_name = 'other', hash = %s {ENTRY} = 2", new)
    assert found() == [("round:1", 3, Fault.BROKEN)]


def test_a_sealed_content_is_verified_too_and_cannot_stand_in_for_another(chains, tamper):
    for n in (1, 2):
        record("score", stream="sheets", subject=f"sheet:{n}", by=CLOCK, content={"n": n}, sealed=True)
    assert verify() == []
    tamper(
        "update records_content set sealed = (select c.sealed from records_content c join records_decision d"
        " on d.id = c.decision_id where d.subject = 'sheet:1') where decision_id ="
        " (select id from records_decision where subject = 'sheet:2')"
    )
    assert found() == [("sheets", 2, Fault.CONTENT)]


def test_an_erased_content_is_no_finding(chains):
    decision = Decision.objects.get(stream__name="round:1", number=2)
    erase(decision, by=holder(Role.LEADER), reason="本人申请", key=uuid4())
    assert verify() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update records_seal set root = repeat('a', 64) where number = 1", [(1, Fault.SEAL)]),
        ("update records_seal set heads = '[]' where number = 2", [(2, Fault.SEAL)]),
        ("update records_seal set day = '2020-01-01' where number = 1", [(1, Fault.SEAL)]),
        ("delete from records_seal where number = 1", [(1, Fault.SEAL_MISSING)]),
    ],
)
def test_the_seals_are_a_chain_of_their_own(chains, tamper, statement, expected):
    tamper(statement)
    assert found() == [("封签", number, fault) for number, fault in expected]


def rewrite(tamper) -> None:
    """Another history of `round:1`, with every hash, head and seal made anew: nothing inside contradicts it."""
    tamper("update records_decision set actor_name = 'somebody else'")
    for stream in Stream.objects.all():
        previous, marks = GENESIS, {}
        for row in Decision.objects.filter(stream=stream).order_by("number"):
            new = entry_hash(
                stream.name, row.number, row.at, row.business_at, row.actor_id, row.actor_name, row.act, row.subject,
                row.key, row.sealed, row.digest, previous,
            )  # fmt: skip
            tamper("update records_decision set previous = %s, hash = %s where id = %s", previous, new, row.pk)
            previous = marks[row.number] = new
        tamper("update records_stream set head = %s where id = %s", previous, stream.pk)
    previous = GENESIS
    hashes = {(row.stream.name, row.number): row.hash for row in Decision.objects.select_related("stream")}
    for seal in Seal.objects.order_by("number"):
        heads = [[name, length, hashes[name, length]] for name, length, _head in seal.heads]
        root = heads_root(heads)
        new = seal_hash(seal.number, seal.day, seal.at, root, previous)
        tamper(
            "update records_seal set heads = %s, root = %s, previous = %s, hash = %s where id = %s",
            json.dumps(heads), root, previous, new, seal.pk,
        )  # fmt: skip
        previous = new


def test_only_a_printed_seal_shows_that_everything_was_rewritten(chains, tamper):
    printed = Seal.objects.get(number=1).printed
    kept = Seal.objects.get(number=1)
    as_json = json.dumps({"number": 1, "hash": kept.hash, "heads": kept.heads})
    assert found(printed) == found(as_json) == []
    rewrite(tamper)
    assert found() == []
    assert found(printed) == [("印出的封签", 1, Fault.PRINTED)]
    assert found(as_json) == [
        ("印出的封签", 1, Fault.PRINTED), ("fund:2024", 3, Fault.PRINTED), ("round:1", 3, Fault.PRINTED),
    ]  # fmt: skip
    lines, sound = report()
    assert sound
    assert any("印出的封签" in line for line in lines)
    lines, sound = report(printed)
    assert not sound


def test_a_printed_seal_is_read_from_text_and_an_unreadable_one_is_said(chains):
    seal = latest_seal()
    assert found(f"第 {seal.number} 号封签，2024年11月26日，SM3 {seal.hash.upper()}") == []
    assert found("9:2024-01-01:" + "a" * 64) == [("印出的封签", 9, Fault.SEAL_MISSING)]
    assert found("what is this") == [("印出的封签", None, Fault.UNREADABLE_SEAL)]


def test_a_day_is_sealed_once(chains):
    before = Seal.objects.get(day=MONDAY)
    record("act", stream="round:1", subject="s", by=CLOCK)
    assert seal_day(MONDAY) == before
    today = seal_day()
    assert (today.number, today.previous) == (3, Seal.objects.get(number=2).hash)
    assert today.heads[1][:2] == ["round:1", 6]
    assert latest_seal() == today


def test_a_verification_is_kept_for_the_auditor(chains, tamper):
    assert latest_verification() is None
    assert verify_and_keep().ok
    tamper(f"update records_decision set act = 'other' {ENTRY} = 2")
    verify_and_keep()
    kept = latest_verification()
    assert (kept.ok, kept.entries, kept.seal.number) == (False, 10, 2)
    assert kept.findings == [["round:1", 2, "changed", ""]]
    assert Verification.objects.count() == 2


def test_it_says_what_was_verified(chains):
    lines, sound = report()
    assert sound
    assert lines[0] == "核验 2 条记录链、10 条记录、2 个封签。"
    assert "记录链完整。" in lines


@pytest.mark.parametrize(
    "heads", ["7", '"round:1"', "[1]", '[["round:1", 3]]', '[[["round:1"], 3, "00"]]', "{}", "null"]
)
def test_a_printed_seal_with_unreadable_heads_is_said(chains, heads):
    text = f'{{"number": 1, "hash": "{"0" * 64}", "heads": {heads}}}'
    assert found(text) == [("印出的封签", None, Fault.UNREADABLE_SEAL)]


def test_a_printed_seal_with_a_number_that_no_seal_has_is_said(chains):
    assert found(f"{'9' * 5_000}:2024-11-25:{'0' * 64}") == [("印出的封签", None, Fault.UNREADABLE_SEAL)]
    assert found(f'{{"number": {10**30}, "hash": "{"0" * 64}"}}') == [("印出的封签", None, Fault.UNREADABLE_SEAL)]
