"""`wafa program validate`: look for faults in a program's document."""

from pathlib import Path

import click

from wafa.jobs.cli.program.reading import DOCUMENT, read_file


@click.command()
@click.argument("file", type=DOCUMENT)
def validate(file: Path) -> None:
    """Look for faults in a program's document (YAML or JSON)."""
    spec = read_file(file)
    units, rules = len(spec.units), len(spec.earning)
    click.echo(f"{file}: a valid program. Units: {units}; earning rules: {rules}.")
