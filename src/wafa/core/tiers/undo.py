"""Taking back what entering a tier granted, once what led to it came back."""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, return_grants
from wafa.core.tiers.climb import climb
from wafa.core.tiers.follow import Cause
from wafa.core.tiers.record import EntryGift, Step, TierRecord
from wafa.core.tiers.reward import ENTRY
from wafa.core.why import TierUndoneWhy


class Undone(Struct, frozen=True, kw_only=True):
    """What tiers granted and gave that the member never reached by all that is known now."""

    lots: Sequence[Lot] = ()
    gifts: Sequence[EntryGift] = ()


def find_undone(program: Program, standing: Standing, after: TierRecord) -> Undone | None:
    """What entries brought that were none; None for nothing, or where the member stands as before.

    Ask it where something came back: neither time nor what is told late undoes an entry. `after` is the record once
    that counts; the standing is before it, with every lot that a tier granted. Raises OutsideCalendar.
    """
    return find_unreached(program, standing, after) if is_corrected(standing, after) else None


def find_unreached(program: Program, standing: Standing, after: TierRecord) -> Undone | None:
    """What entries brought of tiers that were never reached by what `after` knows. Raises OutsideCalendar."""
    granted = [lot for lot in standing.lots.values() if lot.rule.startswith(ENTRY) and lot.net_granted > lot.taken_back]
    if not granted and not after.gifts:
        return None
    assert after.known_until is not None
    path = climb(program, after, until=after.known_until)
    undone = Undone(
        lots=[lot for lot in granted if not _was_reached(program, path, _tier_of(lot), version=lot.version)],
        gifts=[
            gift
            for gift in after.gifts
            if not gift.is_leaving and not _was_reached(program, path, gift.tier, version=gift.version)
        ],
    )
    return undone if undone.lots or undone.gifts else None


def is_corrected(standing: Standing, after: TierRecord) -> bool:
    """Whether what is known now corrects where the member stood."""
    return _corrected(standing, after) is not None


def undo_entries(
    program: Program,
    standing: Standing,
    after: TierRecord,
    *,
    undone: Undone,
    booked: Sequence[Journal],
    cause: Cause,
) -> tuple[list[Journal], TierRecord]:
    """Take back what is `undone`, after what is `booked` for its cause, and the record that says so."""
    standing = standing.after(booked)
    journals: list[Journal] = []
    for lot in undone.lots:
        taken = _take_back(program, standing, standing.lots[lot.id], cause)
        standing = standing.after([taken])
        journals.append(taken)
    return journals, write_undone(standing, after, undone)


def write_undone(standing: Standing, after: TierRecord, undone: Undone) -> TierRecord:
    """The record that says what is `undone`, without the gifts that come back.

    Whoever enters these tiers again is rewarded again, unless the reward was used and so stays.
    """
    corrected = _corrected(standing, after)
    assert corrected is not None
    back = [gift for gift in undone.gifts if not gift.is_final]
    tiers = {_tier_of(lot) for lot in undone.lots}.union(gift.tier for gift in back)
    kept = {gift.tier for gift in undone.gifts if gift.is_final}
    why = replace(corrected.why, undone=tuple(sorted(tiers)), kept=tuple(sorted(kept)))
    steps = tuple(replace(step, why=why) if step is corrected else step for step in after.steps)
    return replace(after, steps=steps, gifts=tuple(gift for gift in after.gifts if gift not in back))


def without(record: TierRecord, *, causes: Collection[UUID], appointments: Collection[UUID]) -> TierRecord:
    """The record without what these causes count, and without these appointments. Its steps are as they were."""
    return replace(
        record,
        entries={cause_id: entry for cause_id, entry in record.entries.items() if cause_id not in causes},
        appointments=tuple(given for given in record.appointments if given.id not in appointments),
    )


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


def _take_back(program: Program, standing: Standing, lot: Lot, cause: Cause) -> Journal:
    units = lot.net_granted - lot.taken_back

    def tell(taken: Taken) -> TierUndoneWhy:
        return TierUndoneWhy(
            tier=_tier_of(lot),
            cause=cause.kind,
            order=cause.order,
            units=units,
            from_others=taken.from_others,
            to_debt=taken.to_debt,
            forgiven=taken.forgiven,
        )

    key = f"{JournalKind.CLAWBACK.value}:{lot.id}"
    at = max(cause.at, lot.occurred_at)
    return return_grants(program, standing, [lot], units, key=key, tell=tell, at=at, rule=lot.rule)
