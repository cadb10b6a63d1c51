"""Run as a program in a cluster of its own: a list that waits for its leader, whose session it prints as JSON."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from tests.foundation.programmes.purse import YUAN, make
    from tests.plugins.browser import session_of

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    purse = make(20, fund=200_000 * YUAN)
    payout = purse.prepared()
    sys.stdout.write(json.dumps({"pk": payout.pk, "digest": payout.digest, "session": session_of(purse.leader)}))


if __name__ == "__main__":
    main()
