"""`wafa program create`: make a program that decides nothing yet."""

from datetime import UTC, datetime

import click
from django.db import transaction

from wafa.programs.operations import Invalid, create_program


@click.command()
@click.option("--slug", required=True, help="What addresses and commands call it.")
@click.option("--name", required=True, help="What members and staff call it.")
@click.option("--currency", required=True, help="ISO 4217, such as SAR.")
@click.option("--locale", default="en", show_default=True, help="The language of its pages: en, ar or fa.")
@click.option("--digits", default="latin", show_default=True, help="latin, arabic or persian.")
@click.option("--calendar", default="gregorian", show_default=True, help="gregorian, hijri or jalali.")
@click.option("--time-zone", default="UTC", show_default=True, help="An IANA zone such as Asia/Riyadh.")
@click.option("--colour", default="#0f766e", show_default=True, help="The colour of its members' pages.")
def create(
    slug: str, name: str, currency: str, locale: str, digits: str, calendar: str, time_zone: str, colour: str
) -> None:
    """Make a program. It decides nothing until a document is published."""
    try:
        with transaction.atomic():
            create_program(
                slug=slug,
                name=name,
                currency=currency,
                locale=locale,
                digits=digits,
                calendar=calendar,
                time_zone=time_zone,
                colour=colour,
                at=datetime.now(UTC),
            )
    except Invalid as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Made the program {slug}. Publish its document: wafa program publish {slug} FILE")
