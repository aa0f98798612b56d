"""`python -m wafa.design.catalogs extract|update|compile|check`."""

import sys

import click
from babel.messages.pofile import write_po

from wafa.design.catalogs import LANGUAGES, LOCALE, PACKAGE
from wafa.design.catalogs.faults import find_faults
from wafa.design.catalogs.files import catalog_file, compile_catalog, merge, read_catalog, write_catalog
from wafa.design.catalogs.sources import find_messages


@click.group()
def catalogs() -> None:
    """Keep the catalogs of Arabic and Persian."""


@catalogs.command()
def extract() -> None:
    """Print every message found in the sources, untranslated."""
    write_po(sys.stdout.buffer, find_messages(PACKAGE), omit_header=True, sort_output=True, include_lineno=False)


@catalogs.command()
@click.option("--forget", is_flag=True, help="Drop the translations of messages that are no longer there.")
def update(*, forget: bool) -> None:
    """Bring new messages into the catalogs; translations of vanished ones are kept aside."""
    found = find_messages(PACKAGE)
    for language in LANGUAGES:
        merged = merge(found, read_catalog(LOCALE, language), language)
        if forget:
            merged.obsolete.clear()
        write_catalog(merged, LOCALE, language)
        click.echo(f"{catalog_file(LOCALE, language).relative_to(PACKAGE)}: {len(found)} messages")


@catalogs.command(name="compile")
def compile_all() -> None:
    """Write the .mo files."""
    for language in LANGUAGES:
        click.echo(f"{compile_catalog(LOCALE, language).relative_to(PACKAGE)}")


@catalogs.command()
def check() -> None:
    """Fail unless every message is translated, in every plural form, with its placeholders."""
    found = find_messages(PACKAGE)
    faults = [fault for language in LANGUAGES for fault in find_faults(found, read_catalog(LOCALE, language), language)]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"{len(found)} messages are complete in {', '.join(LANGUAGES)}")


if __name__ == "__main__":
    catalogs(prog_name="python -m wafa.design.catalogs")
