"""Five accounts: a source without a floor, two that may not go below zero, one with credit, one closed.

Imports wait for the fixtures: this file may be read before Django is set up.
"""

from uuid import uuid4

import pytest

FLOORS = {"source": -(10**18), "first": 0, "second": 0, "credit": -50, "closed": 0}


@pytest.fixture
def accounts(db):
    from guildhall.foundation.ledger.models import Account
    from guildhall.foundation.ledger.moves import Opening, open_accounts
    from guildhall.foundation.ledger.states import AccountKind
    from guildhall.foundation.records.moves import CLOCK

    openings = [Opening(kind=AccountKind.FUND, owner=name, name=name, floor=floor) for name, floor in FLOORS.items()]
    opened = dict(zip(FLOORS, open_accounts(openings, by=CLOCK, key=uuid4()), strict=True))
    Account.objects.filter(owner="closed").update(closed=True)
    return opened


@pytest.fixture
def decision(db):
    from django.db import transaction

    from guildhall.foundation.records.moves import CLOCK, record

    with transaction.atomic():
        return record("test", stream="test", subject="test", by=CLOCK)
