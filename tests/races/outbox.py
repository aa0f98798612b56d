"""A worker in a process of its own that keeps a program's promises: `python -m tests.races.outbox PROGRAM`."""

import sys
from uuid import UUID

import django


def main() -> None:
    django.setup()
    from wafa.jobs.outbox import run_program_outbox

    run_program_outbox(UUID(sys.argv[1]))


if __name__ == "__main__":
    main()
