"""`wafa program explain`: why an order earned what it earned."""

from datetime import UTC, datetime

import click
from django.utils import translation

from wafa.activities.queries import find_order
from wafa.jobs.cli import program_called
from wafa.jobs.decisions import show_decision
from wafa.kit.transactions import program_transaction
from wafa.programs.formats import formats_for
from wafa.programs.queries import get_program_rules, list_stores
from wafa.reports.decided import tell_explanation
from wafa.reports.explained import explain_order


@click.command()
@click.argument("slug")
@click.argument("store")
@click.argument("order")
@click.option("--language", type=click.Choice(["en", "ar", "fa"]), default="en", show_default=True)
def explain(slug: str, store: str, order: str, language: str) -> None:
    """Decide again what ORDER (the store's own id of it) of STORE earned, and compare it with the books."""
    program = program_called(slug)
    with program_transaction(program.id):
        rules = get_program_rules(program.id)
        stores = {row.id: row.code for row in list_stores(program.id)}
        store_id = next((id_ for id_, code in stores.items() if code == store), None)
        if store_id is None:
            raise click.ClickException(f"the program {slug} has no store {store!r}.")
        found = find_order(program.id, store_id=store_id, external_id=order)
        if found is None:
            raise click.ClickException(f"the store {store} has told of no order {order!r}.")
        if found.member_id is None or found.paid_at is None:
            raise click.ClickException(f"order {order} earns nothing: nobody paid it whom the store named.")
        explanation, booked = explain_order(
            program.id, rules, member_id=found.member_id, order_id=found.id, at=datetime.now(UTC)
        )
    with translation.override(language):
        show_decision(tell_explanation(explanation, rules, formats_for(program, language), booked=booked))
