"""The archive's file: evidence, pages, data, and last the index with the size and SM3 digest of each."""

import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from cryptography.hazmat.primitives import hashes

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.programmes.moves.archive.contents import Contents
from guildhall.foundation.programmes.moves.archive.pages import index_page
from guildhall.foundation.records.attachments import open_attachment
from guildhall.foundation.records.rules import plain, sm3

INDEX: Final = "index.json"
CHUNK: Final = 1 << 20


@dataclass
class Written:
    """A file that stands, and what is said of it."""

    path: Path
    index_digest: str
    count: int
    entries: int
    missing: list[str]


@dataclass
class Book:
    """What has been written so far."""

    archive: zipfile.ZipFile
    beat: Callable[[int], None]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def put(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> str:
        """One file, measured on its way in; its digest."""
        info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        digest, size = hashes.Hash(hashes.SM3()), 0
        with self.archive.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.files[name] = {"size": size, "sm3": digest.finalize().hex()}
        self.beat(len(self.files))
        return str(self.files[name]["sm3"])


def write(contents: Contents, path: Path, beat: Callable[[int], None]) -> Written:
    """Write it all. A piece of evidence that is gone, or no longer gives its digest, is named in the index and on the page."""
    with zipfile.ZipFile(path, "w") as archive:
        book = Book(archive, beat)
        for name, attachment in contents.evidence:
            try:
                with open_attachment(attachment) as file:
                    if book.put(name, _chunks(file), packed=False) != attachment.digest:
                        book.missing.append(name)
            except NotHere:
                book.missing.append(name)
        for name, data in contents.files.items():
            book.put(name, [data])
        book.put("index.html", [index_page(contents, book.missing)])
        said = {
            "format": "guildhall-archive/1", "round": contents.round["id"], "title": contents.round["title"],
            "made_at": contents.at, "chain": contents.chain_head, "missing": book.missing, "files": book.files,
        }  # fmt: skip
        index = json.dumps(plain(said), ensure_ascii=False, indent=1).encode()
        archive.writestr(zipfile.ZipInfo(INDEX, clock.now().timetuple()[:6]), index, zipfile.ZIP_DEFLATED)
    return Written(path, sm3(index), len(book.files) + 1, contents.chain_head["length"], book.missing)


def _chunks(file: IO[bytes]) -> Iterable[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
