"""`wafa reward`: codes of pools, gifts in the merchant's name, and what staff do about redemptions."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from wafa.core.spec import PartnerVoucher
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.give_goodwill import NotGiven, UnitsGiven, give_goodwill_units
from wafa.flows.grant_rewards import Grant, grant_reward
from wafa.flows.redeem_rewards import Answer, NotHad
from wafa.flows.settle_fulfilment import settle_fulfilment
from wafa.flows.take_units import NotTaken, Taking, take_from_member
from wafa.jobs.cli import member_called, program_called, role_of
from wafa.kit.codes import LENGTH, MOST_CODES
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.programs.drafts import find_draft, read_draft
from wafa.programs.models import Program
from wafa.programs.queries import get_program_rules
from wafa.rewards.pools import add_codes, count_free_codes, generate_codes
from wafa.rewards.vouchers import find_vouchers


@click.group()
def command() -> None:
    """Look after codes of pools, gifts and redemptions."""


@command.command("import-codes")
@click.argument("slug")
@click.argument("pool")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_codes(slug: str, pool: str, file: Path) -> None:
    """Add the codes in FILE, one a line, to the POOL of the program SLUG. Those that are there are passed over."""
    program = program_called(slug)
    with file.open(encoding="utf-8") as lines, program_transaction(program.id):
        added = add_codes(program.id, pool, filter(None, map(str.strip, lines)), at=datetime.now(UTC))
        free = count_free_codes(program.id, pool)
    click.echo(f"Added {added:,} codes; {free:,} of {pool} are free.")
    _say_if_of_nothing(program, pool)


@command.command("generate-codes")
@click.argument("slug")
@click.argument("pool")
@click.argument("count", type=click.IntRange(1, MOST_CODES))
@click.option("--prefix", default="", help="Stands before each code.")
@click.option("--length", default=LENGTH, show_default=True, type=click.IntRange(6, 32), help="Characters drawn.")
def generate(slug: str, pool: str, count: int, prefix: str, length: int) -> None:
    """Add COUNT new codes to the POOL of the program SLUG."""
    program = program_called(slug)
    with program_transaction(program.id):
        made = generate_codes(program.id, pool, count, at=datetime.now(UTC), prefix=prefix, length=length)
    click.echo(f"Made {made:,} codes.")
    _say_if_of_nothing(program, pool)
    if made < count:
        raise click.ClickException("There are no more codes of this length: take a longer one.")


@command.command()
@click.argument("slug")
@click.argument("member")
@click.argument("reward")
@click.option("--by", required=True, metavar="EMAIL", help="Who gives it: their role in the program has the budget.")
@click.option("--note", required=True, help="Why.")
def grant(slug: str, member: str, reward: str, by: str, note: str) -> None:
    """Give REWARD to MEMBER (an e-mail or an id) of the program SLUG, within the giver's budget."""
    program = program_called(slug)
    role = role_of(program, by)
    with program_transaction(program.id):
        member_id = member_called(program, member)
        gift = Grant(member_id=member_id, reward=reward, role=role, by=by, note=note)
        redemption_id = _done(grant_reward(program.id, gift, at=datetime.now(UTC)))
        voucher = find_vouchers(program.id, [redemption_id]).get(redemption_id)
    click.echo(f"id    {redemption_id}")
    if voucher is not None:
        click.echo(f"code  {voucher.code}")


@command.command("give-units")
@click.argument("slug")
@click.argument("member")
@click.argument("units", type=click.IntRange(1))
@click.option("--by", required=True, metavar="EMAIL", help="Who gives them: their role in the program has the budget.")
@click.option("--note", required=True, help="Why: the member reads it.")
@click.option("--key", default="", help="Names the gift: told again, it is given once.")
def give(slug: str, member: str, units: int, by: str, note: str, key: str) -> None:
    """Give MEMBER (an e-mail or an id) of the program SLUG so many UNITS of the giver's budget."""
    program = program_called(slug)
    role = role_of(program, by)
    with program_transaction(program.id):
        member_id = member_called(program, member)
        gift = UnitsGiven(key=key or str(new_id()), member_id=member_id, units=units, role=role, by=by, note=note)
        try:
            give_goodwill_units(program.id, gift, at=datetime.now(UTC))
        except NotGiven as error:
            raise click.ClickException(f"This cannot be done: {error.reason}.") from None
    click.echo(f"Gave {units:,}.")


@command.command("take-units")
@click.argument("slug")
@click.argument("member")
@click.argument("units", type=click.IntRange(1))
@click.option("--unit", default="", help="Of which unit; the first of the program unless given.")
@click.option("--by", required=True, metavar="EMAIL", help="Who takes them: an owner or a manager of the program.")
@click.option("--note", required=True, help="Why: the member reads it.")
@click.option("--key", default="", help="Names it: told again, they are taken once.")
def take(slug: str, member: str, units: int, unit: str, by: str, note: str, key: str) -> None:
    """Take so many UNITS from MEMBER (an e-mail or an id) of the program SLUG, who had got too many."""
    program = program_called(slug)
    role = role_of(program, by)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        member_id = member_called(program, member)
        version = get_program_rules(program.id).in_force(at)
        taking = Taking(
            key=key or str(new_id()),
            member_id=member_id,
            unit=unit or (version.spec.units[0].code if version else ""),
            units=units,
            role=role,
            by=by,
            note=note,
        )
        try:
            take_from_member(program.id, taking, at=at)
        except NotTaken as error:
            raise click.ClickException(f"This cannot be done: {error.reason}.") from None
    click.echo(f"Took {units:,}.")


@command.command()
@click.argument("slug")
@click.argument("redemption", type=click.UUID)
def fulfil(slug: str, redemption: UUID) -> None:
    """Say that what REDEMPTION promised is there: the evening is arranged, the donation paid."""
    program = program_called(slug)
    with program_transaction(program.id):
        is_new = settle_fulfilment(program.id, [redemption], at=datetime.now(UTC))
    if not is_new:
        raise click.ClickException(f"{redemption} is not waiting for anything.")
    click.echo("Fulfilled.")


@command.command()
@click.argument("slug")
@click.argument("redemption", type=click.UUID)
def cancel(slug: str, redemption: UUID) -> None:
    """Give REDEMPTION back: what it cost returns to the lots it came from."""
    program = program_called(slug)
    with program_transaction(program.id):
        _done(give_back_rewards(program.id, [redemption], "cancelled", at=datetime.now(UTC))[0])
    click.echo("Given back, or about to be once the stores have taken it out.")


def _say_if_of_nothing(program: Program, pool: str) -> None:
    """A mistyped name makes a pool from which nobody would ever get a code."""
    with program_transaction(program.id):
        specs = [version.spec for version in get_program_rules(program.id).versions]
        if (draft := find_draft(program.id)) is not None:
            specs.append(read_draft(draft))
    gifts = [reward.gives for spec in specs for reward in spec.rewards]
    pools = sorted({gives.pool for gives in gifts if isinstance(gives, PartnerVoucher)})
    if pool not in pools:
        click.echo(f"No reward gives codes of {pool} so far; of these: {', '.join(pools) or 'of none'}.")


def _done(answer: Answer) -> UUID:
    if isinstance(answer, NotHad):
        raise click.ClickException(f"This cannot be done: {', '.join(one.reason for one in answer.refusals)}.")
    return answer.redemption.id
