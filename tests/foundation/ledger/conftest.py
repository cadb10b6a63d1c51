"""Five accounts: a source without a floor, two that may not go below zero, one with credit, one closed."""

from uuid import uuid4

import pytest
from django.db import transaction

from guildhall.foundation.ledger.models import Account
from guildhall.foundation.ledger.moves import Opening, open_accounts
from guildhall.foundation.ledger.rules import NO_FLOOR
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.records.moves import CLOCK, record

FLOORS = {"source": NO_FLOOR, "first": 0, "second": 0, "credit": -50, "closed": 0}


@pytest.fixture
def accounts(db) -> dict[str, Account]:
    openings = [Opening(kind=AccountKind.FUND, owner=name, name=name, floor=floor) for name, floor in FLOORS.items()]
    opened = dict(zip(FLOORS, open_accounts(openings, by=CLOCK, key=uuid4()), strict=True))
    Account.objects.filter(owner="closed").update(closed=True)
    return opened


@pytest.fixture
def decision(db):
    with transaction.atomic():
        return record("test", stream="test", subject="test", by=CLOCK)
