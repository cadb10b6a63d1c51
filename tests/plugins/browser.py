"""A real browser: Debian's Chromium on pages of the running server.

Without it journeys are skipped, loudly; under `CI=true` they fail.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

VIEWPORTS = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTEFACTS = Path(__file__).resolve().parents[2] / "var" / "artefacts"
TIMEOUT_MS = 10_000


@pytest.fixture(scope="session")
def chromium() -> Iterator["object"]:
    """One browser a worker."""
    found = shutil.which("chromium")
    if found is None:
        reason = "no chromium on this machine: this journey was NOT walked (sudo apt install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, so Django takes every query of a test for one inside a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(live_server) -> str:
    """The address of a running server on this test's database."""
    return live_server.url


@pytest.fixture
def as_(chromium, server, request) -> Iterator[Callable[..., object]]:
    """`as_("username", viewport="phone")`: a page on which that person is signed in; `as_(None)` is the public.

    A page error, an error in the console or a request to elsewhere fails the test.
    """
    contexts: list[object] = []
    faults: list[str] = []
    number = count(1)

    def open_page(user: object = None, viewport: str = "desktop", **options: object):
        context = chromium.new_context(base_url=server, locale="zh-CN", **VIEWPORTS[viewport], **options)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": server}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if is_fault(said) else None)
        page.on("request", lambda asked: faults.append(asked.url) if leaves(asked.url, server) else None)
        page.picture = lambda name: picture(page, f"{request.node.name}-{next(number)}-{name}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def is_fault(said) -> bool:
    """Scripts' errors; an expected refusal's status is the page's business, not the console's."""
    return said.type == "error" and "the server responded with a status of 4" not in said.text


def leaves(url: str, server: str) -> bool:
    return not url.startswith((server, "data:", "blob:", "about:"))


def picture(page, name: str) -> Path:
    """A screenshot of the whole page, kept as an artefact."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{''.join(c if c.isalnum() or c in '-_' else '_' for c in name)}.png"
    page.screenshot(path=path, full_page=True)
    return path


def session_of(user: object) -> str:
    """A signed-in session, made as signing in makes it but without its page. `user` is a User or a username."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    if isinstance(user, str):
        user = get_user_model().objects.get(username=user)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key
