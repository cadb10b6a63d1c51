"""`guildhall records verify`: every chain read from its first entry to its last, and held against the daily seals."""

import argparse
from pathlib import Path

from guildhall.config import environment


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    records = commands.add_parser("records", help="the chained decision records").add_subparsers(
        required=True, metavar="ACT"
    )
    text = "name every changed, missing, reordered or cut-off entry; exit 1 where there is one"
    verify = records.add_parser("verify", help=text, description=text)
    verify.add_argument("--seal", metavar="FILE_OR_TEXT", help="a seal printed earlier: shows what only it can show")
    verify.set_defaults(run=run_verify)


def run_verify(asked: argparse.Namespace) -> int:
    from guildhall.cli import prepare
    from guildhall.cli.up import database

    seal = None if asked.seal is None else given(asked.seal)
    with database(environment.home()):
        prepare.django_up()
        from guildhall.foundation.records import verify

        lines, sound = verify.report(seal)
    for line in lines:
        print(line)
    return 0 if sound else 1


def given(seal: str) -> str:
    """The text of the file of that name, where there is one; else the text itself, which may be no file's name at all."""
    try:
        return Path(seal).read_text(encoding="utf-8").strip() if Path(seal).is_file() else seal
    except (OSError, UnicodeDecodeError):
        return seal
