"""`wafa program`: make a program, look for faults in its document, publish the document as the next version."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click
import yaml
from django.db import transaction

from wafa.core.spec import Fault, read_spec
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import Invalid, NotPublished, create_program, publish_version

_DOCUMENT = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def command() -> None:
    """Make programs and publish their documents."""


@command.command()
@click.argument("file", type=_DOCUMENT)
def validate(file: Path) -> None:
    """Look for faults in a program's document (YAML or JSON)."""
    document = _read(file)
    try:
        spec = read_spec(document)
    except Fault as fault:
        raise _tell(file, fault) from None
    units, rules = len(spec.units), len(spec.earning)
    click.echo(f"{file}: a valid program. Units: {units}; earning rules: {rules}.")


@command.command()
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


@command.command()
@click.argument("slug")
@click.argument("file", type=_DOCUMENT)
@click.option("--effective-from", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it begins (UTC); now.")
@click.option("--backdated", is_flag=True, help="Let it begin in the past, on purpose.")
@click.option("--by", "published_by", default=getpass.getuser, help="Who publishes it; you.")
def publish(slug: str, file: Path, effective_from: datetime | None, backdated: bool, published_by: str) -> None:
    """Freeze a document as the next version of the program SLUG."""
    program = program_called(slug)
    document = _read(file)
    try:
        with program_transaction(program.id):
            version = publish_version(
                program.id,
                document,
                published_by=published_by,
                at=datetime.now(UTC),
                effective_from=effective_from.replace(tzinfo=UTC) if effective_from else None,
                backdated=backdated,
            )
    except Fault as fault:
        raise _tell(file, fault) from None
    except NotPublished as error:
        raise click.ClickException(f"{error}. Add --backdated where that is meant.") from None
    click.echo(f"Published version {version.number} of {slug}, in force from {version.effective_from.isoformat()}.")


def _read(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: expected YAML or JSON in UTF-8. {error}") from None


def _tell(file: Path, fault: Fault) -> click.ClickException:
    lines = [f"  {path}: {message}" for path, message in fault.faults]
    return click.ClickException("\n".join([f"{file} is no program:", *lines]))
