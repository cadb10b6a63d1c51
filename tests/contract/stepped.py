"""A round reviewed step by step, beside the affairs: one application of 九原, one expert's sheet."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Round, StepSheet
from guildhall.foundation.programmes.moves import applications, reviewing, rounds
from tests.foundation.programmes import calling

PANEL = {
    "key": "panel", "label": {"zh": "评审会", "en": "Panel"}, "method": "panel", "weight": 1, "experts": 1,
    "criteria": [{"key": "use", "label": {"zh": "效益", "en": "Use"}, "points": 100}],
}  # fmt: skip


def stepwise(affairs: Any) -> None:
    """`rounds["steps"]`, the sheet as `things["asked"]`, its application as `things["stepped"]`."""
    city, officer = affairs.city, User.objects.get(pk=affairs.city.officer.pk)
    with TemporaryDirectory() as folder:
        of = calling.called(city, Path(folder), levels=[], review=[PANEL], selection={"kind": "each"})
    row = calling.submitted(of, city.units[6], User.objects.get(pk=city.unit_officers[6].pk))
    applications.accept(row.pk, by=officer, key=uuid4())
    rounds.close_round(of.pk, by=officer, key=uuid4())
    rounds.start_review(of.pk, by=officer, key=uuid4())
    reviewing.assign(of.pk, 0, {row.pk: [affairs.people["expert"].pk]}, by=officer, key=uuid4())
    asked = StepSheet.objects.get(application=row)
    asked.photographs.add(affairs.evidence.attachment)
    affairs.rounds["steps"] = Round.objects.get(pk=of.pk)
    affairs.things |= {"asked": asked, "stepped": row}
