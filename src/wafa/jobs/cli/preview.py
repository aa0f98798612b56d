"""`wafa preview`: what a cart would earn."""

from datetime import UTC, datetime
from pathlib import Path

import click
from django.utils import translation

from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.stores.direct.carts import read_cart
from wafa.core.calendars import OutsideCalendar
from wafa.core.earn import MissingRate
from wafa.flows.preview_cart import preview_cart
from wafa.jobs.cli import program_called
from wafa.jobs.decisions import show_decision
from wafa.kit.transactions import program_transaction
from wafa.programs.formats import formats_for
from wafa.programs.queries import find_store, get_program_rules
from wafa.reports.decided import tell_preview

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("slug")
@click.argument("cart", type=_FILE)
@click.option("--store", required=True, help="The code of the store where the cart is.")
@click.option("--language", type=click.Choice(["en", "ar", "fa"]), default="en", show_default=True)
def command(slug: str, cart: Path, store: str, language: str) -> None:
    """Tell what the cart in the file CART (JSON) would earn in the program SLUG, by rule, and why not the rest.

    A cart is an order of a direct store without its id and times. Nothing is written.
    """
    program = program_called(slug)
    now = datetime.now(UTC)
    try:
        order = read_cart(cart.read_bytes(), store=store, at=now)
        with program_transaction(program.id):
            if find_store(program.id, code=store) is None:
                raise click.ClickException(f"{slug} has no store {store!r}; `wafa store connect` connects one.")
            rules = get_program_rules(program.id)
            found = preview_cart(program.id, rules, order, store=store, at=now)
    except CannotUnderstand as error:
        raise click.ClickException(f"{cart}: {error.path}: expected {error.expected}") from None
    except (MissingRate, OutsideCalendar) as error:
        raise click.ClickException(f"{cart}: {error}") from None
    with translation.override(language):
        show_decision(tell_preview(found, rules, formats_for(program, language), at=now))
