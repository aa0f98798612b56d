"""`wafa django`: Django's own commands, with the product's settings."""

import click
from django.core.management import execute_from_command_line


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.pass_context
def command(context: click.Context) -> None:
    """Run one of Django's commands, e.g. `wafa django shell`."""
    execute_from_command_line(["wafa django", *context.args])
