"""`wafa member`: what staff do about single members."""

from datetime import UTC, datetime
from uuid import UUID

import click

from wafa.flows.erase_member import CannotErase, erase_member
from wafa.flows.merge_members import CannotMerge, merge_members, undo_merge
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.flows.transfer_units import Gift, NotGiven, transfer_units
from wafa.jobs.cli import program_called
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_called
from wafa.reports.member_export import export_member, write_export


@click.group()
def command() -> None:
    """Look after single members, named by an e-mail or an id."""


@command.command()
@click.argument("slug")
@click.argument("giver")
@click.argument("recipient")
@click.argument("units", type=click.IntRange(1))
@click.option("--unit", default="points", show_default=True, help="The code of what is given.")
@click.option("--key", help="Names the transfer: told again, it is made once.")
def transfer(slug: str, giver: str, recipient: str, units: int, unit: str, key: str | None) -> None:
    """Give UNITS of GIVER to RECIPIENT, both of the program SLUG, as the program allows it."""
    program_id = program_called(slug).id
    with program_transaction(program_id):
        gift = Gift(
            key=f"staff:{key or new_id()}",
            giver_id=_called(program_id, slug, giver),
            recipient_id=_called(program_id, slug, recipient),
            unit=unit,
            units=units,
        )
        answer = transfer_units(program_id, [gift], at=datetime.now(UTC))[0]
    if isinstance(answer, NotGiven):
        raise click.ClickException(f"This cannot be done: {', '.join(one.reason for one in answer.refusals)}.")
    click.echo(f"Given: {answer.units} {unit}, transfer {answer.id}.")


_REASON = click.option("--reason", required=True, help="Why; kept with the name.")
_BY = click.option("--by", required=True, help="Who decided it.")


@command.command()
@click.argument("slug")
@click.argument("member")
@_REASON
@_BY
def suspend(slug: str, member: str, reason: str, by: str) -> None:
    """Keep MEMBER of the program SLUG from using what they have, until it is lifted."""
    program_id = program_called(slug).id
    try:
        with program_transaction(program_id):
            member_id = _called(program_id, slug, member)
            suspend_member(program_id, member_id, reason=reason, by=by, at=datetime.now(UTC))
    except CannotSuspend as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{member} is suspended.")


@command.command()
@click.argument("slug")
@click.argument("member")
@_BY
def lift(slug: str, member: str, by: str) -> None:
    """Lift the suspension of MEMBER of the program SLUG."""
    program_id = program_called(slug).id
    try:
        with program_transaction(program_id):
            lift_suspension(program_id, _called(program_id, slug, member), by=by, at=datetime.now(UTC))
    except CannotSuspend as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{member} is a member again.")


@command.command()
@click.argument("slug")
@click.argument("member")
@click.argument("other")
@_REASON
@_BY
def merge(slug: str, member: str, other: str, reason: str, by: str) -> None:
    """Put everything of OTHER to MEMBER, who is the same person, in the program SLUG."""
    program_id = program_called(slug).id
    try:
        with program_transaction(program_id):
            survivor_id, absorbed_id = _called(program_id, slug, member), _called(program_id, slug, other)
            merge_members(
                program_id,
                survivor_id=survivor_id,
                absorbed_id=absorbed_id,
                reason=reason,
                by=by,
                at=datetime.now(UTC),
            )
    except CannotMerge as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{absorbed_id} is merged into {survivor_id}.")


@command.command("undo-merge")
@click.argument("slug")
@click.argument("other", type=click.UUID)
@_BY
def undo(slug: str, other: UUID, by: str) -> None:
    """Give OTHER (an id) of the program SLUG back what they brought into a merge."""
    program_id = program_called(slug).id
    try:
        with program_transaction(program_id):
            undo_merge(program_id, other, by=by, at=datetime.now(UTC))
    except CannotMerge as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{other} is a member of their own again.")


@command.command()
@click.argument("slug")
@click.argument("member")
@_BY
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(slug: str, member: str, by: str, yes: bool) -> None:
    """Forget MEMBER of the program SLUG; the books stay under their id. It cannot be undone."""
    program_id = program_called(slug).id
    if not yes:
        click.confirm(f"Forget {member} for ever?", abort=True)
    try:
        with program_transaction(program_id):
            member_id = _called(program_id, slug, member)
            erase_member(program_id, member_id, by=by, at=datetime.now(UTC))
    except CannotErase as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{member_id} is erased.")


@command.command()
@click.argument("slug")
@click.argument("member")
def export(slug: str, member: str) -> None:
    """Print all that is kept of MEMBER of the program SLUG as JSON."""
    program_id = program_called(slug).id
    with program_transaction(program_id):
        document = export_member(program_id, _called(program_id, slug, member))
    click.echo(write_export(document).decode())


def _called(program_id: UUID, slug: str, name: str) -> UUID:
    member_id = find_members_called(program_id, [name]).get(name)
    if member_id is None:
        raise click.ClickException(f"{slug} has no member {name!r}.")
    return member_id
