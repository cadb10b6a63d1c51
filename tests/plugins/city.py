"""The small city; see `tests.city`, which needs Django ready."""

import pytest


@pytest.fixture
def city(db):
    """The small city, in this test's transaction."""
    from tests.city import ready

    return ready()
