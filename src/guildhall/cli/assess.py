"""`guildhall assess FILE.json`: a round computed again from its published file, without a database."""

import argparse
import sys
from pathlib import Path

from guildhall.cli.errors import Trouble


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "recompute a round from its published, de-identified file and print the outcome as JSON"
    command = commands.add_parser("assess", help=text, description=text)
    command.add_argument("file", metavar="FILE.json", help="as the round's public page offers it; - is standard input")
    command.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    from guildhall.science import published
    from guildhall.science.errors import Infeasible, Malformed

    try:
        text = sys.stdin.read() if asked.file == "-" else Path(asked.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"cannot read {asked.file}: {error}", status=2) from None
    try:
        outcome = published.assess(text)
    except (Malformed, Infeasible) as error:
        raise Trouble(f"{asked.file}: {error}", status=2) from None
    print(outcome)
    return 0
