"""`wafa program versions` and `withdraw`: what decides when, and what shall not."""

import getpass
from datetime import UTC, datetime

import click

from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.drafts import find_draft
from wafa.programs.operations import NotPublished, withdraw_version
from wafa.programs.queries import get_program_rules, list_versions


@click.command()
@click.argument("slug")
def versions(slug: str) -> None:
    """List the versions of the program SLUG, the newest first, and its draft."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        rules = get_program_rules(program.id)
        published = list_versions(program.id)
        draft = find_draft(program.id)
    if draft is not None:
        click.echo(
            f"draft  saved {draft.saved_at:%Y-%m-%d %H:%M} by {draft.saved_by}, begun on version {draft.based_on}"
        )
    for version in published:
        state = rules.state_of(version.number, at).replace("_", " ")
        since = f"{version.effective_from:%Y-%m-%d %H:%M}"
        told = f"published {version.published_at:%Y-%m-%d %H:%M} by {version.published_by}"
        click.echo(f"{version.number:>5}  {state:10} from {since} UTC, {told}")


@click.command()
@click.argument("slug")
@click.argument("number", type=int)
@click.option("--by", "withdrawn_by", default=getpass.getuser, help="Who withdraws it; you.")
def withdraw(slug: str, number: int, withdrawn_by: str) -> None:
    """Let version NUMBER, which is scheduled, never decide."""
    program = program_called(slug)
    try:
        with program_transaction(program.id):
            withdraw_version(program.id, number, withdrawn_by=withdrawn_by, at=datetime.now(UTC))
    except NotPublished as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Version {number} of {slug} is withdrawn: it will never decide.")
