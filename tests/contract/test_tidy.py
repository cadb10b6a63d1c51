"""The house rules of the source, read from syntax trees. Each rule is first seen red on a sample that breaks it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract import tidy
from tests.contract.tidy import ROOT, File

EXCEPTIONS: dict[str, str] = {
    "src/guildhall/foundation/messages/moves.py: timezone.now beside the clock": "when a text left the house is real time",
    "src/guildhall/foundation/screens/lists/workbook.py: timezone.now beside the clock": "a file is dated by real time",
}

Rule = Callable[[File], Iterator[str]]
SKIPPED = {".git", ".venv", "node_modules", "var", "__pycache__", "results", "build"}


def ours(pattern: str, *folders: str) -> list[File]:
    """Our files by their pattern, none that is made or installed."""
    found = (path for folder in folders for path in (ROOT / folder).rglob(pattern))
    return [File.read(path) for path in sorted(found) if path.is_file() and not SKIPPED & set(path.parts)]


def faults(rule: Rule, files: list[File]) -> list[str]:
    return [fault for file in files for fault in rule(file) if without_line(fault) not in EXCEPTIONS]


def without_line(fault: str) -> str:
    """An exception stands for a file and a fault; its line may move."""
    return re.sub(r":\d+: ", ": ", fault, count=1)


@pytest.mark.parametrize("rule", tidy.PYTHON, ids=lambda rule: rule.__name__)
def test_python(rule):
    folders = ("src", "tests", "benches") if rule in (tidy.sizes, tidy.names) else ("src",)

    assert faults(rule, ours("*.py", *folders)) == []


def test_templates():
    assert faults(tidy.templates, ours("*.html", "src")) == []


def test_no_registry_is_named():
    kinds = (
        "*.py",
        "*.toml",
        "*.txt",
        "*.json",
        "*.md",
        "*.sh",
        "Makefile",
        ".npmrc",
        "run",
        "*.yml",
        "*.yaml",
        "*.lock",
    )
    files = [file for kind in kinds for file in ours(kind, ".")]

    assert len(files) > 50
    assert faults(tidy.registries, files) == []


def test_the_lock_of_the_front_end_names_no_address():
    lock = ROOT / "package-lock.json"

    assert '"resolved"' not in lock.read_text()


def test_every_exception_is_still_needed():
    files = ours("*.py", "src", "tests", "benches")
    found = {without_line(fault) for rule in tidy.PYTHON for file in files for fault in rule(file)}
    found |= {without_line(fault) for file in ours("*.html", "src") for fault in tidy.templates(file)}

    assert set(EXCEPTIONS) - found == set()


VIEW = "src/guildhall/reform/pilots/views.py"
MODEL = "src/guildhall/reform/pilots/models.py"
PAGE = "src/guildhall/web/templates/web/front.html"
RED: list[tuple[Rule, str, str]] = [
    (tidy.sizes, MODEL, "x = 1\n" * 401),
    (tidy.sizes, MODEL, "def long():\n" + "    x = 1\n" * 60),
    (tidy.sizes, VIEW, "def page(request):\n" + "    x = 1\n" * 15),
    (tidy.states, MODEL, "application.state = 'paid'"),
    (tidy.states, MODEL, "rows.update(state='paid')"),
    (tidy.states, MODEL, "Row.objects.bulk_update(rows, ['state'])"),
    (tidy.scope, VIEW, "Pilot.objects.all()"),
    (tidy.scope, VIEW, "Pilot.objects.filter(pk=1).visible_to(user)"),
    (tidy.scope, VIEW, "get_object_or_404(Pilot, pk=1)"),
    (tidy.migrations, "src/guildhall/reform/pilots/migrations/0001_x.py", "from guildhall.reform import pilots"),
    (tidy.migrations, "src/guildhall/reform/pilots/migrations/0001_x.py", "from .. import models"),
    (tidy.rules, "src/guildhall/reform/pilots/rules.py", "from django.db import models"),
    (tidy.names, "src/guildhall/web/utils.py", ""),
    (tidy.names, "src/guildhall/reform/pilots/services.py", ""),
    (tidy.names, "src/guildhall/foundation/ledger/posting/entry.py", ""),
    (tidy.environment, MODEL, "import os\nos.environ.get('X')"),
    (tidy.environment, MODEL, "import os\nos.getenv('X')"),
    (tidy.clocks, MODEL, "timezone.now()"),
    (tidy.clocks, MODEL, "default = date.today"),
    (tidy.templates, PAGE, "<script>alert(1)</script>"),
    (tidy.templates, PAGE, '<p style="color:red">'),
    (tidy.templates, PAGE, "<style>p{}</style>"),
    (tidy.templates, PAGE, '<a onclick="go()">'),
    (tidy.templates, PAGE, '<img src="https://example.org/a.png">'),
    (tidy.templates, PAGE, '<img src="//example.org/a.png">'),
    (tidy.registries, "package-lock.json", f"https://{tidy.ELSEWHERE[0]}/simple"),
]
GREEN: list[tuple[Rule, str, str]] = [
    (tidy.sizes, VIEW, 'def page(request):\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 14),
    (tidy.states, "src/guildhall/reform/pilots/moves.py", "application.state = 'paid'"),
    (tidy.states, "src/guildhall/foundation/programmes/moves/endorse.py", "application.state = 'paid'"),
    (tidy.scope, VIEW, "Pilot.objects.visible_to(user).filter(pk=1)"),
    (tidy.scope, VIEW, "get_object_or_404(Pilot.objects.visible_to(user), pk=1)"),
    (tidy.scope, MODEL, "Pilot.objects.all()"),
    (tidy.names, "src/guildhall/foundation/records/seals.py", ""),
    (tidy.names, "src/guildhall/foundation/programmes/models/round.py", ""),
    (tidy.names, "src/guildhall/foundation/screens/lists/columns.py", ""),
    (tidy.environment, "src/guildhall/cli/up.py", "import os\nos.environ.update({})"),
    (tidy.templates, PAGE, '<script src="{% static "gh/app.js" %}" defer></script><a href="/notices/">'),
]


@pytest.mark.parametrize(("rule", "path", "text"), RED, ids=lambda value: getattr(value, "__name__", None))
def test_each_rule_sees_its_fault(rule, path, text):
    assert len(list(rule(File(Path(path), text)))) == 1


@pytest.mark.parametrize(("rule", "path", "text"), GREEN, ids=lambda value: getattr(value, "__name__", None))
def test_each_rule_lets_the_right_thing_be(rule, path, text):
    assert list(rule(File(Path(path), text))) == []
