"""The round's pages, read and acted on."""

import pytest
from django.urls import reverse

from guildhall.foundation.programmes.models import Round


@pytest.mark.parametrize("name", ["page", "records", "check"])
def test_a_planned_round_reads(city, of, name):
    response = city.ask("GET", f"rounds:{name}", as_="officer", args=(of.pk,))

    assert response.status_code == 200
    assert "测试批次" in response.text


@pytest.mark.parametrize("step", ["dates", "indicators", "scores", "tiers", "notice"])
def test_each_step_of_the_setup_reads(city, of, step):
    response = city.ask("GET", "rounds:setup", as_="officer", args=(of.pk, step))

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["page", "records", "notice", "applications"])
@pytest.mark.parametrize("who", ["officer", "leader", "auditor", "finance", "district", "unit_officer"])
@pytest.mark.parametrize("state", ["opened", "reviewing", "proposed", "decided", "released", "published"])
def test_a_round_reads_in_every_state(city, of, order, who, state, name):
    getattr(order, state)(city, of)

    response = city.ask("GET", f"rounds:{name}", as_=who, args=(of.pk,))

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["index", "plan"])
def test_list_and_plan_read(city, of, name):
    assert city.ask("GET", f"rounds:{name}", as_="officer").status_code == 200
    assert Round.objects.get().title == "测试批次"
    assert reverse("rounds:page", args=[of.pk])
