"""`wafa program template`: programs to begin with."""

from typing import get_args

import click

from wafa.core.money import MoneyError, parse_minor
from wafa.core.spec import Fault, Language
from wafa.jobs.cli.program.telling import language_option
from wafa.programs.documents import write_document
from wafa.programs.templates import Template, UnknownTemplate, fill_template, list_templates
from wafa.reports.phrases import name_of


@click.group()
def template() -> None:
    """Begin with a program that is written already."""


@template.command(name="list")
@language_option
def show_list(language: Language) -> None:
    """List the templates, and what each is for."""
    for name in list_templates():
        told = fill_template(name, currency="USD", average_minor=1).description
        click.echo(f"{name:20}  {name_of(told, language)}")


@template.command()
@click.argument("name")
@click.option("--currency", required=True, help="ISO 4217, such as SAR.")
@click.option("--average-order", required=True, help="Such as 180.00.")
@click.option("--time-zone", default="UTC", show_default=True, help="An IANA zone such as Asia/Riyadh.")
def write(name: str, currency: str, average_order: str, time_zone: str) -> None:
    """Write the template NAME as YAML, in numbers for a store with such orders."""
    try:
        average_minor = parse_minor(average_order, currency)
        filled = fill_template(name, currency=currency, average_minor=average_minor, time_zone=time_zone)
    except MoneyError as error:
        raise click.ClickException(f"--average-order: {error}") from None
    except (UnknownTemplate, Fault) as error:
        raise click.ClickException(str(error)) from None
    click.echo(_describe(filled) + write_document(filled.spec), nl=False)


def _describe(filled: Template) -> str:
    """The description as comments, in every language."""
    return "".join(f"# {filled.description[language]}\n" for language in get_args(Language))
