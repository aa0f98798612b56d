"""Drawing on lots: soonest expiry first, exactly what was asked or nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Account, Lot

_NEVER = datetime.max.replace(tzinfo=UTC)


class Draw(Struct, frozen=True, gc=False):
    """`amount` taken from what is left of one lot."""

    lot_id: UUID
    amount: int


class NotEnough(Exception):
    """Less is available than was asked for; nothing was drawn."""

    def __init__(self, *, asked: int, available: int) -> None:
        super().__init__(f"{asked} units were asked for, {available} are available")
        self.asked = asked
        self.available = available


def draw(lots: Iterable[Lot], amount: int, *, at: datetime) -> tuple[Draw, ...]:
    """Take exactly `amount` (> 0) from what is available at `at`, from the lot that expires soonest on.

    Raises NotEnough, with nothing drawn, where the available lots hold less.
    """
    draws, missing = draw_up_to(lots, amount, at=at)
    if missing:
        raise NotEnough(asked=amount, available=amount - missing)
    return draws


def draw_up_to(lots: Iterable[Lot], amount: int, *, at: datetime) -> tuple[tuple[Draw, ...], int]:
    """Take as much of `amount` as is available at `at`. Returns the draws and what is missing."""
    draws: list[Draw] = []
    missing = amount
    for lot in sorted((lot for lot in lots if is_usable(lot, at=at)), key=spending_order):
        if not missing:
            break
        taken = min(lot.remaining, missing)
        draws.append(Draw(lot.id, taken))
        missing -= taken
    return tuple(draws), missing


def is_usable(lot: Lot, *, at: datetime) -> bool:
    """Whether a member may spend from the lot at `at`: a lot past its date is gone even before the clock books it."""
    return lot.pocket is Account.AVAILABLE and lot.remaining > 0 and (lot.expires_at is None or lot.expires_at > at)


def spending_order(lot: Lot) -> tuple[datetime, datetime, UUID]:
    """Sorts lots by what is drawn on first: what expires soonest, then what was granted first."""
    return (lot.expires_at or _NEVER, lot.occurred_at, lot.id)


def is_forfeited(lot: Lot, *, joined_at: datetime | None, at: datetime) -> bool:
    """Whether a guest let the time pass in which to claim the lot, who joined at `joined_at` or has not by `at`."""
    if lot.pocket is not Account.CLAIMABLE or lot.claimable_until is None:
        return False
    return lot.claimable_until <= (joined_at or at)


def landing_pocket(lot: Lot, *, joined: bool, joined_at: datetime | None, at: datetime) -> Account:
    """Where units of the lot belong at `at`; all of the lot is in one pocket, so what is left of it decides first."""
    if lot.remaining:
        return lot.pocket
    if is_forfeited(lot, joined_at=joined_at, at=at):
        return Account.BREAKAGE
    if not joined:
        return Account.CLAIMABLE
    if lot.expires_at is not None and lot.expires_at <= at:
        return Account.BREAKAGE
    return Account.PENDING if lot.is_pending(at=at) else Account.AVAILABLE
