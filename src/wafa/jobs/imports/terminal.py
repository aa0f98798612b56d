"""Imports on a terminal: columns, rows, reports and states."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from wafa.core.money import exponent_of
from wafa.flows.undo_import import Undoing
from wafa.imports.models import Import
from wafa.imports.prepare import Proposal
from wafa.imports.report import Report
from wafa.imports.rows import HistoryRow, PastMember, PastPurchase, RowFault

_FAULTS_SHOWN = 20


def show_columns(proposal: Proposal, console: Console) -> None:
    """How the file is read."""
    settings = proposal.settings
    known = f", as {settings.preset} writes it" if settings.preset else ""
    console.print(f"Read as {settings.encoding}, columns parted by {settings.delimiter!r}{known}.", highlight=False)
    used = {name: field for field, name in settings.columns.items()}
    for name in proposal.header:
        console.print(f"  {name or '(no name)'} → {used.get(name, 'not read')}", highlight=False)


def show_rows(rows: Sequence[HistoryRow], zone: ZoneInfo, console: Console) -> None:
    """The first rows as they would be taken; days are those of the zone."""
    for row in rows:
        console.print(f"line {row.line}: {_tell_row(row, zone)}", highlight=False, soft_wrap=True)


def _tell_row(row: HistoryRow, zone: ZoneInfo) -> str:
    if isinstance(row, RowFault):
        return f"refused. {row.column}: {row.expected}"
    if isinstance(row, PastPurchase):
        order = row.order
        told = [
            f"order {order.external_id}",
            _money(order.total_minor, order.currency),
            f"paid {_day(order.paid_at, zone)}",
        ]
        return ", ".join(
            [*told, *([f"refunded {_money(order.refunded_minor, order.currency)}"] if order.refunds else [])]
        )
    return ", ".join(_tell_member(row, zone))


def _tell_member(row: PastMember, zone: ZoneInfo) -> list[str]:
    customer = row.customer
    told = [customer.email or customer.phone or customer.external_id or "", *([customer.name] if customer.name else [])]
    if row.joined_at:
        told.append(f"joined {_day(row.joined_at, zone)}")
    if row.birthday:
        told.append(f"born {row.birthday.calendar} {row.birthday.month}-{row.birthday.day}")
    if opening := row.opening:
        told.append(f"{opening.available:,} {opening.unit}")
        if opening.pending:
            told.append(f"{opening.pending:,} pending")
        if opening.expires_at:
            told.append(f"until {_last_day(opening.expires_at, zone)}")
    if tier := row.tier:
        told.append(f"tier {tier.tier}" + (f" until {_last_day(tier.until, zone)}" if tier.until else ""))
    return told


def show_report(report: Report, currency: str, zone: ZoneInfo, console: Console) -> None:
    """What a dry run found."""
    console.print(f"{report.rows:,} rows read: {report.taken:,} would be taken, {report.faulty:,} refused.")
    console.print(f"Members: {report.new_members:,} new, {report.known_members:,} known already.")
    if report.orders:
        console.print(f"Orders: {report.orders:,}, of which {report.known_orders:,} are known already.")
        for spent_in, amount in sorted(report.spent_minor.items()):
            console.print(f"Spent in them: {_money(amount, spent_in)}.")
    for code, unit in sorted(report.units.items()):
        amount = unit.available + unit.pending + unit.claimable
        worth = "" if unit.worth_minor is None else f", worth {_money(unit.worth_minor, currency)}"
        waiting = f" ({unit.pending:,} of them pending)" if unit.pending else ""
        console.print(f"Liability: {amount:,} {code}{waiting} of {unit.members:,} members{worth}.")
    for tier, count in sorted(report.tiers.items()):
        console.print(f"Tier {tier}: {count:,} members.")
    for ending in report.ends:
        console.print(f"End with {_last_day(ending.at, zone)}: {ending.amount:,} {ending.unit}.")
    for fault in report.faults[:_FAULTS_SHOWN]:
        console.print(f"line {fault.line}, {fault.column}: {fault.expected}", highlight=False, soft_wrap=True)


def show_state(import_: Import, console: Console) -> None:
    """Where an import stands."""
    table = Table.grid(padding=(0, 2))
    table.add_row("import", str(import_.id))
    table.add_row("file", import_.name)
    table.add_row("state", import_.state)
    table.add_row("line", f"{import_.at_line:,} of {import_.lines:,}")
    table.add_row("taken", f"{import_.taken:,}")
    table.add_row("known before", f"{import_.known:,}")
    table.add_row("refused", f"{import_.refused:,}")
    console.print(table)


def show_undoing(told: Undoing, console: Console) -> None:
    """What undoing would do, before it is done."""
    for code, amount in sorted(told.units.items()):
        console.print(f"Takes back {amount:,} {code}, of which {told.used.get(code, 0):,} were used meanwhile.")
    console.print(f"Members who used any: {told.users:,}.")
    if told.orders or told.kept_orders:
        console.print(f"Forgets {told.orders:,} orders; {told.kept_orders:,} stay, for their store told of them since.")


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}" if moment else "at no time"


def _last_day(ends: datetime, zone: ZoneInfo) -> str:
    """The last day on which something can be used that `ends` then."""
    return _day(ends - timedelta(microseconds=1), zone)


def _money(amount_minor: int, currency: str) -> str:
    places = exponent_of(currency)
    whole, rest = divmod(amount_minor, 10**places)
    return f"{currency} {whole:,}.{rest:0{places}}" if places else f"{currency} {whole:,}"
