"""A round of twelve units, led through its moves to where a test begins. `town.py` needs Django ready, so it is met late."""

import pytest


def stage(name, doc):
    """A fixture that gives the town at one stage."""

    @pytest.fixture(name=name)
    def given(db):
        from tests.reform.assessment.town import at

        return at(name)

    given.__doc__ = doc
    return given


reviewing = stage("reviewing", "Accepted and under review; nothing is drawn.")
drawn = stage("drawn", "Groups dealt, scoring not started.")
scoring = stage("scoring", "The sheets are open and empty.")
scored = stage("scored", "Every sheet is submitted.")
computed = stage("computed", "Computed, seen by those who run the round alone.")
released = stage("released", "Every unit sees its own result.")


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
