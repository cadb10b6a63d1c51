"""One database cluster a run, made in a temporary folder and shared by all workers; browsers; a second pair of hands."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from guildhall.cli.database import Cluster  # noqa: E402
from guildhall.cli.processes import locked, try_lock  # noqa: E402

PREFIX = "guildhall-test-"
held: list[IO[str]] = []  # Open, and so locked, as long as this process lives.
CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ


def sweep() -> None:
    """Remove what killed runs left: folders whose run no longer holds its lock."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if left.stat().st_uid == os.geteuid() and (left / "run").exists():
            with (left / "run").open("a") as run:
                if try_lock(run):
                    Cluster(left, testing=True).stop()
                    shutil.rmtree(left, ignore_errors=True)


def prepare_environment() -> Path:
    """Before Django reads its settings. xdist's workers inherit the controller's environment, and so its folder."""
    if CONTROLLER:
        sweep()
        home = Path(tempfile.mkdtemp(prefix=PREFIX))
        home.chmod(0o755)  # As root the database's own account must reach it; the cluster in it is private.
        os.environ["GUILDHALL_HOME"] = str(home)
        (home / "static").mkdir()
        held.append((home / "run").open("a"))
        try_lock(held[0])
        if (ROOT / "var" / "assets").exists():
            (home / "assets").symlink_to(ROOT / "var" / "assets")
    home = Path(os.environ["GUILDHALL_HOME"])
    os.environ["GUILDHALL_TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "guildhall.config.settings"
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(Cluster(home, testing=True).environment())
    return home


HOME = prepare_environment()
pytest_plugins = ["tests.plugins.database", "tests.plugins.races", "tests.plugins.browser", "tests.plugins.city"]


def pytest_configure(config: pytest.Config) -> None:
    """Load Django, now that the environment says where; translations are compiled as the product's start compiles them."""
    import django

    from guildhall.cli import prepare

    with locked(HOME / "catalogues"):
        prepare.catalogues()
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The workers have let go of the cluster, and the last one stopped it."""
    if CONTROLLER:
        shutil.rmtree(HOME, ignore_errors=True)
        held.pop().close()


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """This run's folder: what `GUILDHALL_HOME` names."""
    yield HOME
