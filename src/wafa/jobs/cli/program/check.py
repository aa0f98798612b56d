"""`wafa program check`: what a program gives back, and what to look at before it is published."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from wafa.activities.queries import find_average_order
from wafa.core.appraisal.economics import Economics, measure_economics
from wafa.core.appraisal.findings import Finding, appraise, severity_of
from wafa.core.calendars import OutsideCalendar
from wafa.core.money import MoneyError, parse_minor
from wafa.core.spec import Language, ProgramSpec
from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.reading import DOCUMENT, read_file_or_draft
from wafa.jobs.cli.program.telling import language_option, show_sentences, telling_in
from wafa.kit.transactions import program_transaction
from wafa.programs.continuity import find_breaks
from wafa.programs.models import Program
from wafa.reports.appraisal import tell_economics, tell_finding

_YEAR = timedelta(days=365)
_Command = TypeVar("_Command", bound=Callable[..., Any])


class Stated(Struct, frozen=True, kw_only=True):
    """What whoever asks says about the store: its average order ("180.00"), pieces in it, gross margin in percent."""

    average_order: str | None
    pieces: int
    margin: int | None


def store_options(command: _Command) -> _Command:
    """Options about the store, handed to the command as `average_order`, `pieces` and `margin`."""
    for option in (
        click.option("--margin", type=click.IntRange(0, 100), help="The store's gross margin, in percent."),
        click.option("--pieces", type=click.IntRange(1), default=1, show_default=True, help="Pieces in an order."),
        click.option("--average-order", help="Such as 180.00.  [default: of the orders of the last year]"),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("slug")
@click.argument("file", type=DOCUMENT, required=False)
@store_options
@language_option
def check(slug: str, file: Path | None, language: Language, **stated: Any) -> None:
    """Tell what FILE, or the draft of the program SLUG, gives back, and what looks like a mistake.

    Exit code 1 where something is found that nobody can have meant.
    """
    program = program_called(slug)
    with program_transaction(program.id):
        spec = read_file_or_draft(program, file)
        is_fit = show_appraisal(program, spec, Stated(**stated), language=language, at=datetime.now(UTC))
        breaks = find_breaks(program, spec)
    for sentence in breaks:
        click.echo(f"error: {sentence}")
    if breaks or not is_fit:
        raise SystemExit(1)


def show_appraisal(program: Program, spec: ProgramSpec, stated: Stated, *, language: Language, at: datetime) -> bool:
    """Print what a program gives back and what was found. False where something is an error.

    The program's transaction is open. Raises click's error for an average order that is none, and for a moment at which
    a calendar of the program has ended.
    """
    average_minor = _average_minor(program, spec, stated, at)
    try:
        economics, found = _appraise(spec, stated, average_minor, at)
    except OutsideCalendar as error:
        raise click.ClickException(str(error)) from None
    with telling_in(language, spec) as formats:
        if economics is not None:
            show_sentences(tell_economics(economics, spec, formats))
        for finding in found:
            click.echo(f"{severity_of(finding)}: {tell_finding(finding, spec, formats)}")
    if economics is None:
        click.echo("No orders are recorded: with --average-order it is told what an order gives back.")
    return not _has_error(found)


def _appraise(
    spec: ProgramSpec, stated: Stated, average_minor: int | None, at: datetime
) -> tuple[Economics | None, list[Finding]]:
    economics = (
        measure_economics(spec, average_minor=average_minor, pieces=stated.pieces, at=at) if average_minor else None
    )
    margin = None if stated.margin is None else stated.margin * 100
    return economics, appraise(spec, economics, margin_basis_points=margin, at=at)


def _has_error(found: list[Finding]) -> bool:
    return any(severity_of(finding) == "error" for finding in found)


def _average_minor(program: Program, spec: ProgramSpec, stated: Stated, at: datetime) -> int | None:
    if stated.average_order is None:
        return find_average_order(program.id, currency=spec.currency, since=at - _YEAR)
    try:
        average_minor = parse_minor(stated.average_order, spec.currency)
    except MoneyError as error:
        raise click.ClickException(f"--average-order: {error}") from None
    if average_minor <= 0:
        raise click.ClickException("--average-order: expected an amount above 0")
    return average_minor
