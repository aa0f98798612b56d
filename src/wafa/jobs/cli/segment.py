"""`wafa segment`: who is in the segments of a program, and who is on its lists."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import click
import yaml

from wafa.core.spec import ProgramSpec, Segment
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.members.operations import add_to_list, remove_from_list
from wafa.members.queries import find_members_called
from wafa.programs.formats import formats_for
from wafa.programs.models import Program
from wafa.programs.queries import get_program_rules
from wafa.reports.segments import count_segments, list_segment, propose_scale, sum_segments
from wafa.reports.units import list_units


@click.group()
def command() -> None:
    """Count and list the members of segments, and keep lists."""


@command.command()
@click.argument("slug")
def count(slug: str) -> None:
    """Count the members of every segment of the program SLUG, as of now."""
    program, at = program_called(slug), datetime.now(UTC)
    with program_transaction(program.id):
        spec = spec_in_force(program, at)
        counts = count_segments(program.id, spec, at=at)
    _say_if_none(spec)
    for segment in spec.segments:
        kind = "list" if segment.is_list else "rule"
        click.echo(f"{counts[segment.id]:>9,}  {kind}  {segment.id}")


@command.command()
@click.argument("slug")
def report(slug: str) -> None:
    """Print what the members of every segment of the program SLUG bought and hold, as of now."""
    program, at = program_called(slug), datetime.now(UTC)
    formats = formats_for(program, "en")
    with program_transaction(program.id):
        spec = spec_in_force(program, at)
        figures = sum_segments(program.id, spec, at=at)
        units = list_units(get_program_rules(program.id))
    _say_if_none(spec)
    for segment in spec.segments:
        sums = figures[segment.id]
        spend = formats.money(sums.spend_minor, spec.currency)
        click.echo(f"{segment.id}: members {sums.members:,}, orders {sums.orders:,}, spend {spend}")
        for unit in units:
            held = sums.balances.get(unit.code)
            if held is None or not held.outstanding:
                continue
            worth = unit.worth_minor(held.outstanding)
            told = "" if worth is None else f", worth {formats.money(worth, spec.currency)}"
            amount = formats.units(held.outstanding, unit, currency=spec.currency)
            click.echo(f"  {unit.code}: {amount} outstanding{told}")


@command.command("list")
@click.argument("slug")
@click.argument("segment_id", metavar="SEGMENT")
def list_members(slug: str, segment_id: str) -> None:
    """Print the ids of the members of SEGMENT, one a line, as of now."""
    program, at = program_called(slug), datetime.now(UTC)
    with program_transaction(program.id):
        spec = spec_in_force(program, at)
        for member_id in list_segment(program.id, spec, segment_called(spec, segment_id), at=at):
            click.echo(member_id)


@command.command()
@click.argument("slug")
@click.argument("segment_id", metavar="SEGMENT")
@click.argument("members", metavar="MEMBER...", nargs=-1, required=True)
def add(slug: str, segment_id: str, members: tuple[str, ...]) -> None:
    """Put members on the list SEGMENT, by their e-mails or ids."""
    program, at = program_called(slug), datetime.now(UTC)
    with program_transaction(program.id):
        changed = add_to_list(program.id, segment_id, _find_listed(program, segment_id, members, at), at=at)
    click.echo(f"Put on the list {segment_id}: {changed}.")


@command.command()
@click.argument("slug")
@click.argument("segment_id", metavar="SEGMENT")
@click.argument("members", metavar="MEMBER...", nargs=-1, required=True)
def remove(slug: str, segment_id: str, members: tuple[str, ...]) -> None:
    """Take members off the list SEGMENT, by their e-mails or ids."""
    program, at = program_called(slug), datetime.now(UTC)
    with program_transaction(program.id):
        changed = remove_from_list(program.id, segment_id, _find_listed(program, segment_id, members, at))
    click.echo(f"Taken off the list {segment_id}: {changed}.")


@command.command()
@click.argument("slug")
@click.option("--within-days", default=365, show_default=True, type=click.IntRange(1, 36_500), help="How far back.")
def propose(slug: str, within_days: int) -> None:
    """Print a scale for RFM scores that parts the buyers of the program SLUG into fifths."""
    program, at = program_called(slug), datetime.now(UTC)
    with program_transaction(program.id):
        scale = propose_scale(program.id, spec_in_force(program, at), at=at, within_days=within_days)
    if scale is None:
        raise click.ClickException(f"nobody has bought anything in {slug} yet.")
    click.echo(yaml.safe_dump({"rfm": scale.model_dump(mode="json")}, sort_keys=False).rstrip())


def _say_if_none(spec: ProgramSpec) -> None:
    if not spec.segments:
        click.echo("The document in force has no segments.")


def spec_in_force(program: Program, at: datetime) -> ProgramSpec:
    """The document in force at `at`. Raises click's error where there is none."""
    version = get_program_rules(program.id).in_force(at)
    if version is None:
        raise click.ClickException(f"no document of {program.slug} is in force.")
    return version.spec


def segment_called(spec: ProgramSpec, segment_id: str) -> Segment:
    """The segment with this id. Raises click's error."""
    for segment in spec.segments:
        if segment.id == segment_id:
            return segment
    known = ", ".join(segment.id for segment in spec.segments) or "there are none"
    raise click.ClickException(f"there is no segment {segment_id!r} in the document in force; of these: {known}.")


def _find_listed(program: Program, segment_id: str, names: Sequence[str], at: datetime) -> list[UUID]:
    """The members whom a change of a list is about. Raises click's error for what is no list, and who is no member."""
    if not segment_called(spec_in_force(program, at), segment_id).is_list:
        raise click.ClickException(f"{segment_id} has conditions: they say who is in it.")
    found = find_members_called(program.id, names)
    if unknown := [name for name in names if name not in found]:
        raise click.ClickException(f"these are no members, so nothing was changed: {', '.join(unknown)}.")
    return list(found.values())
