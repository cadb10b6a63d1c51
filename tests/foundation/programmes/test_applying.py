"""Applying, and the levels: nothing is lost on the way up, and each acts in its turn alone."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import Application, Endorsement, Snapshot
from guildhall.foundation.programmes.moves import applications, applying, endorsing, ranking
from guildhall.foundation.programmes.rules.form import FormIncomplete
from guildhall.foundation.programmes.rules.levels import CHECK, LevelLate, NoticeMissing, QuotaSpent, RankFirst
from guildhall.foundation.programmes.states import State
from tests.foundation.programmes import calling

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(city, tmp_path, forward):
    """Called for in the autumn of 2024, across National Day."""
    forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    return calling.called(city, tmp_path)


def up_to_district(of, city, forward, n=0):
    """A unit's application that waits for its district."""
    chair = city.unit_officers[n]
    sent = calling.submitted(of, city.units[n], chair)
    calling.noticed(sent, chair)
    forward(clock.now() + timedelta(days=9))
    return calling.endorsed(sent, chair)


def test_an_application_climbs_from_the_draft_to_the_check(of, city, forward):
    waiting = up_to_district(of, city, forward)
    assert (waiting.state, waiting.level) == (State.AWAITING, 1)
    listed = ranking.rank(
        of.pk, 1, city.kundulun.pk, [waiting.pk], texts={waiting.pk: "同意推荐"}, by=city.district, key=uuid4()
    )
    assert listed.order == [waiting.pk]
    checked = Application.objects.get(pk=waiting.pk)
    assert (checked.state, checked.level, checked.due_at) == (State.CHECKING, CHECK, None)
    assert Endorsement.objects.get(application=waiting, level=1).rank == 1
    assert Message.objects.filter(to=city.district).exists()
    applications.accept(waiting.pk, by=city.officer, key=uuid4())
    assert Application.objects.get(pk=waiting.pk).state == State.REVIEWING


def test_a_draft_is_submitted_whole_or_not_at_all(of, city):
    draft = applying.start(of.pk, city.unit.pk, {"project": "改造"}, by=city.unit_officer, key=uuid4())
    with pytest.raises(FormIncomplete) as caught:
        applying.submit(draft.pk, by=city.unit_officer, key=uuid4())
    assert "申请金额" in str(caught.value)
    draft.refresh_from_db()
    assert (draft.state, draft.submissions) == (State.DRAFT, 0)
    assert not Snapshot.objects.exists()


def test_two_returns_lose_nothing_and_come_back_to_who_returned_it(of, city, forward):
    waiting = up_to_district(of, city, forward)
    for n, project in ((1, "改一"), (2, "改二")):
        endorsing.send_back(
            waiting.pk, text="项目名称太长", places=["project"], due_on=clock.today() + timedelta(days=2),
            by=city.district, key=uuid4(),
        )  # fmt: skip
        applying.save_draft(waiting.pk, {"project": project}, base=n, by=city.unit_officer)
        back = applying.resubmit(waiting.pk, by=city.unit_officer, key=uuid4())
        assert (back.state, back.level, back.submissions) == (State.AWAITING, 1, n + 1)
    kept = [row.body["facts"]["project"] for row in Snapshot.objects.filter(application=waiting).order_by("id")]
    assert kept == ["焊接机器人改造", "改一", "改二"]
    assert Endorsement.objects.filter(application=waiting, act="return").count() == 2


def test_a_level_needs_its_notice_its_proof_and_its_resolution(of, city, forward):
    chair = city.unit_officer
    sent = calling.submitted(of, city.unit, chair)
    for _ in range(2):
        with pytest.raises(NoticeMissing):
            calling.endorsed(sent, chair)
        if not sent.level_notices.exists():
            calling.noticed(sent, chair)
    with pytest.raises(NoRight):
        calling.endorsed(sent, city.district)
    with pytest.raises(NotHere):
        calling.endorsed(sent, city.next_district)


def test_a_ranking_level_ranks_within_its_quota_and_its_time(of, city, forward):
    rows = [up_to_district(of, city, forward, 0)]
    rows += [Application.objects.create(
        round=of, unit=city.units[n], union=city.units[n].union, state=State.AWAITING, level=1, facts=calling.FACTS,
        submissions=1, submitted_at=clock.now(), due_at=rows[0].due_at,
    ) for n in (1, 2)]  # fmt: skip
    texts = {row.pk: "同意" for row in rows} | {rows[0].pk: "同意推荐"}
    with pytest.raises(RankFirst):
        endorsing.endorse(rows[0].pk, text="同意", by=city.district, key=uuid4())
    texts = {row.pk: "同意推荐" for row in rows}
    with pytest.raises(QuotaSpent):
        ranking.rank(of.pk, 1, city.kundulun.pk, [row.pk for row in rows], texts=texts, by=city.district, key=uuid4())
    with pytest.raises(NoRight):
        ranking.rank(of.pk, 1, city.kundulun.pk, [rows[0].pk], texts=texts, by=city.next_district, key=uuid4())
    assert not Endorsement.objects.filter(level=1).exists()
    ranking.rank(of.pk, 1, city.kundulun.pk, [rows[1].pk], texts=texts, by=city.district, key=uuid4())
    forward(clock.now() + timedelta(days=60))
    with pytest.raises(LevelLate):
        ranking.rank(of.pk, 1, city.kundulun.pk, [rows[0].pk], texts=texts, by=city.district, key=uuid4())


def test_recall_until_a_level_has_acted(of, city):
    sent = calling.submitted(of, city.unit, city.unit_officer)
    back = applying.recall(sent.pk, by=city.unit_officer, key=uuid4())
    assert back.state == State.DRAFT
    again = applying.submit(sent.pk, by=city.unit_officer, key=uuid4())
    assert again.submissions == 2
    endorsing.decline(sent.pk, text="今年不推荐了", by=city.unit_officer, key=uuid4())
    with pytest.raises(OutOfStep):
        applying.recall(sent.pk, by=city.unit_officer, key=uuid4())
