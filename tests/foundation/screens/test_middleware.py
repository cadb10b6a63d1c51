"""What went wrong, said as a page: refusals, missing pages, faults, and what is too large to read."""

from types import SimpleNamespace

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils.translation import override

from guildhall.foundation.errors import NoRight, OutOfStep
from guildhall.foundation.screens.middleware import Refusals


def answered(wrong: Exception | None = None, *, htmx: bool = False, **headers):
    request = RequestFactory().get("/x/", **headers)
    request.htmx = SimpleNamespace(target="row") if htmx else None
    middleware = Refusals(lambda asked: middleware.process_exception(asked, wrong) if wrong else HttpResponse("fine"))
    with override("zh-hans"):
        response = middleware(request)
    return response, response.content.decode()


def test_a_refusal_says_its_sentence_and_a_number_to_quote():
    response, page = answered(OutOfStep(state="公示中", move="退回"))

    assert response.status_code == 409
    assert "现在是“公示中”，不能退回。请刷新再看。" in page
    assert f"编号 {response.headers['X-Request-Number']}" in page


def test_htmx_gets_a_box_above_the_page_and_the_row_stays():
    response, page = answered(NoRight(), htmx=True)

    assert (response.status_code, response.headers["HX-Retarget"]) == (403, "#gh-alerts")
    assert "<html" not in page
    assert 'role="alert"' in page


def test_a_missing_page_and_one_out_of_scope_look_alike():
    from guildhall.foundation.errors import NotHere

    pages = [answered(wrong)[1] for wrong in (Http404("secret"), NotHere())]

    assert [strip_number(page) for page in pages] == [strip_number(pages[0])] * 2
    assert "secret" not in pages[0]


def strip_number(page: str) -> str:
    import re

    return re.sub(r"编号 [0-9A-F]{6}", "", re.sub(r'"x-csrftoken": "\w+"|value="\w{64}"', "", page))


def test_a_fault_of_ours_says_so_with_a_number_and_nothing_inside():
    response, page = answered(ValueError("password=1"))

    assert response.status_code == 500
    assert response.headers["X-Request-Number"] in page
    assert "password" not in page


@pytest.mark.parametrize(("length", "status"), [(1_000, 200), (2 * 1024**3, 413)])
def test_what_is_too_large_is_refused_unread(length, status):
    response, _page = answered(CONTENT_LENGTH=str(length))

    assert response.status_code == status
