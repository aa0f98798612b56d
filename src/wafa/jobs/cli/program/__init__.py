"""`wafa program`: make a program, write and check its document, publish it. One file here is one command."""

import click

from wafa.jobs.cli.program.create import create
from wafa.jobs.cli.program.publish import publish
from wafa.jobs.cli.program.validate import validate


@click.group()
def command() -> None:
    """Make programs and publish their documents."""


for _command in (create, validate, publish):
    command.add_command(_command)
