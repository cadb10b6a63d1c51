"""A password that somebody else gave opens one door: the page where another one is chosen."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.moves import people
from guildhall.foundation.records.models import Decision
from tests.city import PASSWORD
from tests.contract.matrix import url_names

OWN = "maple-bridge-77"


def sign_in(username, password) -> Client:
    client = Client()
    client.post("/sign-in/", {"login": username, "password": password})
    return client


def choose(client, old, new=OWN, again=None):
    return client.post("/password/", {"oldpassword": old, "password1": new, "password2": again or new})


@pytest.fixture
def fresh(city):
    """The first unit's officer, reset: the password, and a browser signed in with it."""
    password = moves.reset_password(city.unit_officer.pk, by=city.officer, key=uuid4())
    return password, sign_in("unit0", password)


def test_signing_in_leads_to_the_page_and_nothing_else_answers(city, fresh):
    _password, client = fresh
    for path in ("/workbench/", "/", "/notices/", "/units/", f"/units/{city.unit.pk}/", "/account/", "/nowhere/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/password/"), path
    assert client.post("/language/", {"language": "en"})["Location"] == "/password/"
    assert client.get("/workbench/", headers={"HX-Request": "true"})["HX-Redirect"] == "/password/"
    assert "先换成您自己的密码" in client.get("/password/").content.decode()


def test_every_address_without_arguments_is_closed(city, fresh):
    from django.urls import NoReverseMatch, reverse

    _password, client = fresh
    opened = set()
    for name in url_names():
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        for ask in (client.get, client.post):
            if ask(path).headers.get("Location") != "/password/":
                opened.add(name)
                client = sign_in("unit0", _password)
    assert opened == {"account_change_password", "account_logout"}


def test_a_chosen_password_opens_all_doors_and_is_recorded(city, fresh):
    password, client = fresh
    assert choose(client, password)["Location"] == "/workbench/"
    assert client.get("/workbench/").status_code == 200
    assert not User.objects.get(username="unit0").must_change_password
    assert Decision.objects.filter(act="account.password", actor=city.unit_officer).count() == 1
    assert sign_in("unit0", password).get("/workbench/").status_code == 302
    assert sign_in("unit0", OWN).get("/workbench/").status_code == 200


@pytest.mark.parametrize(("new", "again"), [(None, None), ("short", None), ("password12", None), (OWN, "other-one-99")])
def test_the_same_a_weak_or_a_mistyped_one_is_not_taken(city, fresh, new, again):
    password, client = fresh
    assert choose(client, password, new or password, again).status_code in (200, 422)
    assert client.get("/workbench/")["Location"] == "/password/"


def test_leaving_is_possible(fresh):
    _password, client = fresh
    assert client.post("/sign-out/")["Location"] == "/"
    assert client.get("/").status_code == 200


def test_who_is_signed_in_when_the_password_is_reset_is_signed_out(city):
    client = sign_in("unit0", PASSWORD)
    assert client.get("/workbench/").status_code == 200
    moves.reset_password(city.unit_officer.pk, by=city.officer, key=uuid4())
    assert "/sign-in/" in client.get("/workbench/")["Location"]


def test_every_password_that_somebody_else_makes_up_is_a_one_time_one(city):
    opened, password = moves.open_account(name="新人", by=city.officer, key=uuid4())
    named = moves.name_scorer(
        city.unit.pk, "assessor", name="新互评人", phone="13911112222", by=city.unit_officer, key=uuid4()
    )
    people.reset_on_the_machine("leader")
    assert sign_in(opened.username, password).get("/workbench/")["Location"] == "/password/"
    assert named.user.must_change_password
    assert User.objects.get(username="leader").must_change_password


def test_the_printed_log_ins_of_a_demonstration_are_not(city):
    assert not User.objects.filter(must_change_password=True).exists()
    assert re.search("工作台", sign_in("officer", PASSWORD).get("/workbench/").content.decode())


def test_changing_it_later_goes_back_to_the_account(city):
    client = sign_in("unit0", PASSWORD)
    assert choose(client, PASSWORD)["Location"] == "/account/"
