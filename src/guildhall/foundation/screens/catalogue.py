"""The catalogue of texts: Chinese is the msgid, English the translation; no gettext tools needed.

`python -m guildhall.foundation.screens.catalogue` reads the sources and merges into the one .po file; `--missing`
prints what has no English as JSON, `--fill FILE` takes {msgid: English or [one, many]}, `--compile` writes the .mo,
`--check` fails where a text has no English or the file is not what the sources say.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.template.base import Lexer, Token, TokenType

PACKAGE = Path(__file__).resolve().parent.parent.parent
FILE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
TRANSLATE = re.compile(r"""^(?:translate|trans)\s+(?:"([^"]*)"|'([^']*)')""")
INLINE = re.compile(r"""_\((?:"([^"]*)"|'([^']*)')\)""")
HEADER = {
    "Project-Id-Version": "guildhall",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "en",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


class Text(NamedTuple):
    """A text to translate; `plural` is empty where it has one form."""

    msgid: str
    plural: str = ""


def texts() -> dict[Text, list[str]]:
    """Every text of the package and where it stands."""
    found: dict[Text, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*")):
        read = {".py": from_python, ".html": from_template}.get(path.suffix)
        if read and "migrations" not in path.parts:
            for text in read(path.read_text(encoding="utf-8")):
                if text.msgid and (places := found.setdefault(text, [])) is not None:
                    places.append(path.relative_to(PACKAGE).as_posix())
    both = {text.msgid for text in found if text.plural}  # The plural's entry answers for the singular too.
    return {text: places for text, places in found.items() if text.plural or text.msgid not in both}


def from_python(source: str) -> Iterator[Text]:
    """The first arguments of gettext's calls, whatever name they were imported by."""
    tree = ast.parse(source)
    names = dict.fromkeys(SINGLE, 1) | dict.fromkeys(PLURAL, 2)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {
                one.asname: 2 if one.name in PLURAL else 1 for one in node.names if one.asname and one.name in names
            }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            wanted = names.get(name, 0)
            words = [one.value for one in node.args[:wanted] if isinstance(one, ast.Constant)]
            if wanted and len(words) == wanted and all(isinstance(word, str) for word in words):
                yield Text(*map(str, words))


def from_template(source: str) -> Iterator[Text]:
    """`translate`, `blocktranslate` with its plural, and `_("…")`."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        for double, single in INLINE.findall(token.contents):
            yield Text(double or single)
        if match := TRANSLATE.match(token.contents):
            yield Text(match[1] or match[2] or "")
        elif token.token_type == TokenType.BLOCK and token.contents.startswith(("blocktranslate", "blocktrans")):
            yield _block(tokens, "trimmed" in token.split_contents())


def _block(tokens: Iterator[Token], trimmed: bool) -> Text:
    forms = [""]
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.contents.startswith("endblocktrans"):
            break
        if token.token_type == TokenType.BLOCK and token.contents == "plural":
            forms.append("")
        elif token.token_type == TokenType.VAR:
            forms[-1] += f"%({token.contents})s"
        else:
            forms[-1] += token.contents.replace("%", "%%")
    if trimmed:
        forms = [" ".join(line.strip() for line in form.splitlines() if line.strip()) for form in forms]
    return Text(*forms)


def merged() -> polib.POFile:
    """The file on disk brought to what the sources say; what is no longer used is gone."""
    old = polib.pofile(str(FILE)) if FILE.exists() else polib.POFile()
    known = {(entry.msgid, entry.msgid_plural): entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = HEADER
    for text, places in sorted(texts().items(), key=lambda one: (one[1][0], one[0])):
        entry = known.get((text.msgid, text.plural)) or _fresh(text)
        entry.occurrences = [(place, "") for place in dict.fromkeys(places)]
        if "%(" in text.msgid and "python-format" not in entry.flags:
            entry.flags.append("python-format")
        new.append(entry)
    return new


def _fresh(text: Text) -> polib.POEntry:
    if text.plural:
        return polib.POEntry(msgid=text.msgid, msgid_plural=text.plural, msgstr_plural={0: "", 1: ""})
    return polib.POEntry(msgid=text.msgid)


def missing(file: polib.POFile) -> list[str]:
    """The msgids without English."""
    return [entry.msgid for entry in file if not entry.translated()]


def wrong(file: polib.POFile) -> list[str]:
    """The msgids whose English names other facts than the Chinese."""

    def facts(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    english = [(entry, [entry.msgstr, *entry.msgstr_plural.values()]) for entry in file if entry.translated()]
    return [one.msgid for one, forms in english if any(form and facts(form) - facts(one.msgid) for form in forms)]


def fill(file: polib.POFile, english: dict[str, str | list[str]]) -> None:
    """Take translations in by msgid: a text, or [one, many]."""
    for entry in file:
        told = english.get(entry.msgid)
        if told is None:
            continue
        forms = told if isinstance(told, list) else [told, told]
        if entry.msgid_plural:
            entry.msgstr_plural = {0: forms[0], 1: forms[-1]}
        else:
            entry.msgstr = forms[0]


def compiled() -> None:
    """Write the .mo beside the .po, if it is older."""
    target = FILE.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < FILE.stat().st_mtime:
        polib.pofile(str(FILE)).save_as_mofile(str(target))


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--check", "--missing", "--compile"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--fill", type=Path)
    asked = parser.parse_args(arguments)
    file = merged()
    if asked.check:
        stale = not FILE.exists() or str(polib.pofile(str(FILE), wrapwidth=110)) != str(file)
        for msgid in missing(file) + wrong(file):
            sys.stdout.write(f"no English, or other facts: {msgid}\n")
        sys.stdout.write("the catalogue is not what the sources say\n" if stale else "")
        return int(bool(missing(file) or wrong(file) or stale))
    if asked.missing:
        sys.stdout.write(json.dumps(missing(file), ensure_ascii=False, indent=1) + "\n")
        return 0
    if asked.fill:
        fill(file, json.loads(asked.fill.read_text(encoding="utf-8")))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(FILE))
    compiled()
    return 0


if __name__ == "__main__":
    sys.exit(main())
