"""The small city; see `tests.city`, which needs Django ready."""

import pytest


@pytest.fixture
def city(db):
    """The small city, in this test's transaction."""
    from tests.city import ready

    return ready()


@pytest.fixture
def forward(settings):
    """`forward(to)` sets the time of business forward for the rest of the test."""
    from django.utils import timezone

    from guildhall.foundation.clock import models

    def set_to(to):
        settings.DEMO = True
        models.BusinessTime.objects.update_or_create(only=True, defaults={"offset": to - timezone.now()})
        models.forget()

    yield set_to
    models.forget()
    models._Offset.value = models.timedelta()
