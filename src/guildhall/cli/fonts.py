"""A Chinese font for papers, where the machine has none: npm's Noto Serif SC, unpacked once; run by the assets' build.

It holds the characters of the national standard; rare ones of names are missing, which Debian's fonts-noto-cjk has.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from guildhall.cli.errors import Trouble
from guildhall.foundation.documents.states import FAMILIES

PACKAGE = "@fontsource/noto-serif-sc@5.3.0"
INTEGRITY = "0/zaEFkidiWldE62rTeD74x8ygUsQvejiSNtO0LQxQk3qpaHnlMZ3w4C7yH80B4KTIg8VKeFP4oSgwWMchY9+g=="
FILE = "package/files/noto-serif-sc-chinese-simplified-{weight}-normal.woff2"
WEIGHTS = (400, 700)


def found(folder: Path) -> bool:
    """Whether the machine, or the federation's folder, has a Chinese font."""
    import typst

    known = typst.Fonts(font_paths=[folder] if folder.is_dir() else []).families()
    return bool(set(known) & set(FAMILIES))


def unpack(folder: Path, npm: Callable[[], list[str]]) -> None:
    """Fetch and unpack the font where none is found; without it all goes on but printing, and that says so."""
    if found(folder):
        return
    print("guildhall: no Chinese font here; fetching one for what is printed …", file=sys.stderr, flush=True)
    try:
        with tempfile.TemporaryDirectory() as place:
            _write(_fetched(npm(), Path(place)), folder)
    except (OSError, KeyError, tarfile.TarError, subprocess.SubprocessError, Trouble) as fault:
        print(
            f"guildhall: no font came ({fault}); papers will be printed once fonts-noto-cjk is installed.",
            file=sys.stderr,
        )


def _fetched(npm: list[str], place: Path) -> bytes:
    """The package as it was published; another content than the one we know is refused."""
    subprocess.run([*npm, "pack", PACKAGE, "--silent"], cwd=place, check=True, capture_output=True, timeout=300)
    data = next(place.glob("*.tgz")).read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != INTEGRITY:
        raise Trouble("the font's package is not the one we know")
    return data


def _write(package: bytes, folder: Path) -> None:
    from fontTools.ttLib import TTFont

    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        for weight in WEIGHTS:
            packed = archive.extractfile(FILE.format(weight=weight))
            if packed is None:
                raise KeyError(FILE.format(weight=weight))
            font = TTFont(BytesIO(packed.read()))
            font.flavor = None
            font.save(folder / f"NotoSerifSC-{weight}.ttf")
