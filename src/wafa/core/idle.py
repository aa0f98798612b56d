"""What becomes of units whose member neither earns nor uses anything for too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.lots import spending_order
from wafa.core.spec import ExpireWithoutActivity, ProgramSpec, Version
from wafa.core.standing import Standing
from wafa.core.why import InactivityWhy

ACTIVE = (
    JournalKind.ACCRUAL,
    JournalKind.REDEMPTION,
    JournalKind.CONVERSION,
    JournalKind.CLAIM,
    JournalKind.OPENING,
    JournalKind.MERGE_IN,
)
"""What counts as activity: earning, using, joining, coming with units, and turning out to be somebody who did."""


class IdlePolicy(Struct, frozen=True, kw_only=True):
    """The same policy for one unit in all `versions` that have it: what they granted is one balance to it."""

    unit: str
    expiry: ExpireWithoutActivity
    spec: ProgramSpec
    versions: frozenset[int]

    @property
    def version(self) -> int:
        """The first version that had it: it names the policy in the books."""
        return min(self.versions)

    def moments(self, *, active_at: datetime, until: datetime) -> Iterator[datetime]:
        """When units expire, by `until`, of a member who was last active at `active_at`.

        Raises OutsideCalendar where the calendar has no table for one of them.
        """
        zone = self.spec.zone
        reckoning = reckoning_of(self.spec, self.expiry.calendar)
        day = active_at.astimezone(zone).date()
        for times in count(1):
            ends = midnight_after(reckoning.add_months(day, times * self.expiry.months), zone)
            if ends > until:
                return
            yield ends

    def key(self, member_id: UUID, ends: datetime) -> str:
        """Names the cause: this policy, and the moment at which it bites this member."""
        return f"inactivity:{self.unit}:{self.version}:{member_id}:{ends.isoformat()}"


def idle_policies(versions: list[Version]) -> tuple[IdlePolicy, ...]:
    """Every policy about inactivity that a program ever had, with the versions that share it."""
    found: dict[tuple[object, ...], list[Version]] = {}
    for version in versions:
        for unit in version.spec.units:
            if isinstance(unit.expiry, ExpireWithoutActivity):
                counting = (version.spec.time_zone, version.spec.calendar, version.spec.hijri_correction)
                found.setdefault((unit.code, unit.expiry, *counting), []).append(version)
    return tuple(
        IdlePolicy(unit=str(unit), expiry=expiry, spec=same[0].spec, versions=frozenset(v.number for v in same))
        for (unit, expiry, *_), same in found.items()
        if isinstance(expiry, ExpireWithoutActivity)
    )


def expire_idle(policy: IdlePolicy, standing: Standing, *, active_at: datetime, ends: datetime) -> Journal | None:
    """What expires at `ends`, one of the policy's moments, however late the clock comes; None where nothing does.

    Only what could be used by then is looked at.
    """
    lots = sorted((lot for lot in standing.lots.values() if _counts(policy, lot, ends)), key=spending_order)
    available = sum(lot.remaining for lot in lots)
    kept_since = ends - timedelta(days=policy.expiry.keep_days)
    going = [lot for lot in lots if lot.occurred_at < kept_since] if policy.expiry.keep_days else lots
    missing = available * policy.expiry.basis_points // 10_000
    postings: list[Posting] = []
    for lot in going:
        amount = min(lot.remaining, missing)
        if amount:
            postings.append(Posting(lot.unit, Account.AVAILABLE, Account.BREAKAGE, amount, lot.id))
            missing -= amount
    if not postings:
        return None
    key = policy.key(standing.member_id, ends)
    return make_journal(
        JournalKind.EXPIRY,
        key,
        member_id=standing.member_id,
        at=ends,
        why=InactivityWhy(
            active_at=active_at,
            expired_at=ends,
            months=policy.expiry.months,
            basis_points=policy.expiry.basis_points,
            available=available,
            kept=available - sum(lot.remaining for lot in going),
            units=sum(posting.amount for posting in postings),
        ),
        version=policy.version,
        postings=tuple(postings),
    )


def _counts(policy: IdlePolicy, lot: Lot, ends: datetime) -> bool:
    if lot.unit != policy.unit or lot.version not in policy.versions or lot.pocket is not Account.AVAILABLE:
        return False
    return lot.remaining > 0 and max(lot.occurred_at, lot.matures_at or lot.occurred_at) < ends
