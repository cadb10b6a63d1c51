"""What a reviewer sees: the sheets that are assigned, and nothing else."""

import json
from datetime import date, datetime
from io import BytesIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from guildhall.foundation.organisations.models import Appointment
from guildhall.foundation.programmes.models import Application, Evidence, StepSheet
from guildhall.foundation.programmes.moves import applications, reviewing, rounds
from guildhall.foundation.programmes.states import SheetState
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes import calling

pytestmark = pytest.mark.django_db
WORDS = {"zh": "步骤", "en": "Step"}
PANEL = {
    "key": "panel", "label": {"zh": "评审会", "en": "Panel"}, "method": "panel", "weight": 1, "experts": 1, "cut": {"top": 1},
    "criteria": [{"key": "use", "label": {"zh": "效益", "en": "Use"}, "points": 60},
                 {"key": "art", "label": {"zh": "技艺", "en": "Craft"}, "points": 40}],
}  # fmt: skip
BALLOT = {"key": "vote", "label": {"zh": "表决", "en": "Ballot"}, "method": "ballot", "experts": 1}
CHECKLIST = {
    "key": "site", "label": {"zh": "现场查看", "en": "Site visit"}, "method": "checklist",
    "items": [{"key": "door", "label": {"zh": "安全门", "en": "Door"}},
              {"key": "sign", "label": {"zh": "标识", "en": "Sign"}, "photograph": True}],
}  # fmt: skip
DESK = {"key": "desk", "label": {"zh": "审核", "en": "Desk"}, "method": "officer"}
SEATS = {"kind": "classes", "classes": [{"name": {"zh": "一等", "en": "First"}, "seats": 1, "sum_fen": 2_000_000}]}


@pytest.fixture(autouse=True)
def autumn(city, forward):
    Appointment.objects.update(starts=date(2024, 1, 1))
    forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def begun(city, tmp_path):
    """Two units under review by these steps."""

    def build(*steps, n=2, **setup):
        setup.setdefault("selection", {"kind": "each"})
        of = calling.called(city, tmp_path, levels=[], review=list(steps), **setup)
        rows = []
        for place in range(n):
            sent = calling.submitted(of, city.units[place], city.unit_officers[place])
            rows.append(applications.accept(sent.pk, by=city.officer, key=uuid4()))
        rounds.close_round(of.pk, by=city.officer, key=uuid4())
        rounds.start_review(of.pk, by=city.officer, key=uuid4())
        return of, rows

    return build


def asked(of, row, who, city, place=0):
    reviewing.assign(of.pk, place, {row.pk: [who.pk]}, by=city.officer, key=uuid4())
    return StepSheet.objects.get(application=row, step=place, reviewer=who, state=SheetState.OPEN)


def url(name, *args):
    return reverse(f"rounds:{name}", args=args)


def read(response):
    """The answer's status; a file is read to its end, and so closed."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def picture():
    raw = BytesIO()
    Image.new("RGB", (40, 30), "#336699").save(raw, "JPEG")
    return SimpleUploadedFile("现场.jpg", raw.getvalue(), "image/jpeg")


def test_an_expert_sees_what_is_assigned_and_nothing_else(begun, city):
    of, (first, second) = begun(PANEL)
    mine, other = asked(of, first, city.expert, city), asked(of, second, city.experts[1], city)
    page = city.client("expert").get(url("sheets")).content.decode()
    assert first.unit.name in page
    assert second.unit.name not in page
    assert city.client("expert").get(url("sheet", mine.pk)).status_code == 200
    for name in ("sheet", "sheet_save", "sheet_submit", "sheet_photograph"):
        client = city.client("expert")
        forged = url(name, other.pk)
        answer = client.get(forged) if name == "sheet" else client.post(forged, {"key": uuid4(), "mark-use": "90"})
        assert answer.status_code == 404, name
    assert city.client("expert").get(url("application", first.pk)).status_code == 404
    assert city.client("expert").get(url("page", of.pk)).status_code == 404
    for outsider in ("unit_officer", "leader", "auditor", "assessor"):
        assert city.client(outsider).get(url("sheet", mine.pk)).status_code == 404
        assert first.unit.name not in city.client(outsider).get(url("sheets")).content.decode().split("<main")[1]


def test_a_replaced_reviewer_sees_it_no_more(begun, city):
    of, (first, _second) = begun(PANEL)
    mine = asked(of, first, city.expert, city)
    reviewing.replace_reviewer(mine.pk, city.experts[1].pk, reason="本人请病假", by=city.officer, key=uuid4())
    assert first.unit.name not in city.client("expert").get(url("sheets")).content.decode()
    assert city.client("expert").get(url("sheet", mine.pk)).status_code == 404


def test_who_left_office_judges_no_more(begun, city):
    of, (first, _second) = begun(PANEL)
    mine = asked(of, first, city.expert, city)
    Appointment.objects.filter(user=city.expert).update(ends=date(2024, 8, 1))
    assert city.client("expert").get(url("sheet", mine.pk)).status_code == 404


def test_a_panel_sheet_is_kept_then_submitted_once(begun, city):
    of, (first, _second) = begun(PANEL)
    mine, client = asked(of, first, city.expert, city), city.client("expert")
    half = {"mark-use": "88.5", "mark-art": "", "note": "还没看完"}
    kept = client.post(url("sheet_save", mine.pk), half, headers={"accept": "application/json"})
    assert "at" in json.loads(kept.content)
    assert 'value="88.5"' in client.get(url("sheet", mine.pk)).content.decode()
    short = client.post(url("sheet_submit", mine.pk), half | {"key": uuid4()})
    assert short.status_code == 422
    assert 'value="88.5"' in short.content.decode()
    whole = half | {"mark-art": "70", "key": uuid4()}
    assert client.post(url("sheet_submit", mine.pk), whole).status_code == 302
    assert StepSheet.objects.get(pk=mine.pk).body == {"use": "88.5", "art": "70"}
    again = client.post(url("sheet_submit", mine.pk), whole | {"mark-art": "10", "key": uuid4()})
    assert again.status_code == 409


def test_the_end_of_a_step_does_not_tell_reviewers_who_is_cut(begun, city):
    of, rows = begun(PANEL, BALLOT, n=3)
    for row, value in zip(rows, ("90", "80", "70"), strict=True):
        sheet = asked(of, row, city.expert, city)
        reviewing.submit_sheet(sheet.pk, {"use": value, "art": value}, by=city.expert, key=uuid4())
    before = city.client("expert").get(url("sheets")).content.decode()
    reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4())
    after = city.client("expert").get(url("sheets")).content.decode()
    assert [row.unit.name in before for row in rows] == [row.unit.name in after for row in rows]
    assert Application.objects.get(pk=rows[2].pk).step == 0


def test_who_did_not_vote_cannot_vote_after_the_count(begun, city):
    of, (first, _second) = begun(BALLOT | {"quorum": "0.34", "experts": 3})
    reviewing.draw(of.pk, 0, by=city.officer, key=uuid4())
    for row in (first, _second):
        late, *others = StepSheet.objects.filter(application=row).select_related("reviewer")
        for sheet in others:
            reviewing.submit_sheet(sheet.pk, {"vote": "against"}, by=sheet.reviewer, key=uuid4())
    assert reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4()) == 0
    answer = city.client(late.reviewer).post(url("sheet_submit", late.pk), {"vote": "for", "sure": "1", "key": uuid4()})
    assert answer.status_code == 409
    assert city.client("officer").post(url("review", of.pk), {"key": uuid4()}).status_code == 409


def test_a_vote_is_repeated_once_and_then_shown_to_nobody(begun, city):
    of, (first, _second) = begun(BALLOT)
    mine, client = asked(of, first, city.expert, city), city.client("expert")
    assert "无记名" in client.get(url("sheet", mine.pk)).content.decode()
    asked_again = client.post(url("sheet_submit", mine.pk), {"vote": "against", "key": uuid4()})
    assert "确认您的一票" in asked_again.content.decode()
    assert StepSheet.objects.get(pk=mine.pk).state == SheetState.OPEN
    client.post(url("sheet_submit", mine.pk), {"vote": "against", "sure": "1", "key": uuid4()})
    assert StepSheet.objects.get(pk=mine.pk).state == SheetState.SUBMITTED
    assert "反对" not in client.get(url("sheet", mine.pk)).content.decode()
    assert city.client("officer").get(url("sheet", mine.pk)).status_code == 404


def test_a_checklist_takes_photographs_each_once(begun, city):
    of, (first, _second) = begun(CHECKLIST)
    mine, client, key = asked(of, first, city.officer, city), city.client("officer"), uuid4()
    said = {"item-door": "rectify", "text-door": "门锁坏了，要换", "item-sign": "pass"}
    assert client.post(url("sheet_submit", mine.pk), said | {"key": uuid4()}).status_code == 422
    for _ in range(2):
        client.post(url("sheet_photograph", mine.pk), {"key": key, "photograph": picture()})
    (kept,) = StepSheet.objects.get(pk=mine.pk).photographs.all()
    assert read(client.get(url("photograph", mine.pk, kept.pk))) == 200
    assert city.client("expert").get(url("photograph", mine.pk, kept.pk)).status_code == 404
    assert client.get(url("photograph", mine.pk, kept.pk + 1)).status_code == 404
    assert client.post(url("sheet_submit", mine.pk), said | {"key": uuid4()}).status_code == 302
    assert StepSheet.objects.get(pk=mine.pk).verdict is False
    assert Decision.objects.filter(act="photograph_step").count() == 1


def test_an_officer_says_why_it_does_not_pass(begun, city):
    of, (first, _second) = begun(DESK)
    mine, client = asked(of, first, city.officer, city), city.client("officer")
    assert client.post(url("sheet_submit", mine.pk), {"verdict": "fail", "key": uuid4()}).status_code == 422
    said = {"verdict": "fail", "note": "预算没有依据", "key": uuid4()}
    assert client.post(url("sheet_submit", mine.pk), said).status_code == 302
    assert "预算没有依据" in client.get(url("sheet", mine.pk)).content.decode()


def test_reviewers_read_what_is_open_to_them_alone(begun, city):
    form = [
        {"key": "project", "type": "text", "length": 40, "label": {"zh": "项目名称", "en": "Project"}},
        {"key": "staff", "label": {"zh": "职工人数", "en": "Staff"}, "unit": {"zh": "人", "en": "people"}},
        {"key": "asked", "type": "money", "visible": "staff", "label": {"zh": "申请金额", "en": "Sum"}},
        {"key": "kind", "type": "choice", "label": {"zh": "类别", "en": "Kind"},
         "options": [{"key": "skill", "label": {"zh": "技能", "en": "Skill"}}]},
        {"key": "term", "type": "period", "label": {"zh": "起止", "en": "Term"}},
        {"key": "scan", "type": "file", "required": False, "label": {"zh": "附件", "en": "File"}},
        {"key": "secret", "type": "file", "required": False, "visible": "sealed", "label": {"zh": "密件", "en": "Secret"}},
    ]  # fmt: skip
    of, (first, second) = begun(PANEL, form=form)
    mine = asked(of, first, city.expert, city)
    pieces = {
        name: Evidence.objects.create(
            application=row, indicator=key, title=name,
            attachment=store(calling.upload(), by=city.officer, subject=row.subject),
        )
        for name, row, key in (("方案.pdf", first, "scan"), ("底价.pdf", first, "secret"), ("别家.pdf", second, "scan"))
    }  # fmt: skip
    page = city.client("expert").get(url("sheet", mine.pk)).content.decode()
    assert "焊接机器人改造" in page
    assert "2024-01-01 – 2024-12-31" in page
    assert "80,000" not in page
    assert "8 万" not in page
    assert "方案.pdf" in page
    assert "底价.pdf" not in page
    answers = {name: read(city.client("expert").get(url("evidence", one.pk))) for name, one in pieces.items()}
    assert answers == {"方案.pdf": 200, "底价.pdf": 404, "别家.pdf": 404}


def test_the_workbench_says_how_many_wait(begun, city):
    of, rows = begun(PANEL)
    for row in rows:
        asked(of, row, city.expert, city)
    assert "请您评审 2 件：评审会" in city.client("expert").get(reverse("web:workbench")).content.decode()


def test_the_officer_leads_a_review_to_its_end(begun, city):
    of, (first, second) = begun(PANEL, BALLOT)
    client = city.client("officer")
    assert "没有安排评审人" in client.get(url("steps", of.pk)).content.decode()
    assert client.post(url("step_draw", of.pk, 0), {"key": uuid4()}).status_code == 302
    page = client.get(url("steps", of.pk)).content.decode()
    assert of.draws.get().seed in page
    assert "还有 2 份评审表没有提交" in page
    assert client.post(url("step_remind", of.pk, 0), {"key": uuid4()}).status_code == 302
    for row, value in ((first, "70"), (second, "90")):
        sheet = StepSheet.objects.get(application=row)
        reviewing.submit_sheet(sheet.pk, {"use": value, "art": value}, by=sheet.reviewer, key=uuid4())
    page = client.get(url("steps", of.pk)).content.decode()
    assert "2 件里 1 件进入下一步" in page
    client.post(url("step_close", of.pk, 0), {"key": uuid4()})
    assert [Application.objects.get(pk=row.pk).step for row in (first, second)] == [0, 1]
    assert client.post(url("step_close", of.pk, 0), {"key": uuid4()}).status_code == 409
    sheet = asked(of, second, city.expert, city, 1)
    reviewing.submit_sheet(sheet.pk, {"vote": "for"}, by=city.expert, key=uuid4())
    assert "赞成" not in client.get(url("steps", of.pk)).content.decode()
    client.post(url("step_close", of.pk, 1), {"key": uuid4()})
    assert "赞成 1，反对 0" in client.get(url("steps", of.pk)).content.decode()
    assert client.post(url("propose", of.pk), {"key": uuid4()}).status_code == 302


def test_nobody_but_who_runs_the_round_sees_its_steps(begun, city):
    of, (first, _second) = begun(PANEL)
    mine = asked(of, first, city.expert, city)
    for who, status in (("expert", 404), ("unit_officer", 403), ("leader", 403), ("auditor", 403)):
        assert city.client(who).get(url("steps", of.pk)).status_code == status
        said = {"user": city.experts[1].pk, "reason": "本人请病假", "key": uuid4()}
        assert city.client(who).post(url("sheet_replace", mine.pk), said).status_code == status


def test_an_external_result_is_entered_before_the_step_ends_and_not_after(begun, city):
    step = {"key": "court", "label": {"zh": "上级评定", "en": "Above"}, "method": "external"}
    of, rows = begun(step)
    client = city.client("officer")
    said = {"number": "包工发〔2024〕8号", "dated": "2024-09-01"}
    for row, passed in zip(rows, ("1", "0"), strict=True):
        client.post(url("external", row.pk), said | {"passed": passed, "key": uuid4()})
    assert client.post(url("propose", of.pk), {"key": uuid4()}).status_code == 409
    client.post(url("step_close", of.pk, 0), {"key": uuid4()})
    again = client.post(url("external", rows[1].pk), said | {"passed": "1", "key": uuid4()})
    assert again.status_code == 409
    assert [Application.objects.get(pk=row.pk).step for row in rows] == [1, 0]


@pytest.fixture
def decided(begun, city):
    """Two judged by a panel, one seat, decided and not released."""
    of, rows = begun(PANEL | {"cut": {}}, selection=SEATS, public_notice=False)
    for row, value in zip(rows, ("70", "90"), strict=True):
        sheet = asked(of, row, city.expert, city)
        reviewing.submit_sheet(sheet.pk, {"use": value, "art": value}, by=city.expert, key=uuid4())
    reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4())
    rounds.propose_result(of.pk, by=city.officer, key=uuid4())
    return of, rows


def test_the_leader_decides_on_classes_and_sums(decided, city):
    of, _rows = decided
    page = city.client("leader").get(url("decide", of.pk)).content.decode()
    assert "一等" in page
    assert "入选 1 家，共 2 万元。" in page
    assert city.client("leader").post(url("decide", of.pk), {"key": uuid4()}).status_code == 302
    assert "入选 1 家，共 2 万元。" in city.client("officer").get(url("release", of.pk)).content.decode()


def test_nothing_tells_the_units_apart_before_the_release(decided, city):
    of, rows = decided
    rounds.decide(of.pk, by=city.leader, key=uuid4())

    def seen(n):
        pages = [url("application", rows[n].pk), url("page", of.pk), url("applications", of.pk), url("records", of.pk)]
        client = city.client(city.unit_officers[n])
        return [client.get(page).content.decode().split("<main")[1] for page in pages]

    words, first, second = ("未入选", "拟命名", "一等", "入选", "评审中"), seen(0), seen(1)
    assert [[page.count(word) for word in words] for page in first] == [
        [page.count(word) for word in words] for page in second
    ]
    for page in (first[0], first[1], first[3]):  # The list offers every state as a filter.
        assert not [word for word in words[:4] if word in page]


def test_without_a_public_notice_it_is_conferred_after_the_release(decided, city):
    of, rows = decided
    client = city.client("officer")
    rounds.decide(of.pk, by=city.leader, key=uuid4())
    assert client.post(url("confer", of.pk), {"key": uuid4()}).status_code == 409
    rounds.release(of.pk, by=city.officer, key=uuid4())
    assert client.post(url("publish", of.pk), {"key": uuid4()}).status_code == 409
    assert client.post(url("confer", of.pk), {"key": uuid4()}).status_code == 302
    assert [Application.objects.get(pk=row.pk).state for row in rows] == ["not_selected", "conferred"]
    of.refresh_from_db()
    assert of.state == "finished"
