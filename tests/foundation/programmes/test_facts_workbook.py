"""Facts by Excel: the template comes back filled; one bad cell and nothing is written, every bad cell is marked."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from guildhall.foundation.programmes.moves import applications
from guildhall.foundation.records.models import Decision


@pytest.fixture
def opened(city, of, order):
    order.opened(city, of)
    return of


def template(city, of):
    response = city.ask("GET", "rounds:facts_template", as_="officer", args=(of.pk,))
    return load_workbook(BytesIO(response.content))


def send(city, of, book, who="officer", name="数据.xlsx"):
    out = BytesIO()
    book.save(out)
    upload = SimpleUploadedFile(name, out.getvalue())
    return city.ask("POST", "rounds:facts_import", as_=who, args=(of.pk,), data={"file": upload})


def staff(of):
    return sorted(row.facts["staff"] for row in of.applications.all())


def test_the_template_sent_back_changes_nothing(city, opened):
    response = send(city, opened, template(city, opened))

    assert response.status_code == 200
    assert "12 家都没有问题，还没有写入" in response.text
    assert response.context["reading"].changed == 0


def test_good_rows_are_written_by_one_click_and_once(city, opened):
    book = template(city, opened)
    book.active["C2"], book.active["C3"] = 321, "４00"
    checked = send(city, opened, book)
    before = staff(opened)
    token = str(checked.context["token"])

    first = city.ask("POST", "rounds:facts_commit", as_="officer", args=(opened.pk,), data={"key": token})
    again = city.ask("POST", "rounds:facts_commit", as_="officer", args=(opened.pk,), data={"key": token})

    assert before == ["100"] * 12
    assert staff(opened) == sorted(["321", "400", *["100"] * 10])
    assert (first.status_code, again.status_code) == (302, 302)
    assert Decision.objects.filter(act="report_many").count() == 2  # One of the fixture's, one of ours.


def test_each_bad_cell_is_marked_and_nothing_is_written(city, opened):
    book = template(city, opened)
    sheet = book.active
    sheet["C2"], sheet["D3"], sheet["B4"] = "很多", "=1+1", "91150203MA00000000"
    sheet["B5"] = sheet["B6"].value
    sheet["E7"] = -1

    response = send(city, opened, book)
    marked = load_workbook(BytesIO(city.client("officer").get(
        f"/rounds/{opened.pk}/facts/marked/{response.context['token']}/"
    ).content)).active  # fmt: skip

    assert response.status_code == 422
    assert "5 行要改，还没有写入" in response.text
    red = {cell.coordinate for line in marked.iter_rows() for cell in line if cell.comment}
    assert red == {"C2", "D3", "B4", "B6", "E7"}
    assert marked["D3"].data_type == "s"
    assert "公式" in marked["D3"].comment.text
    assert staff(opened) == ["100"] * 12
    assert city.ask(
        "POST", "rounds:facts_commit", as_="officer", args=(opened.pk,), data={"key": str(response.context["token"])}
    ).status_code == 422  # fmt: skip


def test_a_workbook_that_is_not_the_template_is_refused(city, opened):
    book = Workbook()
    book.active.append(["单位", "代码"])
    book.active.append(["甲", "乙"])

    assert send(city, opened, book).status_code == 422
    assert send(city, opened, template(city, opened), name="数据.xlsm").status_code == 422


def test_what_was_checked_belongs_to_who_checked_it(city, opened):
    token = str(send(city, opened, template(city, opened)).context["token"])

    other = city.ask("POST", "rounds:facts_commit", as_="second_officer", args=(opened.pk,), data={"key": token})
    district = send(city, opened, template(city, opened), who="district")

    assert (other.status_code, district.status_code) == (422, 403)


def test_an_accepted_unit_stays_as_it_is(city, opened):
    row = opened.applications.first()
    book = template(city, opened)
    applications.accept(row.pk, by=city.officer, key=uuid4())

    response = send(city, opened, book)

    assert response.status_code == 422
    assert "已经审查过" in response.text


def test_a_fault_below_an_empty_row_is_told_by_the_number_that_excel_shows(city, opened):
    book = template(city, opened)
    book.active.insert_rows(2, 3)
    book.active["C5"], book.active["B7"] = "很多", book.active["B6"].value

    response = send(city, opened, book)

    assert [line["row"] for line in response.context["faults"]] == [5, 7]
    assert "和第 6 行重复" in response.text
