"""Navigation by appointments, what waits by deadline, and pages without inline scripts or styles."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from guildhall.foundation.screens import assets, navigation, todo
from guildhall.foundation.screens.navigation import Entry, places, sections

NOW = datetime(2024, 11, 26, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def entries(monkeypatch):
    rows = [
        Entry(label="工作台", url_name="web:workbench", icon="inbox", order=0, tab=True),
        Entry(
            label="发件箱", url_name="web:outbox", icon="send", section="统筹", roles=["federation_officer"], order=2
        ),
        Entry(label="没造好", url_name="web:nowhere", icon="inbox", order=3),
    ]
    monkeypatch.setattr(navigation, "_entries", rows)


def test_a_person_sees_what_the_office_opens_and_what_is_built(entries):
    assert [place.label for place in places(["unit_officer"], "/")] == ["工作台"]
    assert [place.label for place in places(["federation_officer"], "/")] == ["工作台", "发件箱"]


def test_the_reader_stands_in_one_place(entries):
    found = places(["federation_officer"], "/outbox/")

    assert [place.label for place in found if place.current] == ["发件箱"]
    assert [(section.label, len(section.entries)) for section in sections(found)] == [("", 1), ("统筹", 1)]


def test_what_waits_is_grouped_by_deadline():
    dues = [NOW - timedelta(days=2), NOW + timedelta(hours=3), NOW + timedelta(days=5), NOW + timedelta(days=6), None]
    rows = [todo.Todo(str(n), "", due, "", "") for n, due in enumerate(dues)]

    with override("zh-hans"):
        groups = todo.grouped(rows, NOW)

    assert [(group.label, [row.title for row in group.todos]) for group in groups] == [
        ("今天截止", ["0", "1"]),
        ("本周", ["2"]),
        ("以后", ["3"]),
        ("不限时", ["4"]),
    ]


def test_no_template_carries_inline_scripts_styles_or_handlers():
    bad = re.compile(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)|javascript:")
    guilty = [path.name for path in assets.PACKAGE.rglob("*.html") if bad.search(path.read_text(encoding="utf-8"))]

    assert guilty == []


def test_pages_without_an_entry_stand_under_the_one_they_belong_to(entries, monkeypatch):
    monkeypatch.setattr(navigation, "_held", {"/account/": "web:outbox"})

    assert [place.label for place in places(["federation_officer"], "/account/") if place.current] == ["发件箱"]
    assert not any(place.current for place in places(["unit_officer"], "/account/"))
