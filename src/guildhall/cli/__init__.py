"""The `guildhall` command: starts the house, and answers questions that need no browser.

Imports stay light here: a subcommand's module is loaded when it is asked for, and Django only where it is needed.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from guildhall.cli import assess, backup, password, programmes, records, restore, up
from guildhall.cli.errors import Trouble

Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """Every subcommand and its options; each carries the function that runs it as `run`."""
    top = argparse.ArgumentParser(prog="guildhall", description="The working system of a city federation of unions.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (up, assess, programmes, records, password, backup, restore):
        module.register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand. 0: done. 1: not as it should be. 2: asked wrongly, said in one line."""
    asked = parser().parse_args(argv)
    run: Command = asked.run
    try:
        return run(asked)
    except Trouble as trouble:
        print(f"guildhall: {trouble}", file=sys.stderr)
        return trouble.status
    except KeyboardInterrupt:
        return 130
