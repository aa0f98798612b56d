"""What limits and budgets have been used for so far, and what journals make of it: plain values, in the books alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal, Lot
from wafa.core.why import AccrualWhy, CorrectionWhy

Spent = Mapping[str, int]
"""How much of each budget has been promised, by its name. One that is not named has not been touched."""


class Use(Struct, frozen=True, gc=False):
    """`rule` granted `units` to a member for `cause_id` since `at` (UTC), without what edits and refunds took of it.

    What the clawback policy let go was kept, so it still counts.
    """

    rule: str
    cause_id: UUID | None
    at: datetime
    units: int


def uses_after(uses: Iterable[Use], journal: Journal, lots: Mapping[UUID, Lot]) -> frozenset[Use]:
    """A member's uses once the journal is booked; `lots` has those that it changes."""
    found = {(use.rule, use.cause_id): use for use in uses}

    def add(lot: Lot, units: int) -> None:
        before = found.get((lot.rule, lot.cause_id)) or Use(lot.rule, lot.cause_id, lot.occurred_at, 0)
        found[lot.rule, lot.cause_id] = Use(lot.rule, lot.cause_id, before.at, before.units + units)

    for lot in journal.lots:
        add(lot, lot.granted)
    for change in journal.grants:
        if change.kept:
            add(lots[change.lot_id], change.kept)
    return frozenset(found.values())


def spent_after(spent: Spent, journals: Iterable[Journal]) -> Spent:
    """What has been promised of each budget once these journals are booked."""
    grown: dict[str, int] = {}
    for journal in journals:
        if isinstance(journal.why, AccrualWhy | CorrectionWhy):
            for counted in journal.why.counted:
                grown[counted.budget] = grown.get(counted.budget, spent.get(counted.budget, 0)) + counted.amount
    return {**spent, **grown} if grown else spent
