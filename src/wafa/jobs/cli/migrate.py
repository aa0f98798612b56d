"""`wafa migrate`: bring the tables and the rights of the application's role up to date."""

import os

import click
from django.core.exceptions import ImproperlyConfigured

from wafa.jobs.cli import set_up_django

_LOCK = 0x77616661  # "wafa": the advisory lock that lets one process migrate at a time


@click.command()
def command() -> None:
    """Bring the tables of the database up to date. Safe to run at any time, and by several at once."""
    os.environ["WAFA_DATABASE_ROLE"] = "owner"
    # The lock belongs to one connection, so it must not go back to a pool in between.
    os.environ["WAFA_DATABASE_POOL"] = "0"
    set_up_django()

    from django.core.management import call_command
    from django.db import connection

    from wafa.kit.roles import grant_application_role

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    call_command("migrate", interactive=False, verbosity=0)
    try:
        grant_application_role()
    except ImproperlyConfigured as error:
        raise click.ClickException(str(error)) from None
    finally:
        connection.close()
    click.echo("The database is up to date.")
