"""PDF by typst: a sheet of our own for each kind, and the data beside it as JSON."""

import json
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst

from guildhall.foundation.documents.rendering.fonts import font, fonts
from guildhall.foundation.documents.rendering.meta import Meta
from guildhall.foundation.documents.rules import read_content

FOLDER: Final = Path(__file__).parent / "sheets"
SHEETS: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.typ") if path.stem != "common"))
_compilers: dict[str, typst.Compiler] = {}
_one = Lock()  # A compiler keeps what it has read between two papers, and serves one at a time.


def pdf(name: str, content: dict[str, Any], meta: Meta) -> bytes:
    """A paper: `name` is one of `SHEETS`, `content` what `rules.Content` describes. Raises `NoFont`.

    Everything in it reaches the sheet as a string, never as markup, so nothing a person typed is run; the compiler
    reads its own folder alone.
    """
    if name not in SHEETS:
        raise ValueError(f"no sheet {name}")
    family = font()
    said = read_content(content).model_dump(mode="json")
    data = {**said, "meta": {**meta.words(), "qr": meta.qr()}, "font": family}
    with _one:
        compiler = _compilers.get(name) or _compilers.setdefault(
            name, typst.Compiler(str(FOLDER / f"{name}.typ"), root=str(FOLDER), font_paths=fonts()[0])
        )
        paper = compiler.compile(
            format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, timestamp=int(meta.at.timestamp())
        )
    assert isinstance(paper, bytes)  # One file is asked for.
    return paper
