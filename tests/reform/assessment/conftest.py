"""A round of twelve units, led through its moves to where a test begins. `town.py` needs Django ready, so it is met late."""

import pytest


@pytest.fixture
def town(db):
    """The units and offices, and a round that is planned."""
    from tests.reform.assessment import town as making

    return making.planned(making.found())


@pytest.fixture
def reviewing(town):
    """Accepted and under review; nothing is drawn."""
    from tests.reform.assessment import town as making

    return making.reviewing(town)


@pytest.fixture
def drawn(reviewing):
    """Groups dealt, scoring not started."""
    from tests.reform.assessment import town as making

    return making.drawn(reviewing)


@pytest.fixture
def scoring(drawn):
    """The sheets are open and empty."""
    from tests.reform.assessment import town as making

    return making.scoring_on(drawn)


@pytest.fixture
def scored(scoring):
    """Every sheet is submitted."""
    from tests.reform.assessment import town as making

    return making.scored(scoring)


@pytest.fixture
def computed(scored):
    """Computed, seen by those who run the round alone."""
    from tests.reform.assessment import town as making

    return making.computed(scored)


@pytest.fixture
def released(computed):
    """Every unit sees its own result."""
    from tests.reform.assessment import town as making

    return making.released(computed)


@pytest.fixture
def as_user():
    """`as_user(user)` is a signed-in client."""
    from django.test import Client

    def sign_in(user=None):
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
