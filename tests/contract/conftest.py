"""The city with affairs in it, built once a file; each test's writes are rolled back."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker) -> Iterator[object]:
    """`tests.contract.affairs`, in one transaction for the whole file."""
    from django.db import transaction
    from django.test import override_settings

    from guildhall.foundation.clock.models import forget

    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        from tests.contract.affairs import arrange

        yield arrange()
        transaction.set_rollback(True)
    forget()


@pytest.fixture
def affairs(standing) -> Iterator[object]:
    """The same to one test, which leaves nothing behind."""
    from django.db import transaction

    from guildhall.foundation.clock.models import forget

    forget()
    with transaction.atomic():
        yield standing
        transaction.set_rollback(True)
    forget()
