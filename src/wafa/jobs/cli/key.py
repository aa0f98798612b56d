"""`wafa key`: keys to a program's API."""

from datetime import UTC, datetime
from uuid import UUID

import click

from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import SCOPES, Invalid, NewApiKey, create_api_key, revoke_api_key
from wafa.programs.queries import list_api_keys


@click.group()
def command() -> None:
    """Make, list and revoke keys to a program's API."""


@command.command()
@click.argument("slug")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=["read"],
    show_default=True,
    type=click.Choice(SCOPES),
    help="What it may do; say it again for each.",
)
def create(slug: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key to the program SLUG, called NAME, and print its token."""
    program = program_called(slug)
    try:
        with program_transaction(program.id):
            made = create_api_key(program.id, name=name, scopes=scopes, at=datetime.now(UTC))
    except Invalid as error:
        raise click.ClickException(str(error)) from None
    tell_key(made)


def tell_key(made: NewApiKey) -> None:
    """Print a new key, this once."""
    click.echo(f"id     {made.id}")
    click.echo(f"token  {made.token}")
    click.echo("Only a hash of the token is kept: it is not shown again.")


@command.command("list")
@click.argument("slug")
def list_keys(slug: str) -> None:
    """List the keys of the program SLUG, the oldest first."""
    program = program_called(slug)
    with program_transaction(program.id):
        keys = list_api_keys(program.id)
    if not keys:
        click.echo("None yet.")
    for key in keys:
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in force"
        opens = f"partner {key.partner}" if key.partner else ",".join(key.scopes)
        click.echo(f"{key.id}  made {key.created_at:%Y-%m-%d}  {state:<18}  {opens:<10}  {key.name}")


@command.command()
@click.argument("slug")
@click.argument("key_id", metavar="ID", type=click.UUID)
def revoke(slug: str, key_id: UUID) -> None:
    """End the key ID of the program SLUG, within seconds and for good."""
    program = program_called(slug)
    with program_transaction(program.id):
        is_ended = revoke_api_key(program.id, key_id, at=datetime.now(UTC))
    if not is_ended:
        raise click.ClickException(f"{slug} has no key {key_id} in force; `wafa key list {slug}` shows its keys.")
    click.echo(f"Revoked the key {key_id}.")
