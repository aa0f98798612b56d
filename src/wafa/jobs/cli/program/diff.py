"""`wafa program diff`: what a document changes, in words."""

from datetime import UTC, datetime
from pathlib import Path

import click

from wafa.core.spec import Language
from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.reading import DOCUMENT, read_file_or_draft
from wafa.jobs.cli.program.telling import language_option, list_scheduled, show_changes
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules


@click.command()
@click.argument("slug")
@click.argument("file", type=DOCUMENT, required=False)
@click.option("--version", "number", type=int, help="Hold it against this version; the one in force.")
@language_option
def diff(slug: str, file: Path | None, number: int | None, language: Language) -> None:
    """Tell what FILE, or the draft of the program SLUG, says otherwise than the version in force."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        spec = read_file_or_draft(program, file)
        rules = get_program_rules(program.id)
    version = rules.in_force(at) if number is None else rules.find(number)
    if version is None:
        raise click.ClickException(f"{slug} has no version {number or 'in force'} to hold it against.")
    for line in list_scheduled(rules, at):
        click.echo(line)
    if spec == version.spec:
        click.echo(f"No difference from version {version.number}.")
        return
    click.echo(f"Against version {version.number}:")
    show_changes(version.spec, spec, language)
