"""`wafa tier`: give a member a tier, and count the past of all members again."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from wafa.core.dates import midnight_after
from wafa.core.tiers.record import Appointment, AppointmentKind
from wafa.flows.appoint_member import CannotAppoint, appoint_member
from wafa.flows.recalculate_tiers import NOBODY, recalculate_tiers
from wafa.jobs.cli import member_called, program_called
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction

_REASON = click.option("--reason", required=True, help="Why; the member's history shows it.")
_BY = click.option("--by", required=True, help="Who decided it.")


@click.group()
def command() -> None:
    """Give members tiers, and recalculate the tiers of all."""


@command.command("set")
@click.argument("slug")
@click.argument("member")
@click.argument("tier")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it is given.")
@_REASON
@_BY
def set_tier(slug: str, member: str, tier: str, until: datetime, reason: str, by: str) -> None:
    """Let MEMBER (an e-mail or an id) of the program SLUG have at least TIER until a day.

    Then it is as if it had not been given.
    """
    zone = ZoneInfo(program_called(slug).time_zone)
    ends = midnight_after(until.date(), zone)
    if ends <= datetime.now(UTC):
        raise click.ClickException("--until: expected a day that is not over")
    _appoint(slug, member, kind="set", tier=tier, until=ends, reason=reason, by=by)
    click.echo(f"{member} has at least {tier} until the end of {until:%Y-%m-%d}.")


@command.command()
@click.argument("slug")
@click.argument("member")
@click.argument("tier")
@_REASON
@_BY
def invite(slug: str, member: str, tier: str, reason: str, by: str) -> None:
    """Let MEMBER (an e-mail or an id) of the program SLUG enter TIER as if they had reached it."""
    _appoint(slug, member, kind="invited", tier=tier, until=None, reason=reason, by=by)
    click.echo(f"{member} is invited to {tier}.")


@command.command()
@click.argument("slug")
def recalculate(slug: str) -> None:
    """Count again all that the members of the program SLUG ever did, as after an import."""
    program_id, at = program_called(slug).id, datetime.now(UTC)
    last: UUID | None = NOBODY
    while last is not None:
        with program_transaction(program_id):
            last = recalculate_tiers(program_id, at=at, after=last)
    click.echo("Recalculated the tiers of all members.")


def _appoint(
    slug: str, member: str, *, kind: AppointmentKind, tier: str, until: datetime | None, reason: str, by: str
) -> None:
    program = program_called(slug)
    given = Appointment(id=new_id(), kind=kind, tier=tier, at=datetime.now(UTC), until=until, reason=reason, by=by)
    try:
        with program_transaction(program.id):
            appoint_member(program.id, member_called(program, member), given)
    except CannotAppoint as error:
        raise click.ClickException(str(error)) from None
