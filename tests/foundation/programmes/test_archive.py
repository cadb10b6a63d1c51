"""A finished round as one file: complete, readable and verifiable without the system, silent where it must be."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from guildhall.foundation.errors import NoRight, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes import jobs, registry
from guildhall.foundation.programmes.models import Archive, Round
from guildhall.foundation.programmes.moves import applications, evidence, notices, objections, rounds
from guildhall.foundation.programmes.moves.archive import ArchiveUnderWay, ask_for_archive, make_archives
from guildhall.foundation.programmes.moves.archive import making as making_archives
from guildhall.foundation.records.attachments import open_attachment
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import record
from guildhall.foundation.records.rules import sm3
from guildhall.foundation.records.seals import seal_day
from guildhall.foundation.records.verify import verify
from tests.foundation.programmes.rounding import CONFER, FACTS

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OBJECTOR, CONTACT = "热心群众甲", "13900001234"
RED = '<a class="btn btn-primary" href="/rounds/'
MARKS = "97.125"
TEXT = "这家单位的材料里有一项与事实不符，请核查。"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.ATTACHMENTS = tmp_path / "attachments"
    return settings.ATTACHMENTS


@pytest.fixture
def finished(city, of, order, forward) -> Iterator[Round]:
    """A round run to its end, with a piece of evidence, an objection by a stranger and one by a unit, and a seal."""
    of = rounds.open_round(of.pk, city.units, by=city.officer, key=uuid4())
    applications.report_many(
        of.pk, {row.pk: dict(FACTS) for row in of.applications.all()}, by=city.officer, key=uuid4()
    )
    row = of.applications.get(unit=city.unit)
    leaf = next(iter(of.rules.leaves())).key
    evidence.add_evidence(
        row.pk,
        indicator=leaf,
        title="先进集体证书",
        upload=SimpleUploadedFile("证书.pdf", PDF),
        by=city.officer,
        key=uuid4(),
    )
    for move in (
        applications.accept_all, rounds.close_round, rounds.start_review, rounds.propose_result,
    ):  # fmt: skip
        move(of.pk, by=city.officer, key=uuid4())
    rounds.decide(of.pk, by=order.fresh(city.leader), key=uuid4())
    rounds.release(of.pk, by=city.officer, key=uuid4())
    notice = notices.publish(of.pk, by=city.officer, key=uuid4())
    for name, by in ((OBJECTOR, None), (str(city.next_unit_officer), order.fresh(city.next_unit_officer))):
        filed = objections.file_objection(
            notice.pk, application_pk=row.pk, text=TEXT, name=name, contact=CONTACT, attachment=None, by=by, key=uuid4()
        )
        objections.dismiss(filed.pk, answer="已经核查，材料属实。", by=city.officer, key=uuid4())
    forward(notice.ends_at + timedelta(hours=1))
    notices.end_due_notices()
    with transaction.atomic():
        told = {"application": row.pk, "body": {"marks": MARKS}}
        for act, sealed in (("submit", True), ("submit_step", False)):
            record(act, stream=of.stream, subject="sheet:1", by=city.assessor, content=told, sealed=sealed)
    seal_day()
    registry.ARCHIVE[CONFER] = lambda of: [("published.json", b"{}")]
    yield Round.objects.get(pk=of.pk)
    registry.ARCHIVE.pop(CONFER)


@pytest.fixture
def unpacked(city, finished, tmp_path) -> tuple[Archive, Path]:
    """The archive, made and unpacked."""
    asked = ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    assert make_archives() == 1
    archive = Archive.objects.get(pk=asked.pk)
    place = tmp_path / "unpacked"
    with open_attachment(archive.attachment) as file, zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        packed.extractall(place)
    return archive, place


def read(place: Path, name: str) -> Any:
    return json.loads((place / name).read_text(encoding="utf-8"))


def checked(place: Path) -> tuple[int, str]:
    """What the archive's own script says, in a Python that knows nothing of us."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py"], cwd=place, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_it_holds_the_round_from_its_set_up_to_its_seal(unpacked, finished, city):
    _archive, place = unpacked
    index = read(place, "index.json")
    files = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    rows = read(place, "applications.json")
    mine = next(row for row in rows if row["unit"] == city.unit.name)

    assert files == {*index["files"], "index.json"}
    assert {"round/programme.yaml", "round/setup.yaml", "review/published.json", "chain/seal.json"} <= files
    assert len(rows) == finished.applications.count()
    assert {one["key"]: one["said"] for one in mine["facts"]} == FACTS
    assert [one["stage"] for one in mine["snapshots"]] == ["accepted"]
    assert (place / mine["evidence"][0]["file"]).read_bytes() == PDF
    assert mine["result"]["rank"] == 1
    assert [one["answer"] for one in read(place, "objections.json")] == ["已经核查，材料属实。"] * 2
    assert read(place, "notices.json")[0]["number"] == finished.notice.number
    issued = read(place, "documents.json")
    assert [one["number"] for one in issued] == [finished.notice.number]
    assert all(one["file"] in files for one in issued if one["file"])
    page = (place / "index.html").read_text(encoding="utf-8")
    assert finished.title in page
    assert all(row["unit"] in page for row in rows)
    assert "先进集体证书" in (place / mine["folder"] / "index.html").read_text(encoding="utf-8")


def test_its_pages_ask_nobody_for_anything_and_lead_only_to_what_is_there(unpacked):
    _archive, place = unpacked
    for page in place.rglob("*.html"):
        said = page.read_text(encoding="utf-8")
        assert "<script" not in said
        assert "http" not in said
        for target in said.split('href="')[1:]:
            assert (page.parent / target.partition('"')[0]).is_file(), (page, target[:60])


def test_a_reader_without_the_system_verifies_it_and_sees_what_was_changed(unpacked):
    archive, place = unpacked
    code, said = checked(place)
    assert (code, archive.index_digest in said) == (0, True), said

    chain, decisions = place / "chain" / "decisions.json", read(place, "chain/decisions.json")
    kept = chain.read_text(encoding="utf-8")
    told = next(one for one in decisions["entries"] if not one.get("withheld"))
    for change in ({"actor_name": "别人"}, {"previous": "1" * 64}, {"content": {**told["content"], "note": "改过"}}):
        entries = [{**one, **change} if one is told else one for one in decisions["entries"]]
        chain.write_text(json.dumps({**decisions, "entries": entries}, ensure_ascii=False), encoding="utf-8")
        code, said = checked(place)
        assert (code, f"#{told['number']}" in said) == (1, True), change
    cut = {**decisions, "entries": decisions["entries"][:-1]}
    chain.write_text(json.dumps(cut, ensure_ascii=False), encoding="utf-8")
    assert "序号不连续" in checked(place)[1]
    chain.write_text(kept, encoding="utf-8")
    (place / "applications.json").write_bytes(b"[]")
    assert checked(place) == (1, "文件不符 file differs: applications.json\n")


def test_it_says_neither_who_objected_nor_what_is_sealed(unpacked, city):
    _archive, place = unpacked
    said = "\n".join(
        path.read_text(encoding="utf-8") for path in place.rglob("*") if path.suffix != ".pdf" and path.is_file()
    )

    assert TEXT in said
    assert OBJECTOR not in said
    assert CONTACT not in said
    assert str(city.next_unit_officer) not in said
    assert str(city.assessor) not in said
    assert MARKS not in said
    withheld = [one for one in read(place, "chain/decisions.json")["entries"] if one.get("withheld")]
    assert len(withheld) == 4
    assert all("content" not in one and "actor" not in one for one in withheld)


def test_its_digest_stands_on_the_rounds_chain(unpacked, finished):
    archive, _place = unpacked
    made = finished.decisions().get(act="archive.make")

    assert made.body["digest"] == archive.attachment.digest
    assert made.body["index"] == archive.index_digest
    assert (made.body["missing"], made.actor) == ([], None)
    with open_attachment(archive.attachment) as file:
        assert sm3(file.read()) == archive.attachment.digest
    assert verify() == []


def test_only_those_who_run_decide_or_audit_ask_for_it_and_fetch_it(unpacked, finished, city, order):
    archive, _place = unpacked
    for who in ("officer", "leader", "auditor"):
        answer = city.ask("GET", "rounds:archive_file", as_=who, args=(archive.pk,))
        assert sm3(b"".join(answer.streaming_content)) == archive.attachment.digest
        assert city.ask("GET", "rounds:archive", as_=who, args=(finished.pk,)).status_code == 200
        ask_for_archive(finished.pk, by=order.fresh(getattr(city, who)), key=uuid4())
        make_archives()
    for who in ("finance", "district", "industry_officer", "unit_officer"):
        assert city.ask("GET", "rounds:archive_file", as_=who, args=(archive.pk,)).status_code == 404
        with pytest.raises(NoRight):
            ask_for_archive(finished.pk, by=order.fresh(getattr(city, who)), key=uuid4())


def test_it_is_asked_for_once_and_only_when_the_round_is_over(finished, city, order, tmp_path):
    key = uuid4()
    first = ask_for_archive(finished.pk, by=city.officer, key=key)
    assert ask_for_archive(finished.pk, by=city.officer, key=key) == first
    with pytest.raises(ArchiveUnderWay):
        ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    Round.objects.filter(pk=finished.pk).update(state="in_notice")
    with pytest.raises(OutOfStep):
        ask_for_archive(finished.pk, by=city.officer, key=uuid4())


def test_asking_wakes_the_worker_and_the_asker_is_told(finished, city, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    job = ProcrastinateJob.objects.get(task_name=making_archives.TASK)
    assert (job.status, job.queueing_lock) == ("todo", making_archives.TASK_LOCK)

    jobs.make_archives(0)

    told = Message.objects.get(template="programmes.archived")
    assert (told.to, told.url) == (city.officer, f"/rounds/{finished.pk}/archive/")
    assert RED not in city.ask("GET", "rounds:page", as_="officer", args=(finished.pk,)).content.decode()


def test_a_finished_rounds_page_offers_it(finished, city):
    for who, offers in (("officer", True), ("leader", False), ("unit_officer", False)):
        said = city.ask("GET", "rounds:page", as_=who, args=(finished.pk,)).content.decode()
        assert (RED in said) == offers
        assert (f"/rounds/{finished.pk}/archive/" in said) == (who != "unit_officer")


def test_evidence_that_is_gone_is_named_and_the_rest_is_there(finished, city, folder):
    piece = finished.applications.get(unit=city.unit).evidence.get().attachment
    (folder / piece.path).unlink()
    ask_for_archive(finished.pk, by=city.officer, key=uuid4())

    assert make_archives() == 1
    archive = Archive.objects.get(round=finished)
    with open_attachment(archive.attachment) as file, zipfile.ZipFile(file) as packed:
        index = json.loads(packed.read("index.json"))
        assert index["missing"] == ["applications/0001/evidence/01.pdf"]
        assert "applications/0001/evidence/01.pdf" in packed.read("index.html").decode()


def test_a_worker_that_was_killed_leaves_it_to_the_next_and_finds_it_taken(finished, city, forward):
    asked = ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    taken = making_archives._take()
    assert taken == asked
    assert making_archives._take() is None

    forward(taken.beat_at + timedelta(minutes=6))
    assert make_archives() == 1

    beat = making_archives._beats(taken, 1)
    with pytest.raises(making_archives.Taken):
        beat(1)
    assert Archive.objects.get().state == "made"
    assert Decision.objects.filter(act="archive.make").count() == 1


def test_what_fails_is_said_and_can_be_asked_for_again(finished, city, monkeypatch):
    asked = ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    with monkeypatch.context() as broken:
        broken.setattr(making_archives, "gather", lambda of: 1 / 0)
        assert make_archives() == 0
    asked.refresh_from_db()

    assert (asked.state, asked.fault) == ("failed", "ZeroDivisionError: division by zero")
    assert "没有导出成功" in city.ask("GET", "rounds:archive", as_="officer", args=(finished.pk,)).content.decode()
    ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    assert make_archives() == 1


def test_the_page_shows_how_far_it_is(finished, city):
    asked = ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    Archive.objects.filter(pk=asked.pk).update(state="making", done=3, total=12)

    said = city.ask("GET", "rounds:archive", as_="officer", args=(finished.pk,)).content.decode()

    assert "3 / 12" in said
    assert "every 3s" in said


def test_a_sealed_field_is_named_and_stays_in_the_system(finished, city):
    setup = deepcopy(finished.setup)
    setup["form"][0]["visible"] = "sealed"
    key, secret = setup["form"][0]["key"], "100"
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table programmes_round disable trigger user")
    Round.objects.filter(pk=finished.pk).update(setup=setup)
    ask_for_archive(finished.pk, by=city.officer, key=uuid4())
    assert make_archives() == 1

    with open_attachment(Archive.objects.get().attachment) as file, zipfile.ZipFile(file) as packed:
        row = json.loads(packed.read("applications.json"))[0]
        entries = json.loads(packed.read("chain/decisions.json"))["entries"]
    field = next(one for one in row["facts"] if one["key"] == key)
    assert (field["said"], field["told"], field["sealed"]) == ("", "", True)
    assert key not in row["snapshots"][0]["body"]["facts"]
    reported = [one for one in entries if one.get("act") == "report"]
    assert reported
    assert all(one["content"] is None for one in reported)
    assert f'"{key}": "{secret}"' not in json.dumps(entries)
