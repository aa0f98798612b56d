"""`wafa program publish`: freeze a document as the program's next version."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.reading import DOCUMENT, read_file
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import NotPublished, publish_version


@click.command()
@click.argument("slug")
@click.argument("file", type=DOCUMENT)
@click.option("--effective-from", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it begins (UTC); now.")
@click.option("--backdated", is_flag=True, help="Let it begin in the past, on purpose.")
@click.option("--by", "published_by", default=getpass.getuser, help="Who publishes it; you.")
def publish(slug: str, file: Path, effective_from: datetime | None, backdated: bool, published_by: str) -> None:
    """Freeze a document as the next version of the program SLUG."""
    program = program_called(slug)
    spec = read_file(file)
    try:
        with program_transaction(program.id):
            version = publish_version(
                program.id,
                spec.model_dump(mode="json"),
                published_by=published_by,
                at=datetime.now(UTC),
                effective_from=effective_from.replace(tzinfo=UTC) if effective_from else None,
                backdated=backdated,
            )
    except NotPublished as error:
        raise click.ClickException(f"{error}. Add --backdated where that is meant.") from None
    click.echo(f"Published version {version.number} of {slug}, in force from {version.effective_from.isoformat()}.")
