"""Every page of the running demonstration, as every printed log-in and as the public, at the width of a desk and of a phone.

A walk takes each link that a page shows, for each kind of address the first and the last that it meets (one, where others
have seen two already) and one with a query, and holds what it finds to the same few promises. axe runs on each kind
of address once at each width, and again where a page shows a part that it has not seen.
With `PICTURES=1` each page is kept as a picture under `var/artefacts/every-page/`.
"""

import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Error, Page

from tests.plugins.browser import ARTEFACTS, leaves

pytestmark = pytest.mark.journey
PEOPLE = (
    "officer", "leader", "leader2", "finance", "finance2", "district", "industry", "unit", "assessor", "expert", "auditor",
)  # fmt: skip
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
EXAMPLES = 2
VIEWER = ("chrome:", "chrome-extension:")  # The browser's own reader of PDF files.
LEAST = 8  # Pages that anybody reaches; fewer means that the walk lost its way.
VARIABLE = re.compile(r"(?<=/)(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})(?=/|$)")
LOOK = """() => {
  const main = document.querySelector('main') || document.body;
  const parts = [...main.querySelectorAll('*')].map((one) => one.localName + '.' + (one.getAttribute('class') || ''));
  const words = [], texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (!texts.currentNode.parentElement.closest('code, pre, script')) words.push(texts.currentNode.data);
  return {
    wide: document.scrollingElement.scrollWidth - innerWidth,
    headings: document.querySelectorAll('h1').length,
    lang: document.documentElement.lang,
    parts: [...new Set(parts)],
    links: [...document.querySelectorAll('a[href]:not([download])')].map((one) => one.href),
    codes: [...new Set(words.join(' ').match(/(?<![\\w(./{])[a-z]+[_:][a-z0-9_]+/g) || [])],
  };
}"""
AXE = """axe.run({resultTypes: ['violations']}).then((said) => said.violations.map(
  (one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 160)}`))"""


@dataclass
class Walk:
    """One person's way through the pages."""

    page: Page
    origin: str
    name: str
    seen: set[str]
    known: dict[str, set[str]]
    faults: list[str] = field(default_factory=list)
    walked: list[str] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ahead: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Whatever the browser complains of is a fault of the page that it stands on."""
        self.page.on("pageerror", lambda error: self.fault(f"script: {error}"))
        self.page.on("console", self.said)
        self.page.on("requestfailed", lambda asked: None if asked.is_navigation_request() else self.fault(asked.url))
        self.page.on("request", lambda asked: self.fault(asked.url) if leaves(asked.url, self.origin) else None)

    def said(self, message: ConsoleMessage) -> None:
        asked = message.location["url"]
        if message.type == "error" and not asked.startswith(VIEWER) and not asked.endswith("/favicon.ico"):
            self.fault(f"console: {message.text}")

    def fault(self, what: str) -> None:
        if not what.startswith(VIEWER):
            self.faults.append(f"{self.at}: {what}")

    @property
    def at(self) -> str:
        return self.walked[-1] if self.walked else "/"

    def offer(self, links: list[str]) -> None:
        """Keep of each kind of address the first that a page shows and the last, so that the examples differ."""
        groups = defaultdict(list)
        for link in links:
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" == self.origin and "export=" not in parts.query:
                groups[pattern(parts.path) + ("?" if parts.query else "")].append(
                    parts.path + (f"?{parts.query}" if parts.query else "")
                )
        for kind, urls in groups.items():
            for url in dict.fromkeys((urls[0], urls[-1])):
                most = 1 if kind.endswith("?") or len(self.known[kind]) >= EXAMPLES else EXAMPLES
                if len(self.taken[kind]) < most and url not in self.taken[kind]:
                    self.taken[kind].append(url)
                    self.known[kind].add(url)
                    self.ahead.append(url)

    def go(self, start: str) -> None:
        self.offer([self.origin + start])
        while self.ahead:
            self.visit(self.ahead.pop(0))

    def visit(self, url: str) -> None:
        self.walked.append(url)
        self.page.set_viewport_size(WIDTHS["desk"])
        try:
            answer = self.page.goto(url)
        except Error as error:
            if "Download is starting" not in error.message:
                self.fault(error.message)
            return
        if answer is None or answer.status != 200:
            self.fault(f"status {answer and answer.status}")
        elif "text/html" in answer.headers.get("content-type", ""):
            self.look(url)

    def look(self, url: str) -> None:
        for width, size in WIDTHS.items():
            self.page.set_viewport_size(size)
            self.measure(url, width)

    def measure(self, url: str, width: str) -> None:
        found = self.page.evaluate(LOOK)
        self.offer(found["links"])
        if found["wide"] > 0:
            self.fault(f"scrolls sideways by {found['wide']} at the {width}")
        if found["headings"] != 1:
            self.fault(f"{found['headings']} headings of the first level")
        if not found["lang"]:
            self.fault("no language")
        if found["codes"]:
            self.fault(f"codes instead of words: {found['codes']}")
        parts = {f"{width} {part}" for part in (pattern(urlsplit(url).path), *found["parts"])}
        if not self.seen.issuperset(parts):
            self.seen.update(parts)
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(AXE_SCRIPT)
            for fault in self.page.evaluate(AXE):
                self.fault(f"{width}: {fault}")
        if os.environ.get("PICTURES"):
            name = re.sub(r"[^\w]+", "-", url).strip("-") or "front"
            self.page.screenshot(path=ARTEFACTS / "every-page" / self.name / f"{name}-{width}.png", full_page=True)


def pattern(path: str) -> str:
    """The address with its numbers and keys left out."""
    return VARIABLE.sub("#", path)


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """What axe was shown at each width: kinds of address, and parts of pages by their element and class."""
    return set()


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """The examples that anybody took, by kind of address."""
    return defaultdict(set)


@pytest.mark.parametrize("name", [*PEOPLE, "public"])
def test_every_page_that_is_linked_is_whole(walks_in, demonstration, seen, known, name):
    walk = Walk(walks_in(None if name == "public" else name), demonstration.url, name, seen, known)
    walk.listen()
    walk.go("/" if name == "public" else "/workbench/")

    assert walk.faults == []
    assert len(walk.walked) >= LEAST, walk.walked


def test_nobody_who_can_sign_in_is_left_out(demonstration):
    logins = json.loads((demonstration.home / "demo-logins.json").read_text())

    assert {row["user"] for row in logins} == set(PEOPLE)
