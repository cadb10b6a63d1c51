"""What the house holds of its own source: each rule reads a file and names its faults. `test_tidy.py` runs them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "guildhall"

FILE_LINES = 400
FUNCTION_LINES = 60
VIEW_LINES = 15

ROOMS = frozenset("__init__ apps urls views api jobs admin figures forms moves models rules states".split())
"""The files that a domain may have; a folder of the same name holds one split by entity."""

EXTRAS = {
    "foundation/documents": frozenset({"registry", "rendering"}),
    "foundation/programmes": frozenset({"registry", "schema"}),
    "foundation/records": frozenset({"attachments", "verify", "seals"}),
}
OPEN = {"cli", "config", "science", "web", "foundation/screens"}
"""Rooms that are no domains: their files are named for what they do."""

VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "base", "misc", "manager2", "tools", "shared"})


@dataclass(frozen=True)
class File:
    """A file's path below the project's root, and its text."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "File":
        return cls(path.relative_to(ROOT), path.read_text(encoding="utf-8"))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        return (*self.path.parts[:-1], self.path.stem)

    def within(self, *names: str) -> bool:
        """Is this the module, or in the package, of one of these names?"""
        return bool(set(names) & set(self.parts))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


def functions(file: File) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, the docstring not counted: saying more costs nothing."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def sizes(file: File) -> Iterator[str]:
    """A file has at most 400 lines, a function 60, a view 15. Migrations are written by Django."""
    if file.within("migrations"):
        return
    if (lines := file.text.count("\n")) > FILE_LINES:
        yield f"{file.path}: {lines} lines, at most {FILE_LINES}"
    for node in functions(file):
        takes_request = bool(node.args.args) and node.args.args[0].arg == "request"
        is_view = file.within("views") and takes_request and not node.name.startswith("_")
        limit = VIEW_LINES if is_view else FUNCTION_LINES
        if length(node) > limit:
            yield file.at(node, f"{node.name} has {length(node)} lines, at most {limit}")


def states(file: File) -> Iterator[str]:
    """A state is assigned in moves, nowhere else."""
    if file.within("moves", "migrations", "tests"):
        return
    for node in ast.walk(file.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets):
            yield file.at(node, "a state assigned outside moves")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {keyword.arg for keyword in node.keywords}
            literals = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            if (node.func.attr == "update" and "state" in named) or (
                node.func.attr == "bulk_update" and "state" in literals
            ):
                yield file.at(node, f"a state changed by {node.func.attr}() outside moves")


def scope(file: File) -> Iterator[str]:
    """A view reaches rows through `visible_to` alone."""
    if not file.within("views", "api"):
        return
    scoped = {
        id(node.value) for node in ast.walk(file.tree) if isinstance(node, ast.Attribute) and node.attr == "visible_to"
    }
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager"):
            if id(node) not in scoped:
                yield file.at(node, f".{node.attr} without .visible_to")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("_or_404"):
            if node.args and isinstance(node.args[0], ast.Name) and node.args[0].id[:1].isupper():
                yield file.at(node, f"{node.func.id}({node.args[0].id}) without .visible_to")


def imported(file: File) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom):
            yield node, ("." * node.level) + (node.module or "")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name


def migrations(file: File) -> Iterator[str]:
    """A migration imports nothing of ours: our code moves on, it stands still."""
    if file.within("migrations"):
        for node, name in imported(file):
            if name.startswith((".", "guildhall")):
                yield file.at(node, f"a migration imports {name}")


def rules(file: File) -> Iterator[str]:
    """Rules see no request and ask no database."""
    if file.within("rules") and not file.within("tests"):
        for node, name in imported(file):
            if name.startswith(("django.db", "django.http", "django.shortcuts", "psycopg")):
                yield file.at(node, f"a rule imports {name}")


def names(file: File) -> Iterator[str]:
    """A name says what is inside; a domain has the files that every domain has."""
    if file.path.stem in VAGUE:
        yield f"{file.path}: a name that says nothing"
    parts = file.path.with_suffix("").parts
    if parts[:2] != ("src", "guildhall") or len(parts) < 4:
        return
    room = "/".join(parts[2:4]) if parts[2] in ("foundation", "reform") else parts[2]
    if room in OPEN or room.removeprefix("foundation/") in ("acts", "errors", "vault", "__init__"):
        return
    below = parts[4] if parts[2] in ("foundation", "reform") and len(parts) > 4 else parts[3]
    if below == room.rpartition("/")[2] or below in ("migrations", "templatetags"):
        return
    if below not in ROOMS | EXTRAS.get(room, frozenset()):
        yield f"{file.path}: no domain has a {below}"


def environment(file: File) -> Iterator[str]:
    """The environment is read in `config` alone; the command may set it."""
    if file.path.parts[:2] != ("src", "guildhall") or file.within("config"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr == "getenv":
            yield file.at(node, "the environment read outside config")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "environ":
            if node.attr not in ("update", "setdefault"):
                yield file.at(node, f"os.environ.{node.attr} outside config")


CLOCKS = {"now", "today", "utcnow", "localdate"}


def clocks(file: File) -> Iterator[str]:
    """The time of business comes from `foundation.clock`; records alone keep the real time beside it."""
    if file.path.parts[:2] != ("src", "guildhall") or file.within("clock", "records", "cli", "migrations"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and isinstance(node.value, ast.Name):
            if node.value.id in ("datetime", "date", "timezone", "time", "dt"):
                yield file.at(node, f"{node.value.id}.{node.attr} beside the clock")


INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "a style in the page": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an act in an attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "something from elsewhere": re.compile(r"\b(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//", re.I),
}


def templates(file: File) -> Iterator[str]:
    """The content policy forbids scripts and styles in pages; a page asks nobody else for anything."""
    for number, line in enumerate(file.text.split("\n"), 1):
        for what, pattern in INLINE.items():
            if pattern.search(line):
                yield f"{file.path}:{number}: {what}"


ELSEWHERE = [
    "".join(pieces)
    for pieces in (("py", "pi.org"), ("python", "hosted.org"), ("npm", "js.org"), ("npm", "js.com"), ("npm", "mirror"))
]


def registries(file: File) -> Iterator[str]:
    """No package registry is named: the machine's own settings say where packages come from."""
    for name in ELSEWHERE:
        if name in file.text:
            yield f"{file.path}: names {name}"


PYTHON = (sizes, states, scope, migrations, rules, names, environment, clocks)
