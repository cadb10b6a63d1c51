"""The running demonstration, as `make demo` starts it, and people who sign in on its own page."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plugins.browser import VIEWPORTS, picture

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240
CLOCK_S = 150  # The worker looks each minute at what fell due.


@dataclass
class Demonstration:
    """A served demonstration city."""

    url: str
    home: Path
    process: "subprocess.Popen[bytes]"

    @property
    def environment(self) -> dict[str, str]:
        """What another process needs to work on the same folder."""
        return {**outside(), "GUILDHALL_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `guildhall …` beside it."""
        return subprocess.run(
            [sys.executable, "-m", "guildhall.cli", *words], env=self.environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip


def outside() -> dict[str, str]:
    """The environment without what the tests set for themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GUILDHALL", "DJANGO"))}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Demonstration]:
    """Started from an empty folder, stopped as Ctrl-C stops it."""
    with tempfile.TemporaryDirectory(prefix="guildhall-journey-") as folder:
        home, port = Path(folder), free_port()
        home.chmod(0o755)
        (home / "assets").symlink_to(ROOT / "var" / "assets")
        said = home / "said"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "guildhall.cli", "demo"],
                env={**outside(), "GUILDHALL_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1"},
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        served = Demonstration(f"http://127.0.0.1:{port}", home, process)
        try:
            until(lambda: answers(served.url) or process.poll() is not None, PATIENCE_S, said)
            assert process.poll() is None, said.read_text()
            yield served
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0, said.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  Our own, on loopback.
            return bool(response.status == 200)
    except OSError:
        return False


def until(met: Callable[[], object], seconds: float, said: Path) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"it did not come; the demonstration said:\n{said.read_text()[-4000:]}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def walks_in(chromium, demonstration) -> Iterator[Callable[..., object]]:
    """`walks_in("officer")`: a page on which that person signed in by the sign-in page; None is the public."""
    logins = {row["user"]: row["password"] for row in json.loads((demonstration.home / "demo-logins.json").read_text())}
    contexts, faults = [], []

    def enter(user: str | None, viewport: str = "desktop"):
        context = chromium.new_context(base_url=demonstration.url, locale="zh-CN", **VIEWPORTS[viewport])
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.picture = lambda name: picture(page, f"journey-{user or 'public'}-{name}")
        if user:
            page.goto("/sign-in/")
            page.get_by_label("用户名").fill(user)
            page.get_by_label("密码").fill(logins[user])
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(re.compile("workbench|sheets"))
        return page

    yield enter
    for context in contexts:
        context.close()
    assert faults == []
