"""`wafa coupon`: codes of campaigns, whom they are handed to, and what became of them."""

import sys
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import click

from wafa.core.money import exponent_of
from wafa.core.spec import Campaign, SharedCode, UniqueCodes, Version
from wafa.core.spec.members import InSegment
from wafa.coupons.codes import add_codes, generate_codes
from wafa.coupons.queries import CampaignCounts, count_campaigns, list_code_rows, sum_taken_off
from wafa.flows.give_goodwill import CouponGiven, NotGiven, give_goodwill_coupon
from wafa.flows.hand_out_coupons import HandOut, NotHandedOut, hand_out_coupons
from wafa.flows.issue_vouchers import list_writers
from wafa.flows.look_up_coupon import look_up_coupon
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.flows.send_campaign import send_campaign
from wafa.flows.write_coupons import NotOpenAnyMore, revoke_coupons, write_coupons
from wafa.jobs.cli import member_called, program_called, role_of
from wafa.jobs.cli.segment import segment_called, spec_in_force
from wafa.jobs.mail import find_mail_obstacle
from wafa.kit.codes import MOST_CODES
from wafa.kit.ids import new_id
from wafa.kit.spreadsheets import write_rows
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program
from wafa.programs.queries import get_program_rules
from wafa.reports.campaigns import list_file_rows
from wafa.reports.segments import list_segment

_MOST_WRITTEN = 5_000
"""Each is a question and a request to each store."""
_MAILS_A_MINUTE = 60
"""As many are due within a minute, so that what else the outbox holds need not wait for all of them."""


@click.group()
def command() -> None:
    """Look after the codes of coupon campaigns."""


@command.command("generate-codes")
@click.argument("slug")
@click.argument("campaign")
@click.argument("count", type=click.IntRange(1, MOST_CODES))
def generate(slug: str, campaign: str, count: int) -> None:
    """Add COUNT new codes to the CAMPAIGN of the program SLUG, as its document says they look."""
    program = program_called(slug)
    with program_transaction(program.id):
        look = _look_of(program, campaign)
        made = generate_codes(program.id, campaign, look, count, at=datetime.now(UTC))
    click.echo(f"Made {made:,} codes.")
    if made < count:
        raise click.ClickException("There are no more codes of this length: take a longer one.")


@command.command("import-codes")
@click.argument("slug")
@click.argument("campaign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_codes(slug: str, campaign: str, file: Path) -> None:
    """Add the codes in FILE, one a line, to the CAMPAIGN of the program SLUG. Those that are there are passed over."""
    program = program_called(slug)
    with file.open(encoding="utf-8-sig") as lines, program_transaction(program.id):
        _look_of(program, campaign)
        added = add_codes(program.id, campaign, filter(None, map(str.strip, lines)), at=datetime.now(UTC))
    click.echo(f"Added {added:,} codes.")


@command.command("export-codes")
@click.argument("slug")
@click.argument("campaign")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; the terminal unless given.")
def export_codes(slug: str, campaign: str, output: Path | None) -> None:
    """Write all codes of the CAMPAIGN of the program SLUG as CSV, however many: to be printed, or sent."""
    program = program_called(slug)
    with nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8", newline="") as file:
        for line in write_rows(list_file_rows(program.id, campaign, transaction=program_transaction)):
            file.write(line)


@command.command("hand-out")
@click.argument("slug")
@click.argument("campaign")
@click.argument("member")
@click.option("--key", required=True, help="Names it: told again, the member gets the same code.")
@click.option("--send", is_flag=True, help="Send it to them by e-mail too.")
def hand_out(slug: str, campaign: str, member: str, key: str, send: bool) -> None:
    """Give MEMBER (an e-mail or an id) of the program SLUG a code of CAMPAIGN that nobody else can use."""
    program = program_called(slug)
    with program_transaction(program.id):
        member_id = member_called(program, member)
        at = datetime.now(UTC)
        send_at = at if send else None
        ask = HandOut(key=f"staff:{key}", member_id=member_id, campaign=campaign, source="staff", send_at=send_at)
        (answer,) = hand_out_coupons(program.id, [ask], at=at)
    if isinstance(answer, NotHandedOut):
        raise click.ClickException(f"This cannot be done: {answer.refusal.reason}.")
    click.echo(answer.code)
    if answer.unsent:
        click.echo(f"It is not sent: {answer.unsent}.", err=True)


@command.command()
@click.argument("slug")
@click.argument("campaign")
@click.option("--segment", "segment_id", help="Whom; unless given, the segments that the campaign is for.")
@click.option("--key", default="", help="Names the sending: to send another code of the campaign, name it otherwise.")
def send(slug: str, campaign: str, segment_id: str | None, key: str) -> None:
    """Hand each member of a segment of the program SLUG a code of CAMPAIGN, and send it by e-mail; told again, once."""
    program, at = program_called(slug), datetime.now(UTC)
    if obstacle := find_mail_obstacle():
        raise click.ClickException(f"{obstacle}.")
    with program_transaction(program.id):
        members = _find_audience(program, campaign, segment_id, at=at)
    new, before, left_out = 0, 0, Counter[str]()
    for place in range(0, len(members), _MAILS_A_MINUTE):
        send_at = at + timedelta(minutes=place // _MAILS_A_MINUTE)
        with program_transaction(program.id):
            batch = members[place : place + _MAILS_A_MINUTE]
            sent = send_campaign(program.id, campaign, batch, name=key, send_at=send_at, at=datetime.now(UTC))
        new, before = new + sent.new, before + sent.before
        left_out.update(sent.left_out)
    click.echo(f"Handed out and to be sent: {new:,}. Had it before: {before:,}.")
    for reason, count in sorted(left_out.items()):
        click.echo(f"Left out, {reason}: {count:,}.")


@command.command()
@click.argument("slug")
@click.argument("campaign")
@click.argument("member")
@click.option("--by", required=True, metavar="EMAIL", help="Who gives it: their role in the program has the budget.")
@click.option("--note", required=True, help="Why.")
@click.option("--key", default="", help="Names the gift: told again, it is given once.")
def give(slug: str, campaign: str, member: str, by: str, note: str, key: str) -> None:
    """Give MEMBER (an e-mail or an id) of the program SLUG a code of CAMPAIGN, within the giver's budget."""
    program = program_called(slug)
    role = role_of(program, by)
    with program_transaction(program.id):
        member_id = member_called(program, member)
        gift = CouponGiven(
            key=f"goodwill:{key or new_id()}", member_id=member_id, campaign=campaign, role=role, by=by, note=note
        )
        try:
            given = give_goodwill_coupon(program.id, gift, at=datetime.now(UTC))
        except NotGiven as error:
            raise click.ClickException(f"This cannot be done: {error.reason}.") from None
    click.echo(given.code)


@command.command()
@click.argument("slug")
@click.argument("campaign")
def write(slug: str, campaign: str) -> None:
    """Have the stores make the unused codes of the CAMPAIGN of the program SLUG, once it begins."""
    program = program_called(slug)
    with program_transaction(program.id):
        rules, version = get_program_rules(program.id), _latest_with(program, campaign)
        code_ids = _codes_to_write(program, version, campaign)
        try:
            promised = write_coupons(program.id, rules, version, campaign, code_ids, at=datetime.now(UTC))
        except NotOpenAnyMore:
            said = "is over, or open by hours and weekdays, which no store can be told"
            raise click.ClickException(f"{campaign} {said}.") from None
        stores = len(list_writers(program.id))
    click.echo(f"The stores are asked to make {promised:,} codes; the outbox shows what they answer.")
    limits = version.spec.coupons.by_id[campaign].limits
    if code_ids == [None] and stores > 1 and (limits.campaign is not None or limits.member is not None):
        click.echo(f"{stores} stores count this code, each by itself: together they can go beyond its limits.")


@command.command("take-out")
@click.argument("slug")
@click.argument("campaign")
def take_out(slug: str, campaign: str) -> None:
    """Have the stores take out the codes of the CAMPAIGN of the program SLUG that nobody has used."""
    program = program_called(slug)
    with program_transaction(program.id):
        version = _latest_with(program, campaign)
        code_ids = _codes_to_write(program, version, campaign)
        promised = revoke_coupons(program.id, version, campaign, code_ids, at=datetime.now(UTC))
    click.echo(f"The stores are asked to take out {promised:,} codes; the outbox shows what they answer.")


@command.command("look-up")
@click.argument("slug")
@click.argument("code")
def look_up(slug: str, code: str) -> None:
    """Tell what became of CODE, however it is typed."""
    program = program_called(slug)
    with program_transaction(program.id):
        story = look_up_coupon(program.id, code, at=datetime.now(UTC))
    if story is None:
        raise click.ClickException(f"No coupon of {slug} has the code {code!r}.")
    click.echo(f"campaign  {story.campaign}")
    click.echo(f"code      {story.code}" + ("" if story.code_id else "  (all share it)"))
    if story.handout is not None:
        ends = f", valid until {story.handout.valid_until.isoformat()}" if story.handout.valid_until else ""
        click.echo(f"of        {story.handout.member_id}{ends}")
    for use in story.uses:
        off = f"{_money(use.minor, use.currency, use.exponent)} off" if use.currency else f"{use.units} units"
        beyond = f"  beyond: {use.beyond}" if use.beyond else ""
        click.echo(f"{use.used_at.isoformat(timespec='seconds')}  {use.state}  {use.used_on}  {off}{beyond}")
    if not story.uses:
        click.echo("Not used.")


@command.command("roll-back")
@click.argument("slug")
@click.argument("store")
@click.argument("order")
def roll_back(slug: str, store: str, order: str) -> None:
    """Give back all coupons that are used on ORDER (the store's id of it) of STORE (its code)."""
    program = program_called(slug)
    with program_transaction(program.id):
        uses = roll_back_coupons(program.id, [f"{store}:{order}"], at=datetime.now(UTC))[f"{store}:{order}"]
    if not uses:
        raise click.ClickException(f"No coupon was used on {order} of {store}.")
    for use in uses:
        click.echo(f"{use.campaign}: {use.state}")


@command.command()
@click.argument("slug")
def statement(slug: str) -> None:
    """Tell for each campaign of the program SLUG how many codes it has, how often it is used, and what it took off."""
    program = program_called(slug)
    with program_transaction(program.id):
        counts, sums = count_campaigns(program.id), sum_taken_off(program.id)
        latest = get_program_rules(program.id).latest
    known = [campaign.id for campaign in latest.spec.coupons.campaigns] if latest else []
    for campaign in dict.fromkeys([*known, *sorted(counts)]):
        one = counts.get(campaign, CampaignCounts())
        off = ", ".join(_money(taken.minor, taken.currency, taken.exponent) for taken in sums.get(campaign, ()))
        click.echo(
            f"{campaign}: {one.codes:,} codes, {one.handed_out:,} handed out, {one.uses:,} uses "
            f"({one.beyond:,} beyond a limit), {one.rolled_back:,} rolled back, {off or 'nothing'} off, "
            f"{one.units:,} units."
        )


def _find_audience(program: Program, campaign_id: str, segment_id: str | None, *, at: datetime) -> list[UUID]:
    """Who is in the segment, and in one of those that the campaign asks for where it does. Raises click's error."""
    spec = spec_in_force(program, at)
    campaign = spec.coupons.by_id.get(campaign_id)
    if campaign is None or not isinstance(campaign.codes, UniqueCodes):
        raise click.ClickException(f"{program.slug} has no campaign {campaign_id!r} with unique codes now.")
    asked = [condition.segments for condition in campaign.conditions if isinstance(condition, InSegment)]
    if segment_id is not None:
        asked.append((segment_id,))
    if not asked:
        raise click.ClickException(f"{campaign_id} is for everybody: --segment names whom to send it to.")
    audience = [
        {member for name in names for member in list_segment(program.id, spec, segment_called(spec, name), at=at)}
        for names in asked
    ]
    return sorted(set.intersection(*audience))


def _latest_with(program: Program, campaign: str) -> Version:
    """The latest version, which may begin later. Raises click's error where it has no such campaign."""
    latest = get_program_rules(program.id).latest
    if latest is None or campaign not in latest.spec.coupons.by_id:
        raise click.ClickException(f"{program.slug} has no campaign {campaign!r}.")
    return latest


def _codes_to_write(program: Program, version: Version, campaign: str) -> list[UUID | None]:
    """The code that all share (None), or the unused ones. Raises click's error for too many, or none."""
    codes = version.spec.coupons.by_id[campaign].codes
    if isinstance(codes, SharedCode):
        return [None]
    rows = list_code_rows(program.id, campaign, after=UUID(int=0), limit=_MOST_WRITTEN + 1)
    if len(rows) > _MOST_WRITTEN:
        raise click.ClickException(
            f"{campaign} has more than {_MOST_WRITTEN:,} codes: let the store ask the API about them, "
            "or bring `wafa coupon export-codes` into it."
        )
    unused: list[UUID | None] = [row.id for row in rows if not row.used]
    if not unused:
        raise click.ClickException(f"{campaign} has no code that a store could be told.")
    return unused


def _look_of(program: Program, campaign: str) -> UniqueCodes:
    """How codes of a campaign look by the latest version, which may begin later: codes are made ahead."""
    found: Campaign = _latest_with(program, campaign).spec.coupons.by_id[campaign]
    if not isinstance(found.codes, UniqueCodes):
        raise click.ClickException(f"{campaign} has no unique codes: its document says `codes: {found.codes.kind}`.")
    return found.codes


def _money(minor: int, currency: str, exponent: int | None) -> str:
    decimals = exponent_of(currency) if exponent is None else exponent
    whole, part = divmod(minor, 10**decimals)
    return f"{whole:,}" + (f".{part:0{decimals}}" if decimals else "") + f" {currency}"
