"""Opening what a member brings along from elsewhere: balances with their dates, as lots like all others."""

from datetime import datetime

from msgspec import Struct

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.ids import caused_id
from wafa.core.spec import Version
from wafa.core.standing import Standing
from wafa.core.why import OpeningWhy

OPENING = "opening"
"""Stands where lots name the rule that granted them."""


class Opening(Struct, frozen=True, kw_only=True):
    """What somebody brings along of one unit: so many `available` and `pending`, at least one of them.

    `earned_at` is when they were earned, as far as it is known; `matures_at` when those that wait can be used. Where no
    `expires_at` is told, they end as if they were granted on the day on which they come.
    """

    unit: str
    available: int = 0
    pending: int = 0
    earned_at: datetime | None = None
    matures_at: datetime | None = None
    expires_at: datetime | None = None


def open_balance(
    version: Version, standing: Standing, opening: Opening, *, key: str, source: str, at: datetime
) -> list[Journal]:
    """Book an opening at `at`, and pay what the member owes from what of it is available. `key` names the cause.

    Raises OutsideCalendar, and KeyError for a unit that the version does not count.
    """
    unit = next((unit for unit in version.spec.units if unit.code == opening.unit), None)
    if unit is None:
        raise KeyError(opening.unit)
    lots: list[Lot] = []
    for units, pocket in ((opening.available, Account.AVAILABLE), (opening.pending, Account.PENDING)):
        if not units:
            continue
        matures = (opening.matures_at or matures_at(unit, since=at)) if pocket is Account.PENDING else None
        lots.append(
            Lot(
                id=caused_id(f"lot:{key}:{pocket.name}", at=at),
                member_id=standing.member_id,
                unit=unit.code,
                rule=OPENING,
                version=version.number,
                granted=units,
                remaining=units,
                pocket=Account.PENDING if matures else Account.AVAILABLE,
                occurred_at=opening.earned_at or at,
                matures_at=matures,
                expires_at=opening.expires_at or expires_at(unit, granted_at=at, spec=version.spec, matures=matures),
            )
        )
    journal = make_journal(
        JournalKind.OPENING,
        key,
        member_id=standing.member_id,
        at=at,
        why=OpeningWhy(units=sum(lot.granted for lot in lots), pending=opening.pending, source=source),
        version=version.number,
        postings=tuple(Posting(unit.code, Account.ISSUED, lot.pocket, lot.granted, lot.id) for lot in lots),
        lots=tuple(lots),
    )
    return [journal, *repay(standing, lots, cause=journal)]
