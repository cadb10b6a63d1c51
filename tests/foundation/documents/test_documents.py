"""Numbers, documents, revocation, and what a check code answers."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from guildhall.foundation import clock
from guildhall.foundation.clock.models import SHANGHAI, forget
from guildhall.foundation.clock.moves import set_forward, start_demonstration
from guildhall.foundation.documents import moves
from guildhall.foundation.documents.models import Document, Series, by_code
from guildhall.foundation.documents.rules import NoSeries, NumberGiven, PatternOff, code_of, held_pattern, written
from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import CLOCK
from guildhall.foundation.records.rules import NoReason
from guildhall.foundation.screens import public
from tests.foundation.documents.papers import CONTENT, issued


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.ATTACHMENTS = tmp_path / "attachments"


def number(at: int, kind: str = "公示") -> str:
    return f"{clock.today().year}-{kind}-{at:03d}"


# Numbers --------------------------------------------------------------------------------------------------------------


def test_a_pattern_writes_a_number_as_the_office_writes_it():
    assert written("{year}-公示-{number:3}", year=2024, number=7) == "2024-公示-007"
    assert written("包工发〔{year}〕{number}号", year=2024, number=13) == "包工发〔2024〕13号"
    assert written("{union}〔{year}〕{number:2}", year=2024, number=123, union="昆都仑区") == "昆都仑区〔2024〕123"


@pytest.mark.parametrize(
    "pattern",
    ["{number}", "{year}", "{year}{year}{number}", "{year}{number}{0}", "{year.real}{number}", "{year}{number:33}",
     "{year}{number}" + "长" * 60, "{year}{number}\n"],
)  # fmt: skip
def test_a_pattern_that_would_write_no_number_is_refused(pattern):
    with pytest.raises(PatternOff):
        held_pattern(pattern)


def test_each_series_counts_for_itself_and_a_district_says_its_name(city):
    assert issued(city).number == number(1)
    assert issued(city).number == number(2)
    assert issued(city, kind="summary").number == number(1, "汇总")
    assert issued(city, series="包工发").number == f"包工发〔{clock.today().year}〕1号"
    own = issued(city, kind="ranking", union=city.kundulun, by=city.district)
    assert own.number == f"昆都仑区-{number(1, '推荐')}"
    with pytest.raises(NoSeries):
        issued(city, series="没有")


def test_a_new_year_begins_at_one_in_the_pattern_of_the_last(city, settings):
    settings.DEMO = True
    start_demonstration(datetime(2024, 12, 31, 9, tzinfo=SHANGHAI))
    forget()
    moves.set_series(city.federation.pk, "公示", "包工示〔{year}〕{number}号", by=city.officer, key=uuid4())
    assert [issued(city).number for _ in range(12)][-1] == "包工示〔2024〕12号"
    set_forward(datetime(2025, 1, 2, 9, tzinfo=SHANGHAI))
    forget()
    assert issued(city).number == "包工示〔2025〕1号"
    rows = Document.objects.visible_to(city.officer).order_by("-year", "-ordinal")
    assert [row.number for row in rows][:3] == ["包工示〔2025〕1号", "包工示〔2024〕12号", "包工示〔2024〕11号"]


def test_numbers_go_on_from_those_used_before_the_series_was_kept_here(city):
    assert issued(city, after=lambda: 41).number == number(42)
    assert issued(city, after=lambda: 99).number == number(43)


def test_the_office_writes_a_series_otherwise_and_goes_on_behind_its_own_numbers(city):
    key, asked = uuid4(), {"name": "包工发", "pattern": "包工发〔{year}〕{number}号"}
    moves.set_series(city.federation.pk, **asked, last=12, by=city.officer, key=key)
    moves.set_series(city.federation.pk, **asked, last=12, by=city.officer, key=key)
    assert issued(city, kind="result", series="包工发").number == f"包工发〔{clock.today().year}〕13号"
    with pytest.raises(NumberGiven):
        moves.set_series(city.federation.pk, **asked, last=12, by=city.officer, key=uuid4())
    for who, refusal in (("leader", NoRight), ("unit_officer", NotHere)):
        with pytest.raises(refusal):
            moves.set_series(city.federation.pk, **asked, by=city.who(who), key=uuid4())
    page = city.ask("GET", "documents:series", as_="officer").text
    assert f"包工发〔{clock.today().year}〕14号" in page
    wrong = city.ask(
        "POST", "documents:series_change", as_="officer", args=("公示",), data={"pattern": "", "last": "0"}
    )
    assert wrong.status_code == 422
    off = city.ask(
        "POST", "documents:series_change", as_="officer", args=("公示",), data={"pattern": "{0}", "last": "0"}
    )
    assert off.status_code == 422
    done = city.ask(
        "POST",
        "documents:series_change",
        as_="officer",
        args=("公示",),
        data={"pattern": "{year}示{number}", "last": "7"},
    )
    assert done.status_code == 302
    assert issued(city).number == f"{clock.today().year}示8"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_share_a_number(city, beside):
    issued(city)
    with transaction.atomic():
        first = issued(city)
        other = beside(issued, city)
        other.until_blocked()
    assert sorted([first.ordinal, other.result().ordinal]) == [2, 3]


# Documents ------------------------------------------------------------------------------------------------------------


def test_a_document_is_issued_once_a_key(city):
    key = uuid4()
    first = issued(city, key=key)
    assert issued(city, key=key) == first
    assert Series.objects.get().last == 1
    with pytest.raises(KeyReused):
        issued(city, key=key, title="另一份")


def test_it_carries_its_issuers_digest_code_and_record(city):
    made = issued(city, seals=["测试市总工会", "测试市工信局"])
    assert made.seals == ["测试市总工会", "测试市工信局"]
    assert (len(made.digest), made.short) == (64, made.digest[:8])
    assert code_of(made.check_code.lower().replace("-", " ")) == made.check_code
    assert by_code(made.check_code) == made
    entry = Decision.objects.get(subject=made.about)
    assert (entry.act, entry.body["number"], entry.body["digest"]) == ("document-issue", made.number, made.digest)
    assert issued(city, by=None, kind="certificate").issued_by == city.officer
    assert moves.issue(
        kind="certificate", union=city.federation, title="证书", subject="x:1", content=CONTENT, by=CLOCK, key=uuid4()
    ).issued_by is None  # fmt: skip


def test_who_holds_no_office_for_it_issues_nothing(city):
    for who, options in (
        ("finance", {}), ("district", {"kind": "result", "union": city.kundulun}),
        ("next_district", {"kind": "ranking", "union": city.kundulun}), ("unit_officer", {}), ("assessor", {}),
    ):  # fmt: skip
        with pytest.raises(NoRight):
            issued(city, by=city.who(who), **options)
    assert not Document.objects.exists()


def test_a_content_out_of_shape_is_our_own_mistake(city):
    with pytest.raises(ValueError, match="under 2 columns"):
        issued(city, content={"tables": [{**CONTENT["tables"][0], "rows": [["一"]]}]})
    with pytest.raises(ValueError, match="Extra inputs"):
        issued(city, content={"paragraph": "x"})


@pytest.mark.parametrize(
    "change",
    ["title='x'", "number='x'", "content='{}'", "digest='x'", "check_code='x'", "seals='[]'", "state='revoked'", "file_id=null",
     "issued_at=now()", "ordinal=9"],
)  # fmt: skip
def test_the_database_keeps_it_as_it_was_issued(city, change):
    made = issued(city)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update documents_document set {change} where id = {made.pk}")  # noqa: S608
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from documents_document")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update documents_series set last = 0")


def test_revoking_keeps_the_paper_and_says_why(city):
    made, key = issued(city), uuid4()
    for who, refusal in (("finance", NotHere), ("district", NotHere), ("auditor", NoRight)):
        with pytest.raises(refusal):
            moves.revoke(made.pk, reason="名单有误", by=city.who(who), key=uuid4())
    with pytest.raises(NoReason):
        moves.revoke(made.pk, reason=" ", by=city.leader, key=uuid4())
    gone = moves.revoke(made.pk, reason="名单有误，另发一份。", by=city.leader, key=key)
    assert (gone.state, gone.reason, gone.revoked_by, gone.file) == (
        "revoked",
        "名单有误，另发一份。",
        city.leader,
        made.file,
    )
    assert moves.revoke(made.pk, reason="名单有误，另发一份。", by=city.leader, key=key) == gone
    with pytest.raises(OutOfStep):
        moves.revoke(made.pk, reason="再来一次", by=city.leader, key=uuid4())
    assert [row.act for row in made.decisions()] == ["document-issue", "document-revoke"]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update documents_document set state = 'valid', reason = '', revoked_at = null, revoked_by_id = null"
        )


# The check code -------------------------------------------------------------------------------------------------------


def test_a_code_answers_valid_revoked_or_unknown(city):
    made = issued(city, kind="certificate", title="荣誉证书")
    page = city.ask("GET", "web:check", as_=None, data={"code": made.check_code.lower()}).content.decode()
    assert "现在有效" in page
    assert made.number in page
    assert "gh-notice gh-green" in page
    moves.revoke(made.pk, reason="错发，收回。", by=city.officer, key=uuid4())
    page = city.ask("GET", "web:check", as_=None, data={"code": made.check_code}).content.decode()
    assert "现在有效" not in page
    assert "错发，收回。" in page
    assert "gh-notice gh-red" in page
    page = city.ask("GET", "web:check", as_=None, data={"code": "2222-2222"}).content.decode()
    assert "没有查到" in page
    assert public.check("") == []
