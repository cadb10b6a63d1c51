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
