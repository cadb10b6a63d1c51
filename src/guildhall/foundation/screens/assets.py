"""Assemble the front end: Tabler's rules that are used, our own styles and scripts, one sprite of the icons used.

`python -m guildhall.foundation.screens.assets NODE_MODULES OUT` writes OUT/gh/. Nothing vendored is kept in git.
Old office browsers count: what knows only hex colours must show the same page, so newer colour functions are dropped.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent.parent
SOURCES = Path(__file__).resolve().parent / "static_src"
STYLES = ("tokens", "shell", "parts", "lists", "forms", "charts", "score", "programmes", "print")
SCRIPTS = ("gh", "programmes")

NEW_COLOURS = re.compile(r"\b(?:oklch|oklab|lch|lab|color-mix|light-dark|color)\(")
FOREIGN = re.compile(r"data-bs-theme=dark|dir=rtl|:dir\(|\bprint\b")
"""Selectors for a theme, a script direction or a medium that no page of ours has."""

CLASS_ATTRIBUTE = re.compile(r"""class(?:Name)?\s*=\s*\\?["'](.*?)["']""", re.DOTALL)
WORD = re.compile(r"[A-Za-z_][\w-]*")
ICON = re.compile(r"""\bicon[ =(]\s*["']([a-z0-9-]+)["']|["']([a-z0-9-]+)["'] as icon""")
PROPERTY = re.compile(r"""(--[\w-]+):((?:"[^"]*"|'[^']*'|[^;{}"'])*)(;|(?=\}))""")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")


def build(node_modules: Path, out: Path) -> Path:
    """Write app.css, app.js, htmx.min.js and sprite.svg to `out`/gh and return that folder."""
    target = out / "gh"
    target.mkdir(parents=True, exist_ok=True)
    tabler = (node_modules / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    own = "\n".join((SOURCES / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    own += "".join(path.read_text(encoding="utf-8") for path in _of_domains("css"))
    licence = "/*! Tabler 1.4.0, MIT, (c) The Tabler Authors; pruned. */\n"
    _write(target / "app.css", licence + prune(tabler, used_classes(), own) + "\n" + squeeze(own))
    script = "\n".join((SOURCES / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    _write(target / "app.js", script)
    for path in _of_domains("js"):
        _write(target / path.name, path.read_text(encoding="utf-8"))
    htmx = (node_modules / "htmx.org/dist/htmx.min.js").read_text(encoding="utf-8")
    _write(target / "htmx.min.js", re.sub(r"//# sourceMappingURL=\S+", "", htmx))
    _write(target / "sprite.svg", sprite(node_modules / "@tabler/icons/icons/outline", used_icons()))
    return target


def _of_domains(suffix: str) -> list[Path]:
    """What a domain brings beside its templates: its rules join app.css, its script is a file that its pages name."""
    return sorted(PACKAGE.glob(f"*/*/static_src/*.{suffix}"))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _texts(*suffixes: str) -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in suffixes and path.is_file():
            yield path.read_text(encoding="utf-8")


def used_classes() -> set[str]:
    """Every word that stands in a class attribute of a template, or in one written by Python or a script."""
    return {
        word
        for text in _texts(".html", ".py", ".js")
        for attribute in CLASS_ATTRIBUTE.findall(text)
        for word in WORD.findall(attribute)
    }


def used_icons() -> list[str]:
    """The names written as `icon="…"` or `{% icon "…" %}` anywhere in the package."""
    found = {first or second for text in _texts(".html", ".py") for first, second in ICON.findall(text)}
    return sorted(found)


def sprite(folder: Path, names: list[str]) -> str:
    """One SVG of symbols. A name without a drawing is our mistake and stops the build."""
    symbols = []
    for name in names:
        text = (folder / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"\s*\n\s*", "", text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")])
        inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def squeeze(css: str) -> str:
    """Our own rules without comments and indentation."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,]) ?", r"\1", css).strip() + "\n"


def prune(css: str, used: set[str], also: str = "") -> str:
    """Keep the rules whose classes are all used, without new colour functions and unread custom properties.

    `also` is other CSS that may read Tabler's custom properties.
    """
    kept = _keep(re.sub(r"/\*.*?\*/|@charset[^;]+;", "", css, flags=re.DOTALL), used)
    while True:
        lean = _without_unread(kept, set(re.findall(r"var\((--[\w-]+)", kept + also)))
        if lean == kept:
            return re.sub(r"[^{}]+\{\}", "", re.sub(r";\}", "}", kept))
        kept = lean


def _without_unread(css: str, read: set[str]) -> str:
    return PROPERTY.sub(lambda match: match[0] if match[1] in read else "", css)


def _keep(css: str, used: set[str]) -> str:
    parts = []
    for prelude, body in _blocks(css):
        if prelude.startswith(("@media", "@supports")):
            inner = "" if "print" in prelude else _keep(body, used)
            parts.append(f"{prelude}{{{inner}}}" if inner else "")
        elif prelude.startswith("@"):
            continue  # Key frames and fonts: no page of ours needs Tabler's.
        else:
            selectors = [one for one in _split(prelude, ",") if _is_used(one, used)]
            rules = ";".join(rule for rule in _split(body, ";") if rule.strip() and not NEW_COLOURS.search(rule))
            parts.append(f"{','.join(selectors)}{{{rules}}}" if selectors and rules else "")
    return "".join(parts)


def _is_used(selector: str, used: set[str]) -> bool:
    return not FOREIGN.search(selector) and all(name in used for name in CLASS.findall(selector))


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each top-level `prelude{body}`; statements without a body (`@import …;`) are passed over."""
    start = depth = opened = 0
    quote = ""
    for index, letter in enumerate(css):
        if quote:
            quote = "" if letter == quote and css[index - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "{":
            depth += 1
            opened = index if depth == 1 else opened
        elif letter == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : index]
                start = index + 1
        elif letter == ";" and depth == 0:
            start = index + 1


def _split(text: str, mark: str) -> list[str]:
    """`text` cut at `mark`, but not inside brackets or quotes."""
    parts, start, depth, quote = [], 0, 0, ""
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == mark and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
