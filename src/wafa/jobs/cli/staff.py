"""`wafa staff`: who may enter a program's console."""

from datetime import UTC, datetime

import click
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from wafa.jobs.cli import program_called
from wafa.jobs.staff import has_account, let_in


@click.group()
def command() -> None:
    """Look after who may enter a program's console."""


@command.command()
@click.argument("slug")
@click.argument("email")
@click.option("--role", default="owner", show_default=True, type=click.Choice(["owner", "manager", "viewer"]))
def add(slug: str, email: str, role: str) -> None:
    """Let EMAIL into the console of the program SLUG; asks for a password where nobody signs in with it yet."""
    program = program_called(slug)
    password = ""
    try:
        validate_email(email)
        if not has_account(email):
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
            validate_password(password)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    with transaction.atomic():
        let_in(program.id, email, role=role, password=password, at=datetime.now(UTC))
    click.echo(f"{email} may enter the console of {slug} as {role}.")
