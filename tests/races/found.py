"""Found a program with two stores in the home of a running installation: `python -m tests.races.found`.

Prints the program's id.
"""

import sys
from datetime import UTC, datetime

import django


def main() -> None:
    django.setup()
    from tests.races.shoppers import DIRECT_SECRET, WOO_SECRET
    from tests.world import World
    from wafa.kit.transactions import program_transaction
    from wafa.programs.operations import connect_store

    world = World(connector="woocommerce", store="woo", secret=WOO_SECRET)
    with program_transaction(world.program_id):
        connect_store(
            world.program_id,
            code="own",
            connector="direct",
            name="Own shop",
            currency="SAR",
            secret=DIRECT_SECRET,
            at=datetime.now(UTC),
        )
    sys.stdout.write(str(world.program_id))


if __name__ == "__main__":
    main()
