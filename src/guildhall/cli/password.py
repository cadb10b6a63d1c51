"""`guildhall password USER`: a new password, for whoever runs the machine."""

import argparse

from guildhall.cli.errors import Trouble
from guildhall.config import environment


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "set a new password for an account and print it once; recorded"
    command = commands.add_parser("password", help=text, description=text)
    command.add_argument("user", metavar="USER")
    command.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    from guildhall.cli import prepare
    from guildhall.cli.up import database

    with database(environment.home()):
        prepare.django_up()
        from guildhall.foundation.errors import NotHere
        from guildhall.foundation.organisations.moves.people import reset_on_the_machine

        try:
            print(reset_on_the_machine(asked.user))
        except NotHere:
            raise Trouble(f"there is no account {asked.user}", status=2) from None
    return 0
