"""A backup as one file: a ZIP of the database's dump, the attachments and a manifest, closed by a digest over all of it.

Its last 64 bytes are the SM3 digest, in hex, of every byte before them (a ZIP calls that its comment): any change of the
file is seen, and the manifest then says which part it is in.
"""

import json
import os
import re
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from cryptography.hazmat.primitives import hashes

from guildhall.cli.errors import Trouble

FORMAT: Final = "guildhall-backup/1"
MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
ATTACHMENTS: Final = "attachments/"
ATTACHMENT: Final = re.compile(r"attachments(/[\w-]+(\.[\w-]+)*)+")
DIGEST_BYTES: Final = 64
CHUNK: Final = 1 << 20
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, NotImplementedError)


class Writer:
    """Members go in one after another; each is measured on its way."""

    def __init__(self, file: "IO[bytes]") -> None:
        self._archive = zipfile.ZipFile(file, "w")
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: "IO[bytes]") -> str:
        """Everything that `source` gives, as one member; its SM3 digest in hex."""
        digest, size = hashes.Hash(hashes.SM3()), 0
        with self._archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            while chunk := source.read(CHUNK):
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.files[name] = {"size": size, "sm3": digest.finalize().hex()}
        return str(self.files[name]["sm3"])

    def close(self, manifest: dict[str, Any]) -> None:
        """The manifest last: it names all that went in before."""
        told = {"format": FORMAT, **manifest, "files": self.files}
        self._archive.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))
        self._archive.comment = b"0" * DIGEST_BYTES

    def end(self) -> None:
        """The directory; after a failure too, for the archive wants to be closed before its file."""
        self._archive.close()


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """Write beside the target, readable by its account alone, and rename at the end: half a backup has no name."""
    if target.exists():
        raise Trouble(f"{target} is there already; name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            writer = Writer(file)
            try:
                yield writer
            finally:
                writer.end()
            _close_with_digest(file)
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _close_with_digest(file: "IO[bytes]") -> None:
    end = file.seek(0, os.SEEK_END) - DIGEST_BYTES
    told = _digest(file, end)
    file.seek(end)
    file.write(told.encode())
    file.flush()
    os.fsync(file.fileno())


def _digest(file: "IO[bytes]", size: int) -> str:
    """SM3 over the first `size` bytes."""
    digest = hashes.Hash(hashes.SM3())
    file.seek(0)
    while size > 0 and (chunk := file.read(min(CHUNK, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.finalize().hex()


@contextmanager
def reading(path: Path) -> "Iterator[Reader]":
    """An opened backup. Raises `Trouble` for one that is not, byte for byte, as it was written."""
    try:
        with path.open("rb") as file:
            yield Reader(path, file)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename != str(path):
            raise
        raise Trouble(f"cannot read {path}: {error.strerror}", status=2) from None


class Reader:
    """A backup whose every byte is as it was written."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        end = file.seek(0, os.SEEK_END) - DIGEST_BYTES
        if end < DIGEST_BYTES or _digest(file, end).encode() != self._tail(end):
            raise Trouble(f"{path} is damaged and was not restored: {'; '.join(self._what_differs())}.")
        self._archive = zipfile.ZipFile(file)
        self.manifest = self._manifest(self._archive)

    def _tail(self, end: int) -> bytes:
        self._file.seek(end)
        return self._file.read()

    def _manifest(self, archive: zipfile.ZipFile) -> dict[str, Any]:
        """What the backup says of itself. Refuses another kind of file, and parts that would climb out of the home."""
        try:
            told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        except UNREADABLE:
            raise Trouble(f"{self.path} is no backup of a house.", status=2) from None
        if told.get("format") != FORMAT:
            raise Trouble(f"{self.path} is of the format {told.get('format')}; this program reads {FORMAT}.", status=2)
        for name in told["files"]:
            if name != DUMP and not ATTACHMENT.fullmatch(name):
                raise Trouble(f"{self.path} holds a part of an unknown name: {name}.")
        return told

    def _what_differs(self) -> list[str]:
        """The parts that are not as the manifest says; the whole, where not even that can be read."""
        try:
            with zipfile.ZipFile(self._file) as archive:
                files = self._manifest(archive)["files"]
                found = [name for name, told in files.items() if not _holds(archive, name, told)]
        except (*UNREADABLE, OSError, Trouble):
            return ["its directory cannot be read, as where it was cut short or its manifest was changed"]
        return [f"{name} does not match its digest" for name in found] or ["it was changed outside its parts"]

    def extract(self, name: str, target: Path) -> None:
        """One part written to `target`, its digest checked once more on the way."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if not _holds(self._archive, name, self.manifest["files"][name], file.write):
                raise Trouble(f"{self.path} changed while it was read: {name} does not match its digest.")
            file.flush()
            os.fsync(file.fileno())


def _holds(
    archive: zipfile.ZipFile, name: str, told: dict[str, Any], write: "Callable[[bytes], object] | None" = None
) -> bool:
    """Whether a part has the size and the digest that the manifest names."""
    digest, size = hashes.Hash(hashes.SM3()), 0
    try:
        with archive.open(name) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if write:
                    write(chunk)
    except UNREADABLE:
        return False
    return bool(digest.finalize().hex() == told["sm3"] and size == told["size"])
