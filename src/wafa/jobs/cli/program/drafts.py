"""`wafa program import` and `export`: a document comes in as the draft, and goes out as YAML."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.reading import DOCUMENT, read_draft_of, read_file
from wafa.kit.transactions import program_transaction
from wafa.programs.documents import write_document
from wafa.programs.drafts import save_draft
from wafa.programs.queries import get_program_rules


@click.command(name="import")
@click.argument("slug")
@click.argument("file", type=DOCUMENT)
@click.option("--by", "saved_by", default=getpass.getuser, help="Whose draft it is; yours.")
def import_draft(slug: str, file: Path, saved_by: str) -> None:
    """Keep FILE as the draft of the program SLUG, in place of the one before. It decides nothing."""
    program = program_called(slug)
    document = read_file(file).model_dump(mode="json")
    with program_transaction(program.id):
        save_draft(program.id, document, saved_by=saved_by, at=datetime.now(UTC))
    click.echo(f"{file} is the draft of {slug}. To look at it: wafa program diff {slug}")


@click.command()
@click.argument("slug")
@click.option("--version", "number", type=int, help="This version; the one in force.")
@click.option("--draft", is_flag=True, help="The draft.")
def export(slug: str, number: int | None, draft: bool) -> None:
    """Write a document of the program SLUG as YAML. Read again it is the same program."""
    program = program_called(slug)
    with program_transaction(program.id):
        if draft:
            spec = read_draft_of(program)
        else:
            rules = get_program_rules(program.id)
            version = rules.in_force(datetime.now(UTC)) if number is None else rules.find(number)
            if version is None:
                raise click.ClickException(f"{slug} has no version {number or 'in force'}.")
            spec = version.spec
    click.echo(write_document(spec), nl=False)
