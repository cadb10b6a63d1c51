"""Two people at once, 200 requests of each kind of page: nobody's answer holds a row of the other's."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.urls import reverse

from tests.plugins.browser import session_of

PAIRS = (("district", "next_district"), ("unit_officer", "next_unit_officer"))
PAGES = ("organisations:units", "pilots:pilots", "pilots:coverage")
REQUESTS = 200
AT_ONCE = 16


@pytest.fixture
def running(transactional_db, live_server):
    """The city on a real server with a thread a request."""
    from tests.city import ready

    return ready(), live_server.url


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_two_at_once_never_mix(running, pair: tuple[str, str]) -> None:
    city, address = running
    secrets = {pair[0]: (city.unit.name, city.next_unit.name), pair[1]: (city.next_unit.name, city.unit.name)}
    districts = {pair[0]: (city.kundulun.short, city.jiuyuan.short), pair[1]: (city.jiuyuan.short, city.kundulun.short)}
    sessions = {name: session_of(city.who(name)) for name in pair}

    def ask(who: str, page: str) -> str:
        cookie = f"{settings.SESSION_COOKIE_NAME}={sessions[who]}"
        with urlopen(Request(address + reverse(page), headers={"Cookie": cookie}), timeout=30) as answer:  # noqa: S310
            said: str = answer.read().decode()
        own, other = (districts if page == "pilots:coverage" else secrets)[who]
        return "" if own in said and other not in said else f"{who} {page}"

    asked = list(islice(zip(cycle(pair), cycle(page for page in PAGES for _ in pair), strict=False), REQUESTS))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        mixed = list(pool.map(lambda one: ask(*one), asked))
    assert len(mixed) == REQUESTS
    assert [one for one in mixed if one] == []
