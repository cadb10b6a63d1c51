"""Every part of a round reads, in every state, for everyone who sees the round."""

import pytest

PARTS = ("page", "records", "notice", "applications")
READERS = ("officer", "leader", "auditor", "finance", "district", "industry_officer", "unit_officer")
STEPS = ("dates", "indicators", "scores", "tiers", "notice")


def test_a_planned_round_reads(city, of):
    parts = [("rounds:setup", (of.pk, step)) for step in STEPS]
    parts += [(f"rounds:{name}", (of.pk,)) for name in ("page", "records", "check")]
    parts += [("rounds:index", ()), ("rounds:plan", ())]

    statuses = {part: city.ask("GET", part[0], as_="officer", args=part[1]).status_code for part in parts}

    assert set(statuses.values()) == {200}, statuses


@pytest.mark.parametrize("state", ["opened", "reviewing", "proposed", "decided", "released", "published"])
def test_a_round_reads_in_every_state(city, of, order, state):
    getattr(order, state)(city, of)

    statuses = {
        (who, name): city.ask("GET", f"rounds:{name}", as_=who, args=(of.pk,)).status_code
        for who in READERS
        for name in PARTS
    }

    assert set(statuses.values()) == {200}, statuses
