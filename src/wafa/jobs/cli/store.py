"""`wafa store`: connect a store to a program."""

from datetime import UTC, datetime
from typing import IO

import click
import yaml
from django.conf import settings

from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.connectors.signatures import make_secret
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import Invalid, change_credentials, connect_store


@click.group()
def command() -> None:
    """Connect stores to programs."""


@command.command()
@click.argument("slug")
@click.argument("code")
@click.option("--connector", required=True, help="What the store speaks: direct, woocommerce or another that is there.")
@click.option("--name", required=True, help="What staff call it.")
@click.option("--currency", required=True, help="ISO 4217, such as SAR.")
@click.option("--exponent", type=int, help="Decimals the store keeps, where they are not those of ISO 4217.")
@click.option("--country", default="", help="Two letters, to read phone numbers written without one.")
@click.option("--url", default="", help="The store's own address.")
@click.option("--credentials", type=click.File("r", "utf-8"), help="A YAML or JSON file that opens its API.")
def connect(
    slug: str,
    code: str,
    connector: str,
    name: str,
    currency: str,
    exponent: int | None,
    country: str,
    url: str,
    credentials: IO[str] | None,
) -> None:
    """Connect a store to the program SLUG under CODE, and print where it delivers and the secret that signs."""
    program = program_called(slug)
    secret = make_secret()
    try:
        get_connector(connector)
        with program_transaction(program.id):
            connect_store(
                program.id,
                code=code,
                connector=connector,
                name=name,
                currency=currency,
                exponent=exponent,
                country=country,
                url=url,
                secret=secret,
                credentials=_read_credentials(credentials),
                at=datetime.now(UTC),
            )
    except (Invalid, UnknownConnector) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"address  {settings.ORIGIN}/hooks/{program.id}/{code}/")
    click.echo(f"secret   {secret}")
    click.echo("The secret is kept sealed and is not shown again.")


@command.command()
@click.argument("slug")
@click.argument("code")
@click.argument("file", type=click.File("r", "utf-8"))
def credentials(slug: str, code: str, file: IO[str]) -> None:
    """Open the API of the store CODE by what the YAML or JSON file says; `wafa doctor` then asks the store."""
    program = program_called(slug)
    try:
        with program_transaction(program.id):
            change_credentials(program.id, code, _read_credentials(file))
    except Invalid as error:
        raise click.ClickException(str(error)) from None
    click.echo("The credentials are kept sealed and are not shown again.")


def _read_credentials(file: IO[str] | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        read = yaml.safe_load(file)
    except yaml.YAMLError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(text, str) for pair in read.items() for text in pair):
        raise click.ClickException("credentials: expected names and texts, such as consumer_key: ck_…")
    return read
