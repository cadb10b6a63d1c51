"""The officers' and the units' pages: each opens for whom it is, acts by POST, and says what happens next."""

import hashlib
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import applications, notices, objections
from guildhall.foundation.records.rules import sm3
from guildhall.reform.assessment.models import Conflict, Mark, Result, Review, Sheet
from guildhall.reform.assessment.states import ConflictState, SheetState, StepState
from guildhall.science.published import assess
from tests.reform.assessment.town import LEAVES, mark, undisputed

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"assessment:{name}", args=args)


def keyed(**fields):
    return {"key": str(uuid4()), **fields}


OFFICER_PAGES = ("conflicts", "conflict_list", "derived", "drawing", "progress", "freezing", "results")


@pytest.mark.parametrize("state", ["reviewing", "drawn", "scoring", "scored", "computed"])
def test_an_officers_pages_open_in_every_state(request, as_user, state):
    town = request.getfixturevalue(state)
    officer = as_user(town.officer)
    for name in OFFICER_PAGES:
        assert officer.get(url(name, town.round.pk)).status_code == 200, name


def test_nobody_else_opens_them(computed, as_user):
    for name in (*OFFICER_PAGES, "analysis", "groups"):
        for who in ("主席0", "沈怀山", "审计", "财务", "区干部"):
            assert as_user(computed.who(who)).get(url(name, computed.round.pk)).status_code in (403, 404)
        for who in ("互评人0", "专家0"):
            assert as_user(computed.who(who)).get(url(name, computed.round.pk)).status_code == 404
        assert as_user(None).get(url(name, computed.round.pk)).status_code == 302


def test_a_unit_declares_and_the_officer_answers_and_pins(reviewing, as_user):
    pk, chair = reviewing.round.pk, as_user(reviewing.unit_officer(0))
    page = chair.get(url("declarations", pk), {"q": "云鹿"})
    assert "云鹿稀土永磁" in page.text
    sent = keyed(other=reviewing.units[8].pk, reason="正在打合同官司")
    for _ in range(2):
        assert chair.post(url("declarations", pk), sent).status_code == 302
    conflict = Conflict.objects.get()
    officer = as_user(reviewing.officer)
    assert "正在打合同官司" in officer.get(url("conflicts", pk)).text
    assert officer.post(url("answer", conflict.pk), keyed(approve="1")).status_code == 302
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.APPROVED
    pinned = keyed(first=reviewing.units[2].pk, second=reviewing.units[5].pk, apart="0", reason="上级指定交流对子")
    assert officer.post(url("pin", pk), pinned).status_code == 302
    pin = Conflict.objects.get(kind="pinned_together")
    assert officer.post(url("unpin", pin.pk), keyed()).status_code == 302
    assert Conflict.objects.count() == 1
    assert (
        officer.post(
            url("pin", pk), keyed(first=reviewing.units[2].pk, second=10**9, apart="1", reason="随便写的理由")
        ).status_code
        == 404
    )


def test_a_unit_that_left_reads_so_where_it_would_declare(reviewing, as_user):
    row = reviewing.round.applications.get(unit=reviewing.units[0])
    applications.withdraw(row.pk, reason="单位合并注销", by=reviewing.officer, key=uuid4())
    page = as_user(reviewing.unit_officer(0)).get(url("declarations", reviewing.round.pk)).text
    assert "<p>已退出</p>" in page
    assert "交市总审" not in page


def test_the_preview_names_what_makes_it_infeasible(reviewing, as_user):
    from guildhall.reform.assessment.moves.conflicts import pin

    for n in range(1, 12):
        pin(reviewing.round.pk, reviewing.units[0].pk, reviewing.units[n].pk, apart=True, reason="全部都要回避",
            by=reviewing.officer, key=uuid4())  # fmt: skip
    page = as_user(reviewing.officer).get(url("drawing", reviewing.round.pk))
    assert "可评对象不足" in page.text
    assert reviewing.units[0].name in page.text
    assert "分组排号</button>" not in page.text


def test_groups_are_drawn_recalled_and_started_on_screen(reviewing, as_user):
    officer, pk = as_user(undisputed(reviewing).officer), reviewing.round.pk
    assert "专家0" in officer.get(url("drawing", pk)).text
    assert officer.post(url("draw", pk), keyed(), follow=True).status_code == 200
    assert reviewing.step.seed_digest in officer.get(url("drawing", pk)).text
    assert reviewing.step.seed not in officer.get(url("drawing", pk)).text
    assert officer.get(url("groups", pk)).status_code == 200
    officer.post(url("recall", pk), keyed())
    assert reviewing.step.state == StepState.PLANNED
    officer.post(url("draw", pk), keyed())
    assert officer.post(url("start", pk), keyed()).status_code == 302
    assert reviewing.step.state == StepState.SCORING


def test_an_experts_employer_in_the_round_leaves_him_out_and_the_page_says_so(reviewing, as_user):
    person = reviewing.who("专家0").person
    person.employer = reviewing.units[3]
    person.save()
    page = as_user(reviewing.officer).get(url("drawing", reviewing.round.pk)).text
    assert "不参加：在本批次单位任职" in page
    assert page.index("不参加") < page.index("专家0")


def test_scoring_works_as_plain_forms(scoring, as_user):
    sheet = scoring.sheet(0)
    by = as_user(scoring.assessor(0))
    assert by.get(url("sheets")).url == url("sheet", sheet.pk)
    review = sheet.reviews.order_by("position").first()
    keep, first = url("keep", sheet.pk, review.pk), LEAVES[0]
    bad = by.post(keep, {"item": first, "value": "101", "reason": ""})
    assert bad.status_code == 422
    assert "0 到 100 的整数" in bad.text
    short = by.post(keep, {"item": first, "value": "40", "reason": "太差"})
    assert short.status_code == 422
    assert "还差理由" in short.text
    good = by.post(
        keep,
        {"item": first, "value": "40", "reason": "没有方案，也没有人负责这件事", "version": short.context["version"]},
    )
    assert good.url.endswith(f"?item={LEAVES[1]}")
    stale = by.post(keep, {"item": first, "value": "55", "reason": "另一台设备写的理由够长", "version": "0"})
    assert stale.status_code == 409
    assert "另一台设备：40 分" in stale.text
    left = by.post(url("submit", sheet.pk), keyed())
    assert left.status_code == 422
    assert review.entrant.application.unit.name in left.text
    mark(scoring, sheet)
    assert "提交这 3 家的评分" in by.get(url("check", sheet.pk)).text
    sent = keyed()
    for _ in range(2):
        assert by.post(url("submit", sheet.pk), sent, follow=True).status_code == 200
    assert Sheet.objects.get(pk=sheet.pk).state == SheetState.SUBMITTED
    assert by.get(url("score", sheet.pk, review.pk)).url == url("check", sheet.pk)
    assert "不能再改" in by.get(url("check", sheet.pk)).text


def test_the_draft_is_saved_as_it_is_typed_and_answers_what_the_other_device_did(scoring, as_user):
    sheet = scoring.sheet(0)
    review = sheet.reviews.order_by("position").first()
    by, save = as_user(scoring.assessor(0)), url("save", sheet.pk, review.pk)
    answer = by.post(save, {"item": "talks", "value": "81", "reason": "", "version": "0"}).json()
    assert answer["version"] == 1
    assert re.fullmatch(r"\d\d:\d\d", answer["at"])
    other = by.post(save, {"item": "talks", "value": "70", "reason": "", "version": "0"})
    assert other.status_code == 409
    assert other.json()["theirs"] == [81, ""]
    assert (
        by.post(save, {"item": "talks", "value": "7x", "reason": ""}).json()["code"] == "assessment.mark-out-of-range"
    )
    Round.objects.update(scoring_closes_at=clock.now() - timedelta(minutes=1))
    late = by.post(save, {"item": "talks", "value": "60", "reason": "", "version": "1"})
    assert late.json()["code"] == "assessment.scoring-closed"
    assert Mark.objects.get().value == 81


def test_materials_are_those_of_the_sheets_own_units(scoring, as_user):
    sheet, by = scoring.sheet(0), as_user(scoring.assessor(0))
    review = sheet.reviews.first()
    assert "量化分" in by.get(url("materials", sheet.pk, review.pk)).text
    foreign = Review.objects.exclude(sheet=sheet).first()
    assert by.get(url("materials", sheet.pk, foreign.pk)).status_code == 404
    assert by.get(url("materials", foreign.sheet_id, foreign.pk)).status_code == 404
    assert by.get(url("evidence", sheet.pk, review.pk, 1)).status_code == 404


def test_an_expert_sees_what_is_assigned_and_nothing_else(scoring, as_user):
    sheet = Sheet.objects.filter(kind="panel").first()
    by = as_user(scoring.marker(sheet))
    assert by.get(url("sheets")).url == url("sheet", sheet.pk)
    assert by.get(url("sheet", sheet.pk)).status_code == 200
    other = Sheet.objects.exclude(pk=sheet.pk).filter(kind="panel").first()
    for foreign in (other, scoring.sheet(0)):
        assert by.get(url("sheet", foreign.pk)).status_code == 404


def test_progress_counts_by_assessor_reminds_and_finds_a_substitute(scoring, as_user):
    officer, pk = as_user(scoring.officer), scoring.round.pk
    mark(scoring, scoring.sheet(0))
    page = officer.get(url("progress", pk), {"state": "full"}).text
    assert "找到 1 份" in page
    assert b"".join(officer.get(url("progress", pk), {"export": "xlsx"}))[:2] == b"PK"
    reminded = officer.post(url("remind", pk), {"pk": [scoring.sheet(1).pk]}, follow=True)
    assert "已提醒 2 人" in reminded.text
    assert officer.post(url("remind", pk), {"pk": [10**9]}).status_code == 404
    assert officer.post(url("remind", pk), {"pk": ["x"]}).status_code == 404
    to = officer.post(url("absent", pk), {"pk": [scoring.sheet(1).pk]})
    assert to.url == url("substitute", pk, scoring.entrant(1).pk)
    page = officer.get(to.url)
    for stand_in, _name in page.context["form"].fields["stand_in"].choices:
        sent = keyed(absent=scoring.entrant(1).pk, stand_in=stand_in, reason="互评人住院，替补出差")
        if officer.post(to.url, sent).status_code == 302:
            break
    assert Review.objects.filter(assigned_to=scoring.sheet(1)).exists()


def test_freezing_computing_and_the_list_of_results(scored, as_user):
    officer, pk = as_user(scored.officer), scored.round.pk
    assert officer.post(url("freezing", pk), keyed()).status_code == 302
    assert scored.step.file_digest in officer.get(url("freezing", pk)).text
    computed = officer.post(url("compute", pk), keyed(), follow=True)
    assert "12 家有了结果" in computed.text
    listed = officer.get(url("results", pk), {"sort": "-final", "tier": "0"})
    assert "找到 2 家" in listed.text
    assert b"".join(officer.get(url("results", pk), {"export": "xlsx"}))[:2] == b"PK"
    assert officer.get(url("analysis", pk)).status_code == 200


def test_a_units_page_adds_up_on_screen(released, as_user):
    from decimal import Decimal

    for n in range(12):
        result = Result.objects.get(application__unit=released.units[n])
        page = as_user(released.unit_officer(n)).get(url("result", released.round.pk, result.pk))
        assert page.status_code == 200
        for sum_ in re.findall(r'<div class="gh-sum gh-num">(.*?<div class="gh-total">.*?</div>)', page.text, re.S):
            signs = ["", *re.findall(r"<em>(.)</em>", sum_)[:-1]]
            values = [Decimal(value.replace(",", "")) for value in re.findall(r"<b>(.*?)</b>", sum_)]
            total = sum(-value if sign == "−" else value for sign, value in zip(signs, values[:-1], strict=True))
            assert total == values[-1]
        assert f"第 {result.rank} 名" in page.text
        assert "本单位打的分没有用在这里" in page.text


def test_every_result_opens_where_a_unit_has_left_and_only_results_are_counted(scored, as_user):
    officer, pk = as_user(scored.officer), scored.round.pk
    applications.withdraw(scored.entrant(3).application.pk, reason="单位合并注销", by=scored.officer, key=uuid4())
    officer.post(url("freezing", pk), keyed())
    assert "11 家有了结果" in officer.post(url("compute", pk), keyed(), follow=True).text
    for result in Result.objects.all():
        assert officer.get(url("result", pk, result.pk)).status_code == 200


def test_a_result_that_an_objection_took_away_promises_no_money(released, as_user):
    result = Result.objects.filter(tier=1).first()
    application, pk = result.application, released.round.pk
    notice = notices.publish(pk, by=released.officer, key=uuid4())
    raised = objections.file_objection(
        notice.pk, application_pk=application.pk, text="所报教育经费与实际支出不符，附审计报告。", name="一名职工",
        contact="见信封", by=None, key=uuid4(),
    )  # fmt: skip
    answer = "经核对凭证，所报教育经费确有不实，按办法不予通过。"
    objections.uphold(raised.pk, answer=answer, clause="第十四条", by=released.officer, key=uuid4())
    page = as_user(released.officer).get(url("result", pk, result.pk)).text
    assert "异议成立，不予通过" in page
    assert '<span class="gh-big gh-num gh-block">10,000' not in page


def test_the_public_page_offers_the_very_bytes_the_digest_covers(released, as_user):
    anyone, pk, step = as_user(None), released.round.pk, released.step
    assert anyone.get(url("public", pk)).status_code == 200
    file = anyone.get(url("file", pk)).content
    assert sm3(file) == step.file_digest
    outcome = anyone.get(url("outcome", pk)).content
    assert sm3(outcome) == step.outcome_digest
    assert assess(file.decode()) == outcome.decode()
    assert hashlib.sha256(file).hexdigest() == json.loads(outcome)["round"]
    for unit in released.units:
        assert unit.name not in file.decode()


def test_before_the_drawing_nothing_is_public_and_before_the_release_no_file(reviewing, as_user):
    anyone, pk = as_user(None), reviewing.round.pk
    for name in ("public", "file", "outcome"):
        assert anyone.get(url(name, pk)).status_code == 404
    as_user(reviewing.officer).post(url("draw", pk), keyed())
    page = anyone.get(url("public", pk))
    assert reviewing.step.seed_digest in page.text
    for unit in reviewing.units:
        assert unit.name not in page.text
    for name in ("file", "outcome"):
        assert anyone.get(url(name, pk)).status_code == 404


def test_the_auditor_gives_a_reason_for_each_look(drawn, as_user):
    auditor, pk = as_user(drawn.who("审计")), drawn.round.pk
    assert drawn.step.seed not in auditor.get(url("sealed", pk)).text
    assert auditor.post(url("sealed", pk), keyed(reason="")).status_code == 422
    seen = auditor.post(url("sealed", pk), keyed(reason="核对分组是否公正"))
    assert drawn.step.seed in seen.text
    assert "no-store" in seen["Cache-Control"]
    for who in (drawn.officer, drawn.who("沈怀山"), drawn.unit_officer(0)):
        assert as_user(who).post(url("sealed", pk), keyed(reason="想看看是谁评的")).status_code == 403
