"""A round of the small city, led through its moves to where a test begins."""

import pytest


@pytest.fixture
def order(city):
    """The tests' own domain, registered."""
    from tests.foundation.programmes import rounding

    with rounding.domain():
        yield rounding


@pytest.fixture
def of(city, order, tmp_path):
    """A planned round."""
    return order.planned(city, tmp_path)


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
