"""The demonstration city: fictitious names, real shape, the same at every making, built through the product's moves."""

import json
from random import Random

from django.conf import settings

SEED = 20_241_126
FIRST_DAY = (2023, 9, 4)


def load() -> None:
    """Build the city inside the caller's transaction, and write its log-ins to `var/demo-logins.json`."""
    from guildhall.cli.city import facts, logins, money, pilots, rounds, tree
    from guildhall.foundation.clock import moves as clock_moves

    chance = Random(SEED)
    clock_moves.start_demonstration(rounds.moment(*FIRST_DAY))
    city = tree.plant(chance)
    who = facts.characters(city.units, chance)
    first = pilots.designate(city, chance)
    money.fill_2023(city)
    done = rounds.run_2023(city, first, who, chance)
    money.pay_2023(city, done)
    rounds.run_2024(city, who, chance)
    money.wait_2024(city)
    rounds.arrive()
    text = json.dumps(logins.rows(), ensure_ascii=False, indent=2)
    (settings.HOME / "demo-logins.json").write_text(text + "\n", encoding="utf-8")
