"""The keys of this house, made at its first start: they stay in its folder, readable by its account alone."""

import os
import secrets
import tempfile
from pathlib import Path


def keep(home: Path) -> None:
    """Make the keys that are missing: one signs sessions, 128 bits in hex seal what is encrypted at rest."""
    home.mkdir(parents=True, exist_ok=True)
    for name, key in (("secret", secrets.token_urlsafe(48)), ("vault-key", secrets.token_hex(16))):
        if not (home / name).exists():
            _write_whole(home / name, key)


def put(home: Path, key: str) -> None:
    """The given `vault-key` into a house that has none."""
    if not (home / "vault-key").exists():
        _write_whole(home / "vault-key", key)


def _write_whole(path: Path, text: str) -> None:
    """Written beside, then linked into place: never half a key, never another one over the first."""
    handle, half = tempfile.mkstemp(dir=path.parent)  # Mode 0600.
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(half, path)
    except FileExistsError:
        pass
    finally:
        Path(half).unlink()
