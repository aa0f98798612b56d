"""The end of `wafa demo`: replay what a real store sent, check the books, and say where to look."""

import time
from datetime import timedelta

import click

from wafa.jobs.demo.fill import Demo, progress_bar
from wafa.jobs.demo.found_program import STAFF_EMAIL
from wafa.jobs.demo.replay import list_deliveries, replay_deliveries
from wafa.kit.transactions import program_transaction
from wafa.ledger.verify import verify
from wafa.relay.models import DeliveryState
from wafa.relay.queries import count_deliveries

_DRAIN_SECONDS = 60.0
_LINKS_LAST = timedelta(days=7)


class NotDrained(Exception):
    """Deliveries still wait in the inbox."""


class BooksDiffer(Exception):
    """The books are not what their postings add up to."""


def replay(demo: Demo, origin: str) -> None:
    """Deliver what a real store once sent, and wait until the worker has booked it. Raises NotDrained."""
    program, store = demo.program, demo.program.woocommerce
    with progress_bar() as progress:
        task = progress.add_task("Replaying a real store's webhooks", total=len(list_deliveries()))
        for _ in replay_deliveries(f"{origin}/hooks/{program.id}/{store.code}"):
            progress.advance(task)
    deadline = time.monotonic() + _DRAIN_SECONDS
    while waiting := _count_new(demo):
        if time.monotonic() > deadline:
            raise NotDrained(f"{waiting} deliveries still wait after {_DRAIN_SECONDS:.0f} s")
        time.sleep(0.1)


def _count_new(demo: Demo) -> int:
    with program_transaction(demo.program.id):
        return count_deliveries(demo.program.id)[DeliveryState.NEW]


def tell_tour(demo: Demo, origin: str) -> None:
    """Print where to go, how to get in, and what is worth seeing there. Raises BooksDiffer."""
    program_id = demo.program.id
    with program_transaction(program_id):
        books = verify(program_id)
    if books.differences:
        raise BooksDiffer(f"wafa ledger verify finds {len(books.differences)} differences")
    counts = ", ".join(f"{count:,} {name}" for name, count in books.counts.items())
    click.echo(f"\nThe books hold {counts}; 0 differences.\n")
    click.echo(f"Console   {origin}/\n          {STAFF_EMAIL}   {demo.record.password}\n")
