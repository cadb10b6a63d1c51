"""The shell's own pages: the public's, signing in, the workbench, the switches, the business clock."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.clock.models import forget
from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.models import Appointment, Person, Union, User
from guildhall.foundation.organisations.states import Role, UnionKind
from guildhall.foundation.screens import public, todo
from guildhall.foundation.screens.formats import moment
from guildhall.foundation.screens.registry import Registry
from guildhall.web import moves

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-secret"


@pytest.fixture
def federation():
    union = Union.objects.create(name="包头市总工会", short="市总", kind=UnionKind.FEDERATION)
    Union.objects.filter(pk=union.pk).update(lineage=[union.pk])
    union.refresh_from_db()
    return union


@pytest.fixture
def someone(federation):
    def make(username: str, *roles: Role) -> User:
        user = User.objects.create_user(username, PASSWORD, Person.objects.create(name=f"名{username}"))
        for role in roles:
            Appointment.objects.create(user=user, union=federation, role=role, starts=date(2020, 1, 1))
        return user

    return make


@pytest.fixture
def officer(someone, client):
    user = someone("officer", Role.FEDERATION_OFFICER)
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def chinese(client):
    client.cookies["django_language"] = "zh-hans"
    cache.clear()


@pytest.fixture
def own_registries(monkeypatch):
    monkeypatch.setattr(todo, "_registry", Registry())
    monkeypatch.setattr(public, "_notices", Registry())
    monkeypatch.setattr(public, "_checks", Registry())


def test_the_front_page_shows_the_notices_now_open(client, own_registries):
    assert "现在没有正在公示的事项" in client.get("/").text

    ends = clock.now() + timedelta(days=30)
    notice = public.PublicNotice(
        "互评考核结果的公示", "/notices/1/", "包头市总工会", clock.today(), ends, "2024-公示-018"
    )
    public.register(lambda: [notice])

    page = client.get("/").text
    assert '<a href="/notices/1/">互评考核结果的公示</a>' in page
    assert "现在有 1 件公示" in page


def test_a_code_is_checked(client, own_registries):
    public.register_check(lambda code: [public.Checked("公示", "是我们发的。")] if code == "7Q4K-M2XD" else [])

    assert "是我们发的。" in client.get("/check/", {"code": " 7q4k-m2xd "}).text
    assert "没有查到“&lt;b&gt;”" in client.get("/check/", {"code": "<b>"}).text


def test_signing_in_and_out(client, someone):
    someone("unit", Role.UNIT_OFFICER)
    wrong = client.post("/sign-in/", {"login": "unit", "password": "no"})
    assert wrong.status_code == 200
    assert "有错：" in wrong.text
    assert 'class="gh-errs"' in wrong.text

    right = client.post("/sign-in/", {"login": "unit", "password": PASSWORD})
    assert (right.status_code, right.headers["Location"]) == (302, "/workbench/")
    assert client.get("/workbench/").status_code == 200
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/"
    assert client.get("/workbench/").status_code == 302


def test_guessing_passwords_is_slowed_and_says_what_to_do(client, someone):
    someone("unit", Role.UNIT_OFFICER)
    for _ in range(5):
        client.post("/sign-in/", {"login": "unit", "password": "no"})
    answer = client.post("/sign-in/", {"login": "unit", "password": PASSWORD})

    assert answer.status_code in {200, 429}
    assert client.get("/workbench/").status_code == 302


@pytest.mark.parametrize("verb", ["get", "post"])
def test_nobody_signs_up_at_the_door(client, verb):
    assert getattr(client, verb)(reverse("account_signup")).status_code == 404
    assert User.objects.count() == 0


def test_the_first_line_says_what_waits_and_until_when(client, officer, own_registries):
    assert "现在没有事等您办。" in client.get("/workbench/").text

    due = clock.now() + timedelta(minutes=30)
    rows = [todo.Todo(f"第 {n} 件", "为什么", due if n else None, f"/x/{n}/", "去办") for n in range(3)]
    todo.register(lambda user: rows if user == officer else [])

    page = client.get("/workbench/").text
    assert f"有 3 件事等您办，最早的一件{moment(due)} 截止。" in page
    assert page.count("btn btn-primary") == 1
    assert page.index("第 1 件") < page.index("第 0 件")


def test_the_workbench_asks_little(client, officer, django_assert_max_num_queries, own_registries):
    with django_assert_max_num_queries(12):
        assert client.get("/workbench/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/messages/", "/more/", "/account/", "/outbox/", "/gallery/", "/notices/", "/password/"]
)
def test_the_other_pages_open(client, officer, path):
    page = client.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert page.text.count("<main") == 1


def test_the_outbox_is_the_federation_officers(client, someone):
    client.force_login(someone("unit", Role.UNIT_OFFICER))

    assert client.get("/outbox/").status_code == 403
    assert "发件箱" not in client.get("/workbench/").text


def test_language_and_large_text_are_kept_and_lead_back(client):
    answer = client.post("/language/", {"language": "en", "next": "/check/"})
    assert (answer.headers["Location"], answer.cookies["django_language"].value) == ("/check/", "en")
    assert '<html lang="en"' in client.get("/check/").text

    client.post("/large-text/", {"large": "1"})
    assert 'class="gh-large"' in client.get("/").text
    assert client.post("/language/", {"language": "en", "next": "https://example.org/"}).headers["Location"] == "/"


def test_a_missing_address_is_a_page_with_a_number(client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert answer.headers["X-Request-Number"] in answer.text


def test_pages_forbid_scripts_and_styles_of_others(client):
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("demo", "roles", "status"),
    [(True, [Role.FEDERATION_OFFICER], 200), (True, [Role.LEADER], 404), (False, [Role.FEDERATION_OFFICER], 404)],
)
def test_the_clock_page_is_the_federation_officers_in_the_demonstration(client, someone, settings, demo, roles, status):
    settings.DEMO = demo
    client.force_login(someone("who", *roles))

    assert client.get("/clock/").status_code == status


@pytest.fixture
def demonstration(settings):
    from guildhall.foundation.clock.moves import start_demonstration

    settings.DEMO = True
    start_demonstration(clock.now())
    forget()
    yield
    settings.DEMO = False
    forget()


def test_time_is_set_forward_once_a_key_and_recorded(client, officer, demonstration):
    from guildhall.foundation.records.models import Decision

    to, key = clock.now() + timedelta(days=3), uuid4()
    form = {"to": to.strftime("%Y-%m-%dT%H:%M"), "key": str(key)}

    assert client.post("/clock/", form).status_code == 302
    assert abs(clock.now() - to) < timedelta(minutes=2)
    assert client.post("/clock/", form).status_code == 302
    assert Decision.objects.filter(stream__name="clock", key=key).count() == 1


def test_time_never_goes_back(client, officer, demonstration):
    before = clock.now()
    back = (before - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

    assert client.post("/clock/", {"to": back, "key": str(uuid4())}).status_code == 422
    assert client.post("/clock/", {"to": "soon", "key": str(uuid4())}).status_code == 422
    assert abs(clock.now() - before) < timedelta(minutes=1)


def test_others_may_not_set_the_time(someone, demonstration):
    with pytest.raises(NoRight):
        moves.set_clock_forward(clock.now() + timedelta(days=1), by=someone("leader", Role.LEADER), key=uuid4())
