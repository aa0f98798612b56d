"""What a member has in each unit, what it is worth, and what will become of it when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from wafa.core.books import Account, Balance, Lot
from wafa.core.program import Program
from wafa.core.spec import Unit
from wafa.kit.formats import Formats
from wafa.ledger.queries import list_balances, list_open_lots
from wafa.reports.passed import last_moment
from wafa.reports.units import list_units, unit_heading

_EXPIRIES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Due:
    """`amount` of the unit to which something happens on a day of the program's calendar and time zone."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBalance:
    """One unit of a member, by its `name` in the reader's language.

    `shown` is what they see first, and `worth_minor` its face value in the program's currency.
    `maturities` are the days on which pending units become available, `expiries` the last days on which available ones
    can be used, `claim_ends` those until which a guest may join for what waits; each the soonest first.
    """

    unit: Unit
    name: str
    balance: Balance
    worth_minor: int | None
    maturities: tuple[Due, ...]
    expiries: tuple[Due, ...]
    claim_ends: tuple[Due, ...]

    @property
    def shown(self) -> int:
        """What a member can use, or what waits for a guest to join."""
        return _shown(self.balance)

    @property
    def first_expiries(self) -> tuple[Due, ...]:
        """As many as fit on a page."""
        return self.expiries[:_EXPIRIES_SHOWN]

    @property
    def later_expiry(self) -> int:
        """What expires after those."""
        return sum(due.amount for due in self.expiries[_EXPIRIES_SHOWN:])


def list_unit_balances(program_id: UUID, member_id: UUID, *, program: Program, formats: Formats) -> list[UnitBalance]:
    """A member's units: those of the program today, and older ones of which something is left."""
    balances = list_balances(program_id, [member_id]).get(member_id, {})
    lots = list_open_lots(program_id, member_id)
    today = {unit.code for unit in program.versions[-1].spec.units} if program.versions else set()
    return [
        _unit_balance(unit, balances.get(unit.code, Balance()), [lot for lot in lots if lot.unit == unit.code], formats)
        for unit in list_units(program)
        if unit.code in today or _is_left(balances.get(unit.code, Balance()))
    ]


def _shown(balance: Balance) -> int:
    return balance.claimable or balance.available


def _is_left(balance: Balance) -> bool:
    return any((balance.claimable, balance.pending, balance.available, balance.held, balance.debt))


def _unit_balance(unit: Unit, balance: Balance, lots: Sequence[Lot], formats: Formats) -> UnitBalance:
    zone = ZoneInfo(formats.time_zone)
    pending = [(lot.matures_at, lot) for lot in lots if lot.pocket is Account.PENDING and lot.matures_at]
    usable = [(last_moment(lot.expires_at), lot) for lot in lots if lot.pocket is Account.AVAILABLE and lot.expires_at]
    waiting = [
        (last_moment(lot.claimable_until), lot)
        for lot in lots
        if lot.pocket is Account.CLAIMABLE and lot.claimable_until
    ]
    return UnitBalance(
        unit=unit,
        name=unit_heading(unit, formats.locale),
        balance=balance,
        worth_minor=unit.worth_minor(_shown(balance)),
        maturities=_by_day(pending, zone),
        expiries=_by_day(usable, zone),
        claim_ends=_by_day(waiting, zone),
    )


def _by_day(moments: Iterable[tuple[datetime, Lot]], zone: ZoneInfo) -> tuple[Due, ...]:
    days: dict[date, int] = {}
    for moment, lot in moments:
        day = moment.astimezone(zone).date()
        days[day] = days.get(day, 0) + lot.remaining
    return tuple(Due(day, amount) for day, amount in sorted(days.items()))
