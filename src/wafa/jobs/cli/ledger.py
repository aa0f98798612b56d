"""`wafa ledger`: questions about the books of an installation."""

import sys
from datetime import UTC, datetime

import click

from wafa.kit.transactions import program_transaction
from wafa.ledger.verify import verify as verify_books
from wafa.programs.queries import find_program, get_program, list_program_ids

_SHOWN = 50


@click.group()
def command() -> None:
    """Look into the books."""


@command.command()
@click.option("--program", "slug", help="Only the program with this slug; all of them, unless given.")
def verify(slug: str | None) -> None:
    """Recompute all balances, lots and journals from the postings. Ends with 1 where anything differs."""
    program = find_program(slug) if slug else None
    if slug and program is None:
        raise click.BadParameter(f"no program is called {slug!r}", param_hint="--program")
    found = 0
    for program_id in [program.id] if program else list_program_ids():
        started = datetime.now(UTC)
        with program_transaction(program_id):
            books = verify_books(program_id)
        seconds = (datetime.now(UTC) - started).total_seconds()
        counts = ", ".join(f"{count:,} {name}" for name, count in books.counts.items())
        click.echo(f"{get_program(program_id).slug}: {counts}; {len(books.differences)} differences ({seconds:.1f} s)")
        for difference in books.differences[:_SHOWN]:
            click.echo(
                f"  {difference.check} {difference.subject}: expected {difference.expected}, found {difference.found}"
            )
        if len(books.differences) > _SHOWN:
            click.echo(f"  and {len(books.differences) - _SHOWN:,} more")
        found += len(books.differences)
    sys.exit(1 if found else 0)
