"""Exchanging one unit for another: soonest-expiring lots first, in whole steps, all or nothing."""

from datetime import datetime

from msgspec import Struct

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, lot_id, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.lots import draw, is_usable
from wafa.core.program import Program
from wafa.core.spec import Conversion, Version
from wafa.core.standing import Standing
from wafa.core.why import ConversionWhy


class Convertible(Struct, frozen=True, kw_only=True):
    """A conversion as it stands for a member: the most units that they could put in now."""

    conversion: Conversion
    most_units: int


def conversion_key(key: str) -> str:
    """The key under which the books know the conversion that its door calls `key`."""
    return f"{JournalKind.CONVERSION.value}:{key}"


def find_refusal(standing: Standing, conversion: Conversion, units: int, *, at: datetime) -> str:
    """Why `units` cannot be converted now: guests_do_not_convert, wrong_units or not_enough; empty where they can."""
    if not standing.joined:
        return "guests_do_not_convert"
    if units < conversion.least_units or units % conversion.units:
        return "wrong_units"
    return "not_enough" if convertible(standing, conversion, at=at) < units else ""


def convertible(standing: Standing, conversion: Conversion, *, at: datetime) -> int:
    """How many units the member could convert at most: whole steps of what can be used at `at`."""
    usable = sum(lot.remaining for lot in standing.lots_of(unit=conversion.unit) if is_usable(lot, at=at))
    most = usable - usable % conversion.units
    return most if most >= conversion.least_units else 0


def convert(
    program: Program,
    standing: Standing,
    version: Version,
    conversion: Conversion,
    units: int,
    *,
    key: str,
    at: datetime,
) -> list[Journal]:
    """Exchange `units` (whole steps) for a lot of the other unit, which pays first what the member owes in it.

    The lot matures and expires as its own unit says. Raises NotEnough, with nothing decided.
    """
    definition = program.unit(conversion.into, version=version.number)
    granted = units // conversion.units * conversion.gives
    matures = matures_at(definition, since=at)
    lot = Lot(
        id=lot_id(conversion_key(key), at=at),
        member_id=standing.member_id,
        unit=conversion.into,
        rule=conversion.id,
        version=version.number,
        granted=granted,
        remaining=granted,
        pocket=Account.PENDING if matures else Account.AVAILABLE,
        occurred_at=at,
        matures_at=matures,
        expires_at=expires_at(definition, granted_at=at, spec=version.spec, matures=matures),
    )
    drawn = draw(standing.lots_of(unit=conversion.unit), units, at=at)
    taken = [Posting(conversion.unit, Account.AVAILABLE, Account.REDEEMED, one.amount, one.lot_id) for one in drawn]
    journal = make_journal(
        JournalKind.CONVERSION,
        conversion_key(key),
        member_id=standing.member_id,
        at=at,
        why=ConversionWhy(conversion=conversion.id, unit=conversion.unit, units=units, granted=granted),
        version=version.number,
        postings=(*taken, Posting(lot.unit, Account.ISSUED, lot.pocket, granted, lot.id)),
        lots=(lot,),
    )
    return [journal, *repay(standing.after([journal]), [lot], cause=journal)]
