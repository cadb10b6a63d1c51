"""Applications: the check, evidence, withdrawal; who sees which, and what a list costs."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from guildhall.foundation.errors import NotHere, OutOfStep
from guildhall.foundation.programmes import registry
from guildhall.foundation.programmes.models import Application, Evidence, Round
from guildhall.foundation.programmes.moves import applications, evidence, rounds
from guildhall.foundation.programmes.moves.applications import Vetoed
from guildhall.foundation.programmes.moves.evidence import MaterialsClosed
from guildhall.foundation.programmes.states import State
from guildhall.foundation.records.attachments import MacroWorkbook
from guildhall.foundation.records.models import Decision
from tests.foundation.records.hostile import image

PNG = image("PNG")


def picture(name="照片.png"):
    return SimpleUploadedFile(name, PNG, content_type="image/png")


def status(city, who, piece):
    response = city.ask("GET", "rounds:evidence", as_=who, args=(piece.pk,))
    if response.streaming:
        b"".join(response.streaming_content)  # Read to its end, the file is closed.
    return response.status_code


def of_unit(of, unit):
    return Application.objects.select_related("round").get(round=of, unit=unit)


@pytest.fixture
def row(city, of, order):
    """The first unit's application, facts reported."""
    order.opened(city, of)
    return of_unit(of, city.unit)


def test_accepting_freezes_what_is_judged(city, row):
    response = city.ask("POST", "rounds:accept", as_="officer", args=(row.pk,))

    row.refresh_from_db()
    assert response.status_code == 302
    assert row.state == State.REVIEWING
    assert row.snapshots.get().body["facts"] == row.facts


def test_a_veto_bars_with_its_clause(city, row):
    applications.report_facts(row.pk, {"veto": "1"}, by=city.officer, key=uuid4())

    with pytest.raises(Vetoed, match="第十二条"):
        applications.accept(row.pk, by=city.officer, key=uuid4())
    left = applications.accept_all(row.round_id, by=city.officer, key=uuid4())
    page = city.ask("GET", "rounds:application", as_="officer", args=(row.pk,))

    assert left == (11, 1)
    assert "按第十二条一票否决" in page.text
    assert not row.snapshots.exists()


def test_a_refusal_names_reason_and_clause_and_tells_the_unit(city, row):
    bare = city.ask("POST", "rounds:refuse", as_="officer", args=(row.pk,), data={"reason": "欠缴社保三个月"})
    full = city.ask(
        "POST", "rounds:refuse", as_="officer", args=(row.pk,), data={"reason": "欠缴社保三个月", "clause": "第十二条"}
    )

    row.refresh_from_db()
    assert (bare.status_code, full.status_code) == (422, 302)
    assert (row.state, row.clause) == (State.REFUSED, "第十二条")
    assert "欠缴社保三个月" in city.ask("GET", "rounds:application", as_="unit_officer", args=(row.pk,)).text


def test_facts_out_of_range_are_said_beside_their_field_and_kept(city, row):
    sent = {**row.facts, "staff": "-3", "workers": "6o"}

    response = city.ask("POST", "rounds:facts", as_="officer", args=(row.pk,), data=sent)

    form = response.context["form"]
    assert response.status_code == 422
    assert sorted(form.errors) == ["staff", "workers"]
    assert form["workers"].value() == "6o"
    assert of_unit(row.round, city.unit).facts == row.facts


def test_a_unit_hands_in_evidence_and_takes_it_back(city, row):
    sent = {"indicator": "talks", "title": "宣讲照片", "file": picture()}

    response = city.ask("POST", "rounds:evidence_add", as_="unit_officer", args=(row.pk,), data=sent)
    piece = Evidence.objects.get()
    read = city.ask("GET", "rounds:evidence", as_="unit_officer", args=(piece.pk,))
    dropped = city.ask("POST", "rounds:evidence_drop", as_="unit_officer", args=(row.pk, piece.pk))

    assert (response.status_code, read.status_code, dropped.status_code) == (302, 200, 302)
    assert b"".join(read.streaming_content) == PNG
    assert read["Content-Disposition"].startswith("attachment")
    assert not Evidence.objects.exists()
    assert list(Decision.objects.filter(act__startswith="evidence").values_list("act", flat=True)) == [
        "evidence",
        "evidence_drop",
    ]


def test_evidence_is_read_in_scope_or_by_its_judges_alone(city, row):
    piece = evidence.add_evidence(
        row.pk, indicator="talks", title="", upload=picture(), by=city.unit_officer, key=uuid4()
    )
    statuses = {
        who: status(city, who, piece)
        for who in (
            "officer",
            "district",
            "next_district",
            "next_unit_officer",
            "assessor",
            "expert",
            "auditor",
            "visitor",
        )
    }

    assert statuses == {
        "officer": 200, "district": 200, "next_district": 404, "next_unit_officer": 404, "assessor": 404, "expert": 404,
        "auditor": 200, "visitor": 302,
    }  # fmt: skip
    registry.MAY_READ.append(lambda user, application: user.pk == city.expert.pk and application.pk == row.pk)
    assert status(city, "expert", piece) == 200
    registry.MAY_READ.pop()


def test_evidence_of_the_wrong_kind_is_refused_and_nothing_written(city, row):
    macro = BytesIO()
    import zipfile

    with zipfile.ZipFile(macro, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/vbaProject.bin", "x")
    upload = SimpleUploadedFile("宏.xlsx", macro.getvalue())

    with pytest.raises(MacroWorkbook):
        evidence.add_evidence(row.pk, indicator="talks", title="", upload=upload, by=city.unit_officer, key=uuid4())

    assert not Evidence.objects.exists()


def test_a_unit_is_late_by_the_hour_even_if_the_clock_is_late(city, row):
    Round.objects.filter(pk=row.round_id).update(opens_on="2024-01-02", closes_on="2024-01-03")

    with pytest.raises(MaterialsClosed):
        evidence.add_evidence(row.pk, indicator="talks", title="", upload=picture(), by=city.unit_officer, key=uuid4())

    page = city.ask("GET", "rounds:application", as_="unit_officer", args=(row.pk,))
    assert "材料已于 2024-01-03 17:30 截止" in page.text


def test_a_unit_leaves_with_a_reason_until_the_result_is_sealed(city, of, order):
    order.reviewing(city, of)
    row, other = of_unit(of, city.unit), of_unit(of, city.next_unit)

    response = city.ask(
        "POST", "rounds:withdraw", as_="unit_officer", args=(row.pk,), data={"reason": "企业合并，不再参加"}
    )
    Round.objects.filter(pk=of.pk).update(proposed_at="2024-01-03T00:00:00Z")
    with pytest.raises(OutOfStep):
        applications.withdraw(other.pk, reason="改主意了不参加", by=city.next_unit_officer, key=uuid4())

    row.refresh_from_db()
    other.refresh_from_db()
    assert response.status_code == 302
    assert (row.state, other.state) == (State.WITHDRAWN, State.REVIEWING)


FORGED = ["accept", "refuse", "withdraw", "facts", "evidence_add"]


@pytest.mark.parametrize("name", FORGED)
def test_the_office_next_door_finds_nothing_to_write_to(city, row, name):
    entries = Decision.objects.count()
    data = {"reason": "理由理由理由", "clause": "第一条", "indicator": "talks", "file": picture(), **row.facts}

    assert city.ask("POST", f"rounds:{name}", as_="next_unit_officer", args=(row.pk,), data=data).status_code == 404
    data["file"] = picture()
    assert city.ask("POST", f"rounds:{name}", as_="officer", args=(row.pk + 9999,), data=data).status_code == 404
    data["file"] = picture()
    assert city.ask("POST", f"rounds:{name}", as_="district", args=(row.pk,), data=data).status_code == 403
    assert Decision.objects.count() == entries


def test_a_list_shows_its_own_scope(city, row):
    names = {
        who: {
            cell["name"]
            for cell in city.ask("GET", "rounds:applications", as_=who, args=(row.round_id,)).context["view"].rows
        }
        for who in ("officer", "district", "next_district", "unit_officer")
    }

    assert len(names["officer"]) == 12
    assert len(names["district"]) == 5
    assert not names["district"] & names["next_district"]
    assert names["unit_officer"] == {city.unit.name}


def test_an_accepted_application_is_closed_to_facts(city, row):
    applications.accept(row.pk, by=city.officer, key=uuid4())

    with pytest.raises(OutOfStep):
        applications.report_facts(row.pk, {"staff": "5"}, by=city.officer, key=uuid4())
    with pytest.raises(NotHere):
        applications.report_facts(row.pk, {"staff": "5"}, by=city.next_unit_officer, key=uuid4())


def test_many_facts_are_written_all_or_none(city, row, of):
    new = {**row.facts, "veto": "1"}
    with pytest.raises(NotHere), transaction.atomic():
        applications.report_many(of.pk, {row.pk: new, 10**9: new}, by=city.officer, key=uuid4())
    other = of.applications.exclude(pk=row.pk).first()
    applications.refuse(other.pk, reason="材料不实，已核对", clause="第四条", by=city.officer, key=uuid4())
    with pytest.raises(OutOfStep), transaction.atomic():
        applications.report_many(of.pk, {row.pk: new, other.pk: new}, by=city.officer, key=uuid4())
    assert Application.objects.get(pk=row.pk).facts == row.facts


def test_the_facts_of_a_cancelled_round_stand(city, row, of):
    rounds.cancel_round(of.pk, reason="政策调整，今年不办", by=city.leader, key=uuid4())

    with pytest.raises(OutOfStep), transaction.atomic():
        applications.report_facts(row.pk, {"staff": "5"}, by=city.officer, key=uuid4())
    with pytest.raises(OutOfStep), transaction.atomic():
        applications.report_many(of.pk, {row.pk: {**row.facts, "staff": "5"}}, by=city.officer, key=uuid4())
