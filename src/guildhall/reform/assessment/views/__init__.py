"""The assessment's pages."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.functional import Promise

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Round
from guildhall.reform.assessment.models import Step


def run_step(user: User, round_pk: int) -> Step:
    """The step of a round that the user runs: 404 out of scope, 403 without the office."""
    step = Step.objects.visible_to(user).pick(round_pk)
    require(user, Right.RUN_ROUNDS, at=step.round.union)
    return step


def inner_step(user: User, round_pk: int) -> Step:
    """The step for those who may know what is computed: the officer, and the leader once asked."""
    step = Step.objects.visible_to(user).pick(round_pk)
    if not step.round.inside(user):
        require(user, Right.RUN_ROUNDS, at=step.round.union)
    return step


def round_url(of: Round) -> str:
    """The round's own page."""
    return reverse("rounds:page", args=[of.pk])


def crumbs(of: Round, *here: tuple[str | Promise, str]) -> Sequence[tuple[str | Promise, str]]:
    """The way from the round to here."""
    return [(of.title, round_url(of)), *here]
