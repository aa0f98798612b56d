"""Taking back what entering a tier granted, once what led to it came back."""

from collections.abc import Sequence

from msgspec.structs import replace

from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, return_grants
from wafa.core.tiers.climb import climb
from wafa.core.tiers.record import Step, TierRecord
from wafa.core.tiers.reward import ENTRY
from wafa.core.weigh import order_name
from wafa.core.why import TierUndoneWhy


def find_undone(program: Program, standing: Standing, after: TierRecord, activity: OrderActivity) -> list[Lot]:
    """The lots of tiers that the member never reached by all that is known now. Raises OutsideCalendar.

    Only what happens to an order after its payment undoes an entry: not time, and not facts that were told late.
    `after` is the record once the activity counts; the standing is before it, with every lot that a tier granted.
    """
    if activity.kind is ActivityKind.PAID or _corrected(standing, after) is None:
        return []
    granted = [lot for lot in standing.lots.values() if lot.rule.startswith(ENTRY) and lot.net_granted > lot.taken_back]
    if not granted:
        return []
    assert after.known_until is not None
    path = climb(program, after, until=after.known_until)
    return [lot for lot in granted if not _was_reached(program, path, lot)]


def undo_entries(
    program: Program,
    standing: Standing,
    after: TierRecord,
    activity: OrderActivity,
    *,
    undone: Sequence[Lot],
    booked: Sequence[Journal],
) -> tuple[list[Journal], TierRecord]:
    """Take back what is `undone`, after what is `booked` for the order, and the record that says so.

    Whoever enters these tiers again is rewarded again.
    """
    standing = standing.after(booked)
    journals: list[Journal] = []
    for lot in undone:
        taken = _take_back(program, standing, standing.lots[lot.id], activity)
        standing = standing.after([taken])
        journals.append(taken)
    corrected = _corrected(standing, after)
    assert corrected is not None
    tiers = tuple(sorted({lot.rule.removeprefix(ENTRY) for lot in undone}))
    marked = replace(corrected, why=replace(corrected.why, undone=tiers))
    steps = tuple(marked if step is corrected else step for step in after.steps)
    return journals, replace(after, steps=steps)


def _corrected(standing: Standing, after: TierRecord) -> Step | None:
    """The step that corrects where the member stood, if the activity led to one."""
    assert standing.tiers is not None
    new = after.steps[len(standing.tiers.steps) :]
    return new[0] if new and new[0].why.kind == "corrected" else None


def _was_reached(program: Program, path: Sequence[Step], lot: Lot) -> bool:
    """Whether the path leads to the tier that granted the lot, or above it."""
    tiers = program.numbered(lot.version).spec.tiers
    assert tiers is not None, "what a tier granted is of a version that has it"
    wanted = tiers.rank(lot.rule.removeprefix(ENTRY))
    return any(tiers.rank(step.tier) >= wanted for step in path)


def _take_back(program: Program, standing: Standing, lot: Lot, activity: OrderActivity) -> Journal:
    units = lot.net_granted - lot.taken_back

    def tell(taken: Taken) -> TierUndoneWhy:
        return TierUndoneWhy(
            tier=lot.rule.removeprefix(ENTRY),
            cause=activity.kind.value,
            order=order_name(activity),
            units=units,
            from_others=taken.from_others,
            to_debt=taken.to_debt,
            forgiven=taken.forgiven,
        )

    key = f"{JournalKind.CLAWBACK.value}:{lot.id}"
    at = max(activity.occurred_at, lot.occurred_at)
    return return_grants(program, standing, [lot], units, key=key, tell=tell, at=at, rule=lot.rule)
