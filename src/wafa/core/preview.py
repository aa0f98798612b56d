"""What a cart would earn if it were paid for now: the decision that would be booked, and nothing of it is."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.decide import Decision, NotEarned, decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, TierEntryWhy

_NO_ORDER_YET = UUID(int=0)


class Earned(Struct, frozen=True, kw_only=True):
    """What a rule of `version` grants in `unit`, with the whole arithmetic, and when it can be used (UTC).

    Both are None where no date is set yet, or where there is no such date.
    """

    rule: str
    version: int
    unit: str
    why: AccrualWhy
    matures_at: datetime | None
    expires_at: datetime | None

    @property
    def units(self) -> int:
        return self.why.units


class Entered(Struct, frozen=True, kw_only=True):
    """What entering `tier` brings by `version`: `units` in `unit`, with their dates (UTC), or a `reward`, free."""

    tier: str
    version: int
    unit: str | None = None
    units: int | None = None
    matures_at: datetime | None = None
    expires_at: datetime | None = None
    reward: str | None = None


class Preview(Struct, frozen=True, kw_only=True):
    """What is earned by each rule, why the rest is not, and what is given for tiers that are entered by it."""

    earned: tuple[Earned, ...]
    not_earned: tuple[NotEarned, ...]
    entered: tuple[Entered, ...] = ()


def preview(program: Program, standing: Standing, cart: OrderSnapshot, *, store: str, at: datetime) -> Preview:
    """What the cart would earn if it were paid `at` (UTC). Raises MissingRate and OutsideCalendar."""
    order = replace(cart, paid_at=at, as_of=at, refunds=(), remembered=None)
    activity = OrderActivity(kind=ActivityKind.PAID, occurred_at=at, order=order, order_id=_NO_ORDER_YET, store=store)
    decision = decide(program, standing, activity)
    return Preview(
        earned=tuple(
            _read(journal, why)
            for journal in decision.journals
            if journal.kind is JournalKind.ACCRUAL and isinstance(why := journal.why, AccrualWhy)
        ),
        not_earned=decision.not_earned,
        entered=tuple(_read_entries(standing, decision)),
    )


def _read_entries(standing: Standing, decision: Decision) -> Iterator[Entered]:
    for journal in decision.journals:
        if isinstance(why := journal.why, TierEntryWhy):
            lot = journal.lots[0]
            yield Entered(
                tier=why.tier,
                version=lot.version,
                unit=lot.unit,
                units=lot.granted,
                matures_at=lot.matures_at,
                expires_at=lot.expires_at,
            )
    had = standing.tiers.gifts if standing.tiers else ()
    for gift in decision.tiers.gifts if decision.tiers else ():
        if gift not in had:
            yield Entered(tier=gift.tier, version=gift.version, reward=gift.reward)


def _read(accrual: Journal, why: AccrualWhy) -> Earned:
    lot: Lot = accrual.lots[0]
    return Earned(
        rule=lot.rule,
        version=lot.version,
        unit=lot.unit,
        why=why,
        matures_at=lot.matures_at,
        expires_at=lot.expires_at,
    )
