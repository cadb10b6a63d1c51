"""What the environment says. The settings and the `guildhall` command ask here; nothing else reads the environment.

Functions, not constants: the command starts a database and says where it is before Django reads its settings.
"""

import os
from pathlib import Path
from secrets import token_hex
from urllib.parse import parse_qsl, unquote, urlsplit


def home() -> Path:
    """Where this federation's files live: keys, attachments, the embedded database, built front-end files."""
    return Path(os.environ.get("GUILDHALL_HOME") or Path.cwd() / "var").resolve()


def speaks_english() -> bool:
    """Whether the terminal's language is English; everything else is spoken to in Chinese."""
    return (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").lower().startswith("en")


def port() -> int:
    """Where the server listens."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"PORT={text} is not a port number.")
    return int(text)


def address(origins: list[str]) -> str:
    """Where the public reaches the house: the first origin that is accepted, else this machine."""
    return origins[0] if origins else f"http://127.0.0.1:{port()}"


def is_demo() -> bool:
    """The demonstration: its own city and its own time of business."""
    return os.environ.get("GUILDHALL_DEMO") == "1"


def external_database() -> str:
    """The address of a server that others run, or nothing where the embedded one serves."""
    return os.environ.get("DATABASE_URL", "")


def database() -> dict[str, str]:
    """Django's NAME, USER, PASSWORD, HOST and PORT, out of `DATABASE_URL` or of what the command has set."""
    if url := external_database():
        return from_url(url)
    return {
        "NAME": os.environ.get("GUILDHALL_DB_NAME", "guildhall"),
        "USER": os.environ.get("GUILDHALL_DB_USER", "federation"),
        "PASSWORD": os.environ.get("GUILDHALL_DB_PASSWORD", ""),
        "HOST": os.environ.get("GUILDHALL_DB_HOST", ""),
        "PORT": os.environ.get("GUILDHALL_DB_PORT", ""),
    }


def from_url(url: str) -> dict[str, str]:
    """`postgresql://role:password@host:port/database`; `?host=/folder` names a Unix socket's folder.

    Raises `ValueError` for any other parameter: a `sslmode` that nobody reads would promise what is not kept.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must look like postgresql://role:password@host:5432/guildhall.")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unread := sorted(query.keys() - {"host"}):
        raise ValueError(f"DATABASE_URL cannot carry {', '.join(unread)}; set PGSSLMODE and its kin beside it.")
    return {
        "NAME": unquote(parts.path.removeprefix("/")) or "guildhall",
        "USER": unquote(parts.username or "federation"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


def key(variable: str, file: str) -> str:
    """A key from the environment, else the one that the first start kept in the federation's folder, else none."""
    if given := os.environ.get(variable):
        return given
    kept = home() / file
    return kept.read_text().strip() if kept.exists() else ""


def secret_key() -> str:
    """Signs sessions and forms. Where nobody gave or kept one, it lasts as long as the process."""
    return key("GUILDHALL_SECRET", "secret") or token_hex(32)


def vault_key() -> str:
    """128 bits in hex that seal what is encrypted at rest."""
    return key("GUILDHALL_VAULT_KEY", "vault-key")
