"""`wafa endpoint`: where a program's own webhooks go."""

from datetime import UTC, datetime
from uuid import UUID

import click
from django.conf import settings

from wafa.connectors.signatures import make_secret
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import Invalid, add_endpoint, remove_endpoint
from wafa.programs.queries import list_endpoints


@click.group()
def command() -> None:
    """Say where a program's own webhooks go."""


@command.command()
@click.argument("slug")
@click.argument("url")
def add(slug: str, url: str) -> None:
    """Post what the program SLUG books to URL from now on, and print the secret that signs it."""
    program = program_called(slug)
    if url.startswith("http://") and not settings.WEBHOOKS_MAY_BE_PRIVATE:
        raise click.ClickException("url: expected an address that begins with https://; nothing would be sent there")
    secret = make_secret()
    try:
        with program_transaction(program.id):
            endpoint_id = add_endpoint(program.id, url=url, secret=secret, at=datetime.now(UTC))
    except Invalid as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"id      {endpoint_id}")
    click.echo(f"secret  {secret}")
    click.echo("The secret is kept sealed and is not shown again.")


@command.command("list")
@click.argument("slug")
def list_added(slug: str) -> None:
    """List the endpoints of the program SLUG, the oldest first."""
    program = program_called(slug)
    with program_transaction(program.id):
        endpoints = list_endpoints(program.id)
    if not endpoints:
        click.echo("None yet.")
    for endpoint in endpoints:
        click.echo(f"{endpoint.id}  added {endpoint.created_at:%Y-%m-%d}  {endpoint.url}")


@command.command()
@click.argument("slug")
@click.argument("endpoint_id", metavar="ID", type=click.UUID)
def remove(slug: str, endpoint_id: UUID) -> None:
    """Send nothing more to the endpoint ID of the program SLUG, nor what waits to be sent."""
    program = program_called(slug)
    with program_transaction(program.id):
        is_removed = remove_endpoint(program.id, endpoint_id)
    if not is_removed:
        raise click.ClickException(f"{slug} has no endpoint {endpoint_id}; `wafa endpoint list {slug}` shows them.")
    click.echo(f"Removed the endpoint {endpoint_id}.")
