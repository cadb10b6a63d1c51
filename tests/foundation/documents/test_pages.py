"""The documents on screen: the list, one document, its revocation, the templates."""

from io import BytesIO
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from guildhall.foundation.documents import moves, rendering
from guildhall.foundation.documents.models import Document
from guildhall.foundation.documents.states import DocumentKind
from tests.foundation.documents.papers import issued


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.ATTACHMENTS = tmp_path / "attachments"


def test_the_list_searches_filters_and_leaves_as_a_workbook(city):
    for number in range(11):
        issued(city, title=f"关于第{number + 1}批的公示")
    certificate = issued(city, kind="certificate", title="荣誉证书")
    moves.revoke(certificate.pk, reason="错发，收回。", by=city.officer, key=uuid4())

    def listed(**asked):
        page = city.ask("GET", "documents:index", as_="leader", data=asked)
        return [row.title for row in page.context["view"].listing.slice]

    ordinals = [row.ordinal for row in Document.objects.filter(kind="notice").order_by("-ordinal")]
    assert ordinals[:3] == [11, 10, 9]
    assert listed(kind="notice")[:3] == ["关于第11批的公示", "关于第10批的公示", "关于第9批的公示"]
    assert listed(q="公示-010") == ["关于第10批的公示"]
    assert listed(q="荣誉") == ["荣誉证书"]
    assert listed(state="revoked") == ["荣誉证书"]
    assert listed(year=str(certificate.year), kind="certificate") == ["荣誉证书"]
    book = city.ask("GET", "documents:index", as_="auditor", data={"export": "xlsx", "kind": "certificate"})
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content)))
    cells = [str(cell.value) for one in sheet for row in one.iter_rows() for cell in row]
    assert certificate.number in cells
    assert "已作废" in cells


def test_a_district_reads_its_own_and_the_federation_all(city):
    own = issued(city, kind="ranking", union=city.kundulun, by=city.district, title="昆都仑区推荐排序表")
    other = issued(city, title="市总公示")
    for who, sees in (("district", [own]), ("next_district", []), ("officer", [own, other]), ("unit_officer", [])):
        assert set(Document.objects.visible_to(city.who(who))) == set(sees)


def test_the_page_shows_issuers_and_line_and_takes_the_paper_back(city):
    made = issued(city, seals=["测试市总工会", "测试市工信局"])
    page = city.ask("GET", "documents:page", as_="officer", args=(made.pk,)).text
    for word in (made.number, made.digest, "测试市工信局", "牵头", "制发文书", made.check_code):
        assert word in page
    assert "作废这份文书" not in city.ask("GET", "documents:page", as_="auditor", args=(made.pk,)).text
    empty = city.ask("POST", "documents:revoke", as_="officer", args=(made.pk,), data={"reason": ""})
    assert empty.status_code == 422
    assert "gh-fold" in empty.text
    done = city.ask("POST", "documents:revoke", as_="officer", args=(made.pk,), data={"reason": "名单有误。"})
    assert done.status_code == 302
    page = city.ask("GET", "documents:page", as_="auditor", args=(made.pk,)).text
    assert "名单有误。" in page
    assert "作废文书" in page


def test_templates_are_replaced_and_restored_on_screen(city):
    upload = SimpleUploadedFile("汇总表.docx", rendering.default_word("summary"))
    put = city.ask("POST", "documents:template_replace", as_="officer", args=("summary",), data={"file": upload})
    assert put.status_code == 302
    page = city.ask("GET", "documents:templates", as_="officer").text
    assert "第 1 版" in page
    restored = city.ask("POST", "documents:template_restore", as_="officer", args=("summary",))
    assert restored.status_code == 302
    page = city.ask("GET", "documents:templates", as_="officer").text
    assert "以前的版本" in page
    assert city.ask("GET", "documents:template", as_="officer", args=("nothing",)).status_code == 404
    missing = city.ask("POST", "documents:template_replace", as_="officer", args=("summary",))
    assert missing.status_code == 422


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_the_pages_read_well(city, as_, viewport):
    made, gone = (
        issued(city, seals=["测试市总工会", "测试市工信局"]),
        issued(city, kind="certificate", title="荣誉证书"),
    )
    moves.revoke(gone.pk, reason="名单有误，另发一份。", by=city.officer, key=uuid4())
    upload = SimpleUploadedFile("汇总表.docx", rendering.default_word("summary"))
    moves.replace_template(DocumentKind.SUMMARY, upload, by=city.officer, key=uuid4())
    page = as_(city.officer, viewport=viewport)
    urls = [
        reverse("documents:index"), reverse("documents:page", args=[made.pk]), reverse("documents:page", args=[gone.pk]),
        reverse("documents:templates"), reverse("documents:series"), f"{reverse('web:check')}?code={gone.check_code}",
    ]  # fmt: skip
    for number, url in enumerate(urls):
        page.goto(url)
        page.picture(f"documents-{viewport}-{number}")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), url
        assert Axe().run(page).response["violations"] == [], url
