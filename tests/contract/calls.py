"""Calls that units answer: one round for each place where an application may stand."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Pending, Round
from guildhall.foundation.programmes.moves import applying, endorsing
from tests.city import City
from tests.foundation.programmes import calling

DISTRICT = {"at": "district_or_industry", "days": 5}
CALLS: dict[str, list[dict[str, Any]]] = {
    "draft": [DISTRICT], "sent": [{"at": "unit", "days": 20, "notice": {"days": 5}}], "district": [DISTRICT],
    "noticed": [{"at": "unit", "days": 20, "notice": {"days": 5}}], "pending": [DISTRICT | {"countersign": True}],
    "ranking": [DISTRICT | {"rank": True, "quota": 3}], "returned": [DISTRICT],
    "resolved": [{"at": "unit", "days": 5, "resolution": True}, DISTRICT],
}  # fmt: skip


def called_for(city: City, things: dict[str, Any]) -> dict[str, Round]:
    """The rounds by name; what else an address points at goes into `things`."""
    chair, found = User.objects.get(pk=city.unit_officer.pk), {}
    with TemporaryDirectory() as folder:
        for year, (name, levels) in enumerate(CALLS.items(), 2060):
            of = found[name] = calling.called(city, Path(folder), year, levels=levels)
            if name == "draft":
                applying.start(of.pk, city.unit.pk, calling.FACTS, by=chair, key=uuid4())
                continue
            sent = calling.submitted(of, city.unit, chair)
            if name == "noticed":
                calling.noticed(sent, chair)
                things["level notice"] = sent.level_notices.get()
            elif name == "pending":
                Pending.objects.create(
                    application=sent, body={"text": "同意推荐", "resolved_on": None}, by=city.officer, at=clock.now()
                )
            elif name == "returned":
                due = clock.today() + timedelta(days=2)
                said = {"text": "名称写具体些", "places": ["project"], "due_on": due}
                endorsing.send_back(sent.pk, by=User.objects.get(pk=city.district.pk), key=uuid4(), **said)
            elif name == "resolved":
                calling.endorsed(sent, chair)
                things["resolution"] = sent.endorsements.get()
    return found
