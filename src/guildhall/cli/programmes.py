"""`guildhall programmes check FILE.yaml`: whether a programme file is sound, and if not, where and why."""

import argparse
import os
import sys
from pathlib import Path

from guildhall.cli.errors import Trouble
from guildhall.config import environment


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    programmes = commands.add_parser("programmes", help="the programme files").add_subparsers(
        required=True, metavar="ACT"
    )
    text = "say whether a programme file is sound; name every fault with its line; exit 1 where there is one"
    check = programmes.add_parser("check", help=text, description=text)
    check.add_argument("file", metavar="FILE.yaml", help="- is standard input")
    check.add_argument("--english", action="store_true", help="in English; so it is where LANG says en")
    check.set_defaults(run=run_check)


def run_check(asked: argparse.Namespace) -> int:
    try:
        source = sys.stdin.read() if asked.file == "-" else Path(asked.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"cannot read {asked.file}: {error}", status=2) from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.config.settings")
    import django

    django.setup()  # The domains say which registers there are; no database is asked.
    lines, sound = report(asked.file, source, english=asked.english or environment.speaks_english())
    for line in lines:
        print(line)
    return 0 if sound else 1


def report(name: str, source: str, *, english: bool) -> tuple[list[str], bool]:
    """What to print of a file, and whether it is sound."""
    from guildhall.foundation.programmes import registry
    from guildhall.foundation.programmes.moves.programmes import registers
    from guildhall.foundation.programmes.rules.faults import faults_in

    shipped = [path.stem for path in registry.PROGRAMMES]
    found = faults_in(source, registers=registers(shipped), confers=set(registry.CONFER))
    if not found:
        return [f"{name}: sound." if english else f"{name}：没有问题，可以载入。"], True
    head = f"{name}: {len(found)} to mend" if english else f"{name}：有 {len(found)} 处要改"
    return [head, *(f"  {fault.text(english=english)}" for fault in found)], False
