"""`wafa partner`: what partners and the program owe each other, payments, and keys for partners."""

import csv
import sys
from datetime import UTC, date, datetime, timedelta

import click

from wafa.core.money import MoneyError, parse_minor
from wafa.core.program import Program as ProgramRules
from wafa.core.spec import Partner
from wafa.flows.record_payments import Payment, ReferenceTaken, record_payment
from wafa.jobs.cli import program_called
from wafa.jobs.cli.key import tell_key
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.programs.formats import formats_for
from wafa.programs.models import Program
from wafa.programs.operations import Invalid, create_api_key
from wafa.programs.queries import get_program_rules
from wafa.reports.partners import (
    CSV_COLUMNS,
    Month,
    Statement,
    UnknownPartner,
    csv_rows,
    day_of,
    find_partner,
    list_positions,
    list_statements_of,
    month_around,
)

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Look after what partners and the program owe each other."""


@command.command("list")
@click.argument("slug")
def list_partners(slug: str) -> None:
    """Show what each partner of the program SLUG owes; together with the program it comes to nothing."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        positions = list_positions(program.id, get_program_rules(program.id), _english(program), at=at)
    if not positions:
        raise click.ClickException(f"{slug} has no partners; `partners` in its document names them.")
    for position in positions:
        amount = f"{position.amount!s:>20}"
        click.echo(f"{position.partner or '(the program)':<32}  {amount}  {position.name}")


@command.command()
@click.argument("slug")
@click.argument("partner_id", metavar="PARTNER")
@click.option("--day", type=_DAY, help="A day in the month that is meant; the last whole month unless given.")
@click.option("--csv", "as_csv", is_flag=True, help="Rows for a spreadsheet, amounts in minor units.")
def statement(slug: str, partner_id: str, day: datetime | None, as_csv: bool) -> None:
    """Print the month's statement of PARTNER of the program SLUG."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        rules = get_program_rules(program.id)
        partner = _partner(rules, partner_id)
        month = month_around(rules, day.date() if day else _last_month(rules, at), at=at)
        statements = list_statements_of(program.id, rules, partner, month, _english(program))
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([CSV_COLUMNS, *csv_rows(statements, rules)])
        return
    for one in statements:
        _print(one, month, _english(program))


def _print(one: Statement, month: Month, formats: Formats) -> None:
    last = formats.date(month.ends - timedelta(seconds=1))
    click.echo(f"{one.name}: {formats.date(month.begins)} to {last}{'' if month.is_final else ', not over yet'}")
    click.echo(f"  {'Opening balance':<32}{'':>18}{'':>26}{one.opening!s:>18}")
    for line in one.lines:
        click.echo(f"  {line.name:<32}{line.units or '':>18}{line.rate or '':>26}{line.amount!s:>18}")
    click.echo(f"  {'Closing balance':<32}{'':>18}{'':>26}{one.closing!s:>18}")
    click.echo(f"  {one.balance}")


@command.command()
@click.argument("slug")
@click.argument("partner_id", metavar="PARTNER")
@click.argument("amount")
@click.option("--to-partner", is_flag=True, help="The program paid the partner, and not the other way round.")
@click.option("--reference", required=True, help="What the bank calls it: recorded once.")
@click.option("--on", "paid_on", type=_DAY, help="The day it was paid (UTC); today unless given.")
@click.option("--by", default="", help="Who records it; kept with it.")
@click.option("--note", default="", help="For whoever reads the statement.")
def pay(
    slug: str,
    partner_id: str,
    amount: str,
    to_partner: bool,
    reference: str,
    paid_on: datetime | None,
    by: str,
    note: str,
) -> None:
    """Record that PARTNER of the program SLUG paid AMOUNT, such as 120.00 of its currency."""
    program = program_called(slug)
    at = datetime.now(UTC)
    with program_transaction(program.id):
        partner = _partner(get_program_rules(program.id), partner_id)
        payment = Payment(
            partner=partner.id,
            payer="program" if to_partner else "partner",
            amount_minor=_minor(amount, partner),
            reference=reference,
            paid_at=(paid_on or at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)).replace(tzinfo=UTC),
            by=by,
            note=note,
        )
        try:
            is_new = record_payment(program.id, payment, at=at)
        except ReferenceTaken:
            message = f"{reference} names another payment of {partner.id}; give this one a reference of its own."
            raise click.ClickException(message) from None
    click.echo("Recorded." if is_new else "It was recorded before.")


@command.command()
@click.argument("slug")
@click.argument("partner_id", metavar="PARTNER")
@click.argument("name")
def key(slug: str, partner_id: str, name: str) -> None:
    """Make a key for PARTNER of the program SLUG, called NAME, and print its token; `wafa key revoke` ends it."""
    program = program_called(slug)
    with program_transaction(program.id):
        partner = _partner(get_program_rules(program.id), partner_id)
        try:
            made = create_api_key(program.id, name=name, partner=partner.id, at=datetime.now(UTC))
        except Invalid as error:
            raise click.ClickException(str(error)) from None
    tell_key(made)


def _partner(rules: ProgramRules, partner_id: str) -> Partner:
    try:
        return find_partner(rules, partner_id)
    except UnknownPartner:
        raise click.ClickException(f"there is no partner {partner_id!r}; `wafa partner list` shows them.") from None


def _minor(amount: str, partner: Partner) -> int:
    try:
        minor = parse_minor(amount, partner.currency)
    except MoneyError as error:
        raise click.BadParameter(str(error), param_hint="AMOUNT") from None
    if minor <= 0:
        raise click.BadParameter("expected an amount above 0", param_hint="AMOUNT")
    return minor


def _last_month(rules: ProgramRules, at: datetime) -> date:
    """A day in the last month that is over."""
    this = month_around(rules, day_of(at, rules), at=at)
    return day_of(this.begins - timedelta(days=1), rules)


def _english(program: Program) -> Formats:
    return formats_for(program, "en")
