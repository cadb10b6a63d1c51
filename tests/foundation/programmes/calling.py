"""A call that units answer: two levels above the draft, a notice with its proof at the unit, a ranking at the district."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.programmes.models import Application, Programme, Round
from guildhall.foundation.programmes.moves import applying, endorsing, rounds
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.moves.rounds import Dates

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SOURCE = """
programme: subsidy
name: {zh: 项目补助, en: Project subsidy}
policy: 《项目补助办法》
subject: units
stages:
  - {zh: 申报, en: Apply}
  - {zh: 评审, en: Review}
  - {zh: 公示, en: Notice}
confer: programmes.entry
setup:
  entry: applied
  form:
    - {key: project, type: text, length: 40, label: {zh: 项目名称, en: Project}}
    - {key: staff, label: {zh: 职工人数, en: Staff}, unit: {zh: 人, en: people}, prefill: unit.headcount}
    - {key: asked, type: money, label: {zh: 申请金额, en: Sum asked for}}
    - {key: kind, type: choice, label: {zh: 类别, en: Kind}, options: [{key: skill, label: {zh: 技能, en: Skill}}, {key: safety, label: {zh: 安全, en: Safety}}]}
    - {key: term, type: period, label: {zh: 起止, en: Term}}
    - {key: items, type: table, required: false, label: {zh: 明细, en: Items}, columns: [{key: item, label: {zh: 项目, en: Item}}, {key: sum, type: money, label: {zh: 金额, en: Sum}}]}
    - {key: remark, type: long, required: false, label: {zh: 说明, en: Remark}}
  levels:
    - {at: unit, days: 5, resolution: true, notice: {days: 5}}
    - {at: district_or_industry, days: 5, rank: true, quota: 2}
  review:
    - {key: desk, label: {zh: 审核, en: Desk review}, method: officer}
  selection: {kind: each}
  notice: {days: 5}
"""
FACTS: dict[str, Any] = {
    "project": "焊接机器人改造", "staff": "120", "asked": "80000", "kind": "skill", "term": ["2024-01-01", "2024-12-31"],
}  # fmt: skip


def upload(name: str = "决议.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


def programme(tmp_path: Any, **setup: Any) -> Programme:
    """The call's programme, its set-up changed where a test says."""
    file = yaml.safe_load(SOURCE)
    file["setup"] |= setup
    path = tmp_path / "subsidy.yaml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    return load_programme(path)


def dates() -> Dates:
    """Open from today for ten days."""
    day = clock.today()
    at = datetime.combine(day, datetime.min.time(), clock.now().tzinfo)
    return Dates(
        opens_on=day, closes_on=day + timedelta(days=10), scoring_opens_at=at + timedelta(days=30),
        scoring_closes_at=at + timedelta(days=40), notice_on=day + timedelta(days=50),
    )  # fmt: skip


def called(city: Any, tmp_path: Any, year: int | None = None, **setup: Any) -> Round:
    """An open round that every unit may apply to."""
    of = rounds.plan_round(
        programme(tmp_path, **setup),
        year=year or clock.today().year,
        title="项目补助",
        dates=dates(),
        by=city.officer,
        key=uuid4(),
    )
    return rounds.open_round(of.pk, Unit.objects.all(), by=city.officer, key=uuid4())


def submitted(of: Round, unit: Unit, by: User) -> Application:
    """A unit's whole application, submitted."""
    draft = applying.start(of.pk, unit.pk, FACTS, by=by, key=uuid4())
    return applying.submit(draft.pk, by=by, key=uuid4())


def noticed(application: Application, by: User) -> None:
    """Put up at its level and proven; the days are still to run."""
    endorsing.announce(application.pk, starts_on=clock.today(), place="厂务公开栏", by=by, key=uuid4())
    endorsing.prove(application.pk, upload=upload("公示照片.pdf"), by=by, key=uuid4())


def endorsed(application: Application, by: User) -> Application:
    """Endorsed by its unit with a resolution."""
    said = {"text": "职代会通过，同意申报。", "resolved_on": clock.today(), "resolution": upload()}
    return endorsing.endorse(application.pk, by=by, key=uuid4(), **said)
