"""The built front end: light, and readable to office browsers that know only hex colours."""

import gzip
import re
from pathlib import Path

import pytest

from guildhall.foundation.screens import assets

ROOT = Path(__file__).resolve().parents[3]
NODE_MODULES = ROOT / "node_modules"
TOKENS = (assets.SOURCES / "css" / "tokens.css").read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    if not (NODE_MODULES / "@tabler").exists():
        pytest.skip("the front-end packages are not installed (npm ci)")
    return assets.build(NODE_MODULES, tmp_path_factory.mktemp("assets"))


def weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_the_first_page_is_light(built):
    total = sum(weight(built / name) for name in ("app.css", "app.js", "htmx.min.js", "sprite.svg"))

    assert weight(built / "app.css") <= 40 * 1024
    assert total <= 100 * 1024  # Of 150: the rest is the page's own.


def test_no_colour_that_older_browsers_do_not_know(built):
    assert assets.NEW_COLOURS.findall((built / "app.css").read_text()) == []


def test_nothing_points_outside(built):
    for path in built.iterdir():
        text = path.read_text().replace("http://www.w3.org/", "")
        assert re.findall(r"sourceMappingURL|url\(https?:|src=.https?:", text) == []


def test_each_icon_named_is_in_the_sprite(built):
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (built / "sprite.svg").read_text()))

    assert drawn == set(assets.used_icons())
    assert {"inbox", "search", "alert-circle", "circle-check", "clock"} <= drawn


def test_braces_balance(built):
    css = (built / "app.css").read_text()

    assert css.count("{") == css.count("}")


def test_prune_keeps_what_is_used_and_drops_the_rest():
    css = (
        ":root{--a:#fff;--b:#000;--c:red}.btn{color:var(--a)}.btn,.other{margin:0}.other:hover{color:var(--b)}"
        "@media (min-width:1px){.other{top:0}.btn{background:color-mix(in srgb,red,blue);left:0}}"
        "@font-face{font-family:x}body[data-bs-theme=dark] .btn{color:#111}"
    )

    assert assets.prune(css, {"btn"}) == (
        ":root{--a:#fff}.btn{color:var(--a)}.btn{margin:0}@media (min-width:1px){.btn{left:0}}"
    )


def token(name: str) -> str:
    return re.search(rf"--gh-{name}:(#[0-9A-F]{{6}})", TOKENS)[1]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(token(one)), luminance(token(two))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("surface", "page", "pale")),
        ("ink-2", "wash"), ("red", "surface"), ("red", "page"), ("red", "red-wash"), ("surface", "red"),
        ("surface", "red-deep"), ("green", "green-wash"), ("amber", "amber-wash"), ("blue", "surface"),
        ("blue", "page"), ("blue", "blue-wash"), ("ink-3", "amber-wash"),
    ],
)  # fmt: skip
def test_text_stands_out(ink, ground):
    assert contrast(ink, ground) >= 4.5


def test_borders_of_controls_and_series_stand_out():
    assert contrast("line-strong", "surface") >= 3
    assert min(contrast(f"s{n}", "surface") for n in range(1, 7)) >= 4.5
