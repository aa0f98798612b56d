"""Taking back what entering a tier granted, once what led to it came back."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, return_grants
from wafa.core.tiers.climb import climb
from wafa.core.tiers.record import EntryGift, Step, TierRecord
from wafa.core.tiers.reward import ENTRY
from wafa.core.weigh import order_name
from wafa.core.why import TierUndoneWhy


class Undone(Struct, frozen=True, kw_only=True):
    """What tiers granted and gave that the member never reached by all that is known now."""

    lots: Sequence[Lot] = ()
    gifts: Sequence[EntryGift] = ()


def find_undone(program: Program, standing: Standing, after: TierRecord, activity: OrderActivity) -> Undone | None:
    """What entries brought that were none; None for nothing. Raises OutsideCalendar.

    Only what happens to an order after its payment undoes an entry: not time, and not facts that were told late.
    `after` is the record once the activity counts; the standing is before it, with every lot that a tier granted.
    """
    if activity.kind is ActivityKind.PAID or _corrected(standing, after) is None:
        return None
    granted = [lot for lot in standing.lots.values() if lot.rule.startswith(ENTRY) and lot.net_granted > lot.taken_back]
    if not granted and not after.gifts:
        return None
    assert after.known_until is not None
    path = climb(program, after, until=after.known_until)
    undone = Undone(
        lots=[lot for lot in granted if not _was_reached(program, path, _tier_of(lot), version=lot.version)],
        gifts=[gift for gift in after.gifts if not _was_reached(program, path, gift.tier, version=gift.version)],
    )
    return undone if undone.lots or undone.gifts else None


def undo_entries(
    program: Program,
    standing: Standing,
    after: TierRecord,
    activity: OrderActivity,
    *,
    undone: Undone,
    booked: Sequence[Journal],
) -> tuple[list[Journal], TierRecord]:
    """Take back what is `undone`, after what is `booked` for the order, and the record that says so.

    Whoever enters these tiers again is rewarded again, unless the reward was used and so stays.
    """
    standing = standing.after(booked)
    journals: list[Journal] = []
    for lot in undone.lots:
        taken = _take_back(program, standing, standing.lots[lot.id], activity)
        standing = standing.after([taken])
        journals.append(taken)
    corrected = _corrected(standing, after)
    assert corrected is not None
    back = [gift for gift in undone.gifts if not gift.is_final]
    tiers = {_tier_of(lot) for lot in undone.lots}.union(gift.tier for gift in back)
    kept = {gift.tier for gift in undone.gifts if gift.is_final}
    why = replace(corrected.why, undone=tuple(sorted(tiers)), kept=tuple(sorted(kept)))
    steps = tuple(replace(step, why=why) if step is corrected else step for step in after.steps)
    return journals, replace(after, steps=steps, gifts=tuple(gift for gift in after.gifts if gift not in back))


def _tier_of(lot: Lot) -> str:
    return lot.rule.removeprefix(ENTRY)


def _corrected(standing: Standing, after: TierRecord) -> Step | None:
    """The step that corrects where the member stood, if the activity led to one."""
    assert standing.tiers is not None
    new = after.steps[len(standing.tiers.steps) :]
    return new[0] if new and new[0].why.kind == "corrected" else None


def _was_reached(program: Program, path: Sequence[Step], tier: str, *, version: int) -> bool:
    """Whether the path leads to the tier of this version, or above it."""
    tiers = program.numbered(version).spec.tiers
    assert tiers is not None, "what a tier granted is of a version that has it"
    wanted = tiers.rank(tier)
    return any(tiers.rank(step.tier) >= wanted for step in path)


def _take_back(program: Program, standing: Standing, lot: Lot, activity: OrderActivity) -> Journal:
    units = lot.net_granted - lot.taken_back

    def tell(taken: Taken) -> TierUndoneWhy:
        return TierUndoneWhy(
            tier=_tier_of(lot),
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
