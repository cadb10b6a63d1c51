"""A notice on paper: a document of the series, which anyone may take away and check."""

from io import BytesIO
from uuid import uuid4

from docx import Document as Word

from guildhall.foundation.documents import moves
from guildhall.foundation.documents.models import Document
from guildhall.foundation.records.attachments.pdf import check_pdf
from tests.foundation.documents.papers import issued


def test_a_notice_is_issued_as_a_document_with_its_number_and_code(city, of, order):
    issued(city, subject="round:0")  # Another notice of the same series, from elsewhere.
    notice = order.published(city, of)
    paper = Document.objects.get(subject=f"round:{of.pk}")

    assert (paper.kind, paper.number, paper.check_code) == ("notice", notice.number, notice.check_code)
    assert paper.ordinal == 2
    lines = [line for line in notice.body["lines"] if line["tier"] is not None]
    rows = paper.content["tables"][0]["rows"]
    assert [row[1] for row in rows] == [line["unit"] for line in lines]
    assert sum(int(row[3].replace(",", "")) for row in rows) * 100 == notice.body["sum_fen"]


def test_anyone_takes_the_notice_away_and_reads_that_it_was_revoked(city, of, order):
    notice = order.published(city, of)
    paper = city.ask("GET", "notices:paper", as_="visitor", args=(notice.pk,))
    word = city.ask("GET", "notices:word", as_="visitor", args=(notice.pk,))

    check_pdf(b"".join(paper.streaming_content))
    text = "\n".join(paragraph.text for paragraph in Word(BytesIO(word.content)).paragraphs)
    assert notice.number in text
    page = city.ask("GET", "web:check", as_="visitor", data={"code": notice.check_code}).text
    assert page.count(notice.number) == 1
    assert f"/notices/{notice.pk}/" in page

    document = Document.objects.get(check_code=notice.check_code)
    moves.revoke(document.pk, reason="名单漏了一家。", by=city.officer, key=uuid4())
    for name, args, data in (("notices:page", (notice.pk,), {}), ("web:check", (), {"code": notice.check_code})):
        said = city.ask("GET", name, as_="visitor", args=args, data=data).text
        assert "名单漏了一家。" in said
        assert "已经作废" in said
