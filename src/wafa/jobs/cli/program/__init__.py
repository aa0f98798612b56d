"""`wafa program`: make a program, write its document, look at it from all sides, publish it."""

import click

from wafa.jobs.cli.program.check import check
from wafa.jobs.cli.program.create import create
from wafa.jobs.cli.program.diff import diff
from wafa.jobs.cli.program.drafts import export, import_draft
from wafa.jobs.cli.program.explain import explain
from wafa.jobs.cli.program.publish import publish, rollback
from wafa.jobs.cli.program.template import template
from wafa.jobs.cli.program.validate import validate
from wafa.jobs.cli.program.versions import versions, withdraw


@click.group()
def command() -> None:
    """Make programs and publish their documents."""


_COMMANDS = (
    create,
    validate,
    check,
    diff,
    publish,
    rollback,
    versions,
    withdraw,
    export,
    import_draft,
    template,
    explain,
)

for _command in _COMMANDS:
    command.add_command(_command)
