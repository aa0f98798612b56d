"""The end of `wafa demo`: replay what a real store sent, check the books, and say where to look."""

import time
from datetime import UTC, datetime

import click

from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.fill import Demo, progress_bar
from wafa.jobs.demo.found_program import SLUG, STAFF_EMAIL, DemoProgram
from wafa.jobs.demo.replay import list_deliveries, replay_deliveries
from wafa.jobs.demo.stories import STORIES
from wafa.kit.transactions import program_transaction
from wafa.ledger.verify import verify
from wafa.members.links import make_member_link
from wafa.members.queries import find_member_of_customer
from wafa.relay.models import DeliveryState
from wafa.relay.queries import count_deliveries

_DRAIN_SECONDS = 60.0


def replay(demo: Demo, *, port: int) -> None:
    """Deliver to this machine what a real store once sent, and wait until the worker has booked it.

    Raises DemoFailed.
    """
    address = f"http://127.0.0.1:{port}/hooks/{demo.program.id}/{demo.program.woocommerce.code}"
    with progress_bar() as progress:
        task = progress.add_task("Replaying a real store's webhooks", total=len(list_deliveries()))
        for _ in replay_deliveries(address):
            progress.advance(task)
    deadline = time.monotonic() + _DRAIN_SECONDS
    while waiting := _count_new(demo):
        if time.monotonic() > deadline:
            raise DemoFailed(f"{waiting} deliveries still wait after {_DRAIN_SECONDS:.0f} s")
        time.sleep(0.1)


def _count_new(demo: Demo) -> int:
    with program_transaction(demo.program.id):
        return count_deliveries(demo.program.id)[DeliveryState.NEW]


def tell_tour(demo: Demo, origin: str) -> None:
    """Print where to go, how to get in, and what is worth seeing there. Raises DemoFailed."""
    with program_transaction(demo.program.id):
        books = verify(demo.program.id)
        paths = [_find_page(demo.program, number) for number in range(1, len(STORIES) + 1)]
    if books.differences:
        raise DemoFailed(f"`wafa ledger verify` finds {len(books.differences)} differences")
    counts = ", ".join(f"{count:,} {name}" for name, count in books.counts.items())
    click.echo(f"\nThe books hold {counts}. `wafa ledger verify`: 0 differences.\n")
    click.echo(f"The console    {origin}/")
    click.echo(f"               sign in as {STAFF_EMAIL} with {demo.record.password}")
    click.echo("               in Arabic, the program's language, until you choose another at the foot of the menu;")
    click.echo("               search a member in any script, open one, and unfold a line of the history;")
    click.echo(f"               under deliveries are the {len(list_deliveries())} webhooks of a real WooCommerce store")
    for story, path in zip(STORIES, paths, strict=True):
        # What there is to see was written for the demo's own program.
        shows = "" if demo.record.template else f": {story.shows}"
        click.echo(f"\n{story.name} ({story.locale}){shows}")
        click.echo(f"               {origin}{path}")
    click.echo()


def _find_page(program: DemoProgram, number: int) -> str:
    """The link to the page of the customer with this number in the shop."""
    member = find_member_of_customer(program.id, store=program.shop.code, external_id=str(number))
    assert member is not None, f"customer {number} was never loaded"
    return make_member_link(SLUG, program.id, member.id, at=datetime.now(UTC))
