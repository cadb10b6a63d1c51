"""`python -m guildhall.cli.frontend`: front-end packages by npm's lock, then our assets out of them; run by make.

Both are skipped where nothing that they read has changed. npm is the machine's own or, where it has none, the one
that comes as a Python package.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from guildhall.cli import fonts
from guildhall.cli.errors import Trouble
from guildhall.config import environment

ROOT = Path(__file__).resolve().parents[3]
NPM_REQUIREMENTS = ROOT / "requirements" / "npm.txt"
READ = (".html", ".py", ".js", ".css", ".svg")  # The build keeps the classes and icons that these name.


def main() -> int:
    """Install and build what is out of date."""
    try:
        packages()
        assets(environment.home() / "assets")
        fonts.unpack(environment.home() / "fonts", npm)
    except Trouble as trouble:
        print(f"guildhall: {trouble}", file=sys.stderr)
        return trouble.status
    return 0


def packages() -> None:
    """`npm ci`, where the lock differs from the one last installed."""
    wanted = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    stamp = ROOT / "node_modules" / ".guildhall"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    done = subprocess.run(
        [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], cwd=ROOT, check=False
    )
    if done.returncode:
        raise Trouble("npm could not install the front-end packages; what it said stands above.")
    stamp.write_text(wanted)


def npm() -> list[str]:
    """The machine's npm, else the wheel's beside this Python, installed when it is first needed."""
    if own := shutil.which("npm"):
        return [own]
    folder = Path(sys.executable).parent
    if not (folder / "npm").exists():
        print("guildhall: no npm here; installing the one that comes as a Python package …", flush=True)
        subprocess.run(
            [folder / "uv", "pip", "install", "--quiet", "-p", sys.executable, "-r", NPM_REQUIREMENTS], check=True
        )
    return [str(folder / "npm")]


def assets(out: Path) -> None:
    """Build into a fresh folder, then put it in place: a killed build leaves the old one."""
    sources = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in READ and path.is_file())
    wanted = digest([ROOT / "package-lock.json", *sources])
    stamp = out.with_name("assets.stamp")
    if out.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    from guildhall.foundation.screens.assets import build

    fresh = out.with_name("assets.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    build(ROOT / "node_modules", fresh)
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)
    stamp.write_text(wanted)


def digest(paths: Iterable[Path]) -> str:
    """One number for the names and the content of files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
