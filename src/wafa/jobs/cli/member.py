"""`wafa member`: what staff do about single members."""

from datetime import UTC, datetime
from uuid import UUID

import click

from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.flows.transfer_units import Gift, NotGiven, transfer_units
from wafa.jobs.cli import program_called
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_called


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


def _called(program_id: UUID, slug: str, name: str) -> UUID:
    member_id = find_members_called(program_id, [name]).get(name)
    if member_id is None:
        raise click.ClickException(f"{slug} has no member {name!r}.")
    return member_id
