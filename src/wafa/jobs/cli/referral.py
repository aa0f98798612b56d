"""`wafa referral`: codes of members, who brought whom, and what staff decide about it."""

from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

import click

from wafa.core.referrals.record import State
from wafa.flows.rule_referral import rule_referral
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_called, load_names
from wafa.referrals.links import friend_link
from wafa.referrals.operations import make_code
from wafa.referrals.queries import count_by_state, find_referrals, list_referrals, list_steps, load_given

_MOST = 200


@click.group()
def command() -> None:
    """Look after members who bring friends."""


@command.command()
@click.argument("slug")
@click.argument("member")
def code(slug: str, member: str) -> None:
    """Show the code and the link of MEMBER (an e-mail or an id) of the program SLUG."""
    program = program_called(slug)
    with program_transaction(program.id):
        member_id = find_members_called(program.id, [member]).get(member)
        if member_id is None:
            raise click.ClickException(f"{slug} has no member {member!r}.")
        made = make_code(program.id, member_id, at=datetime.now(UTC))
    click.echo(f"code  {made}")
    click.echo(f"link  {friend_link(slug, made)}")


@command.command("list")
@click.argument("slug")
@click.option("--state", type=click.Choice(get_args(State)), help="Only those in this state.")
def list_all(slug: str, state: State | None) -> None:
    """List the referrals of the program SLUG, the latest first, and how many there are of each state."""
    program = program_called(slug)
    with program_transaction(program.id):
        page = list_referrals(program.id, states=[state] if state else (), limit=_MOST)
        names = load_names(program.id, {id_ for row in page.rows for id_ in (row.advocate_id, row.friend_id)})
        counts = count_by_state(program.id)
    for row in page.rows:
        advocate, friend = (names.get(id_) or str(id_) for id_ in (row.advocate_id, row.friend_id))
        signals = f"  ({', '.join(row.signals)})" if row.signals else ""
        click.echo(f"{row.id}  {row.state:<9}  {advocate} → {friend}{signals}")
    click.echo(", ".join(f"{counts[name]:,} {name}" for name in get_args(State) if name in counts) or "None yet.")


@command.command()
@click.argument("slug")
@click.argument("referral", type=click.UUID)
def show(slug: str, referral: UUID) -> None:
    """Show the history of one REFERRAL, and what it gave."""
    program = program_called(slug)
    with program_transaction(program.id):
        if referral not in find_referrals(program.id, [referral]):
            raise click.ClickException(f"{slug} has no referral {referral}.")
        steps, given = list_steps(program.id, referral), load_given(program.id, [referral]).get(referral, ())
    for step in steps:
        by = f"  {step.by}: {step.note}" if step.by else ""
        click.echo(f"{step.at:%Y-%m-%d %H:%M}  {step.kind:<13}  {', '.join(step.about)}{by}".rstrip())
    for one in given:
        if one.side != "completed":
            what = f"{one.units:,} {one.unit}" if one.unit else str(one.reward)
            state = "" if one.stands else "  taken back"
            click.echo(f"{one.at:%Y-%m-%d %H:%M}  {one.side}: {what}{state}")


def _ruling(name: Literal["approve", "block"], told: str) -> click.Command:
    @click.argument("slug")
    @click.argument("referral", type=click.UUID)
    @click.option("--by", required=True, metavar="EMAIL", help="Who decides.")
    @click.option("--note", required=True, help="Why.")
    def decide(slug: str, referral: UUID, by: str, note: str) -> None:
        program = program_called(slug)
        with program_transaction(program.id):
            if referral not in find_referrals(program.id, [referral]):
                raise click.ClickException(f"{slug} has no referral {referral}.")
            now = rule_referral(program.id, referral, name, by=by, note=note, at=datetime.now(UTC))
        click.echo(f"It is {now.state} now." if now else "It was decided so before; nothing was changed.")

    return click.command(name, help=told)(decide)


command.add_command(_ruling("approve", "Let a REFERRAL count, whatever speaks against it."))
command.add_command(_ruling("block", "Let a REFERRAL count for nothing; what it gave goes back."))
