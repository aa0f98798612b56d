"""`wafa program publish` and `rollback`: freeze a document as the program's next version."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from wafa.core.program import Program as ProgramRules
from wafa.core.spec import Language, ProgramSpec, Version
from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.check import Stated, show_appraisal, store_options
from wafa.jobs.cli.program.reading import DOCUMENT, read_file_or_draft
from wafa.jobs.cli.program.telling import language_option, list_scheduled, show_changes
from wafa.kit.transactions import program_transaction
from wafa.programs.drafts import discard_draft
from wafa.programs.operations import BeginsTooEarly, NotPublished, publish_version, roll_back
from wafa.programs.queries import get_program_rules

_effective_from = click.option(
    "--effective-from", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it begins (UTC); now."
)
_by = click.option("--by", "published_by", default=getpass.getuser, help="Who publishes it; you.")


@click.command()
@click.argument("slug")
@click.argument("file", type=DOCUMENT, required=False)
@_effective_from
@click.option("--backdated", is_flag=True, help="Let it begin in the past, on purpose.")
@click.option("--anyway", is_flag=True, help="Also where `wafa program check` finds an error.")
@_by
@store_options
@language_option
def publish(
    slug: str,
    file: Path | None,
    effective_from: datetime | None,
    backdated: bool,
    anyway: bool,
    published_by: str,
    language: Language,
    **stated: Any,
) -> None:
    """Freeze FILE, or the draft, as the next version of the program SLUG; tell what it changes and gives back.

    A draft that is published is no draft any more.
    """
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        spec = read_file_or_draft(program, file)
        _show_difference(get_program_rules(program.id), spec, at, language)
        is_fit = show_appraisal(program, spec, Stated(**stated), language=language, at=_in_utc(effective_from) or at)
        if not is_fit and not anyway:
            raise click.ClickException("nothing was published. Mend what is called an error, or add --anyway.")
        try:
            version = publish_version(
                program.id,
                spec.model_dump(mode="json"),
                published_by=published_by,
                at=at,
                effective_from=_in_utc(effective_from),
                backdated=backdated,
            )
        except BeginsTooEarly as error:
            raise click.ClickException(f"{error}. Add --backdated where that is meant.") from None
        except NotPublished as error:
            raise click.ClickException(str(error)) from None
        if file is None:
            discard_draft(program.id)
        _show_published(slug, version, get_program_rules(program.id), at)


@click.command()
@click.argument("slug")
@click.argument("number", type=int)
@_effective_from
@_by
@language_option
def rollback(slug: str, number: int, effective_from: datetime | None, published_by: str, language: Language) -> None:
    """Publish again what version NUMBER of the program SLUG said, as its next version."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        before = get_program_rules(program.id)
        try:
            version = roll_back(
                program.id, to=number, published_by=published_by, at=at, effective_from=_in_utc(effective_from)
            )
        except NotPublished as error:
            raise click.ClickException(str(error)) from None
        _show_difference(before, version.spec, at, language)
        _show_published(slug, version, get_program_rules(program.id), at)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _show_difference(rules: ProgramRules, spec: ProgramSpec, at: datetime, language: Language) -> None:
    """What changes against the version in force; nothing for a program's first."""
    live = rules.in_force(at)
    if live is not None:
        show_changes(live.spec, spec, language)


def _show_published(slug: str, version: Version, rules: ProgramRules, at: datetime) -> None:
    click.echo(f"Published version {version.number} of {slug}, in force from {version.effective_from.isoformat()}.")
    for line in list_scheduled(rules, max(at, version.effective_from)):
        click.echo(line)
