"""A participant in a process of its own: `python -m tests.races.process PROGRAM STORE NUMBER COUNT SEED`.

It waits for a line on its standard input, takes part, and prints what each customer redeemed as JSON.
"""

import sys
from uuid import UUID

import django
import msgspec


def main() -> None:
    django.setup()
    from tests.races.bazaar import Participant

    program, store, number, count, seed = sys.argv[1:]
    participant = Participant(
        program_id=UUID(program), store_id=UUID(store), number=int(number), count=int(count), seed=int(seed)
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(msgspec.json.encode(participant.run()).decode())


if __name__ == "__main__":
    main()
