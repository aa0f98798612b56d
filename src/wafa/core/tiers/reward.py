"""What a member is granted for entering a tier."""

from collections.abc import Sequence

from msgspec.structs import replace

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, lot_id, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.program import Program
from wafa.core.spec import EntryReward, Tier
from wafa.core.standing import Standing
from wafa.core.tiers.record import EntryGift, Step, TierRecord
from wafa.core.why import TierEntryWhy

ENTRY = "tier:"
"""Begins the name under which the books keep what a tier grants, in the place of a rule."""


def reward_entries(
    program: Program, standing: Standing, after: TierRecord, *, booked: Sequence[Journal] = ()
) -> tuple[list[Journal], TierRecord]:
    """The rewards for every step up that `after` has beside those of the standing, on which `booked` comes first:
    units as journals, and the record with the gifts.

    A tier that is passed on the way to a higher one is not entered. What came before the ladder was published, as in an
    imported history, is not rewarded.
    """
    assert standing.tiers is not None
    unapplied: Sequence[Journal] = booked
    journals: list[Journal] = []
    for place in range(len(standing.tiers.steps), len(after.steps)):
        step = after.steps[place]
        reward = _reward_of(program, step)
        if reward is None:
            continue
        standing, unapplied = standing.after(unapplied), ()
        key = _find_key(program, standing, reward, replace(after, steps=after.steps[: place + 1]))
        if key is None:
            continue
        if reward.reward is not None:
            after = replace(after, gifts=_with_gift(program, after.gifts, _gift(reward.reward, step, key=key)))
        else:
            unapplied = _grant(program, standing, reward, step, key=key)
            journals += unapplied
    return journals, after


def brings(program: Program, record: TierRecord, tier: Tier) -> EntryReward | None:
    """What entering the tier next would bring; None for nothing, or where the member has had it."""
    reward = tier.entry_reward
    entries = _entries(program, record.steps, tier.id)
    return reward if reward and _is_due(reward, record, tier.id, entries, had_before=False) else None


def _find_key(program: Program, standing: Standing, reward: EntryReward, record: TierRecord) -> str | None:
    """What names the reward for the last step of the record; None where the member has had it."""
    *earlier, step = record.steps
    assert step.tier is not None, "only who enters a tier is rewarded"
    entries = _entries(program, earlier, step.tier)
    if not _is_due(reward, record, step.tier, entries, had_before=_was_rewarded(standing, record, step.tier)):
        return None
    return f"tier_entry:{standing.member_id}:{step.tier}:{1 + len(entries)}"


def _entries(program: Program, steps: Sequence[Step], tier: str) -> list[int]:
    """The places of the steps that entered the tier."""
    return [place for place, step in enumerate(steps) if step.tier == tier and _rises(program, step)]


def _is_due(reward: EntryReward, record: TierRecord, tier: str, entries: Sequence[int], *, had_before: bool) -> bool:
    """Whether the entry after these is to be rewarded. `had_before` says whether it was before all of them."""
    if not entries:
        return reward.repeats or not had_before
    since = [step.why for step in record.steps[entries[-1] + 1 :]]
    if any(tier in why.kept for why in since):
        return False
    if not any(tier in why.undone for why in since):
        return reward.repeats
    # What a store told of only after the entry was undone: it was used, and so stays.
    stay = [gift for gift in record.gifts if gift.tier == tier and not gift.is_leaving]
    return not any(not reward.repeats or _entry_of(gift, record, entries) == len(entries) for gift in stay)


def _entry_of(gift: EntryGift, record: TierRecord, entries: Sequence[int]) -> int:
    """For which entry to its tier a gift stands: one that stayed though its entry was undone stands for the next."""
    entry = int(gift.key.rpartition(":")[2])
    while entry < len(entries):
        between = record.steps[entries[entry - 1] + 1 : entries[entry]]
        if not any(gift.tier in (*step.why.undone, *step.why.kept) for step in between):
            break
        entry += 1
    return entry


def _with_gift(program: Program, gifts: Sequence[EntryGift], new: EntryGift) -> tuple[EntryGift, ...]:
    """The gifts with a new one: that which is leaving, where it is the same, for somebody may yet have used it."""
    reward = program.reward(new.reward, version=new.version)
    for place, gift in enumerate(gifts):
        same = gift.tier == new.tier and gift.reward == new.reward
        if same and gift.is_leaving and program.reward(gift.reward, version=gift.version) == reward:
            return (*gifts[:place], replace(gift, is_leaving=False), *gifts[place + 1 :])
    return (*gifts, new)


def _gift(reward: str, step: Step, *, key: str) -> EntryGift:
    assert step.tier is not None
    assert step.version is not None
    return EntryGift(key=key, tier=step.tier, reward=reward, version=step.version)


def _grant(program: Program, standing: Standing, reward: EntryReward, step: Step, *, key: str) -> list[Journal]:
    assert step.tier is not None
    lot = _open_lot(program, standing, reward, step, key=key)
    journal = make_journal(
        JournalKind.ACCRUAL,
        key,
        member_id=standing.member_id,
        at=step.at,
        why=TierEntryWhy(tier=step.tier, units=lot.granted),
        version=step.version,
        rule=lot.rule,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing, [lot], cause=journal)]


def _was_rewarded(standing: Standing, record: TierRecord, tier: str) -> bool:
    """Whether somebody who was merged into this member has had it."""
    if any(gift.tier == tier and not gift.is_leaving for gift in record.gifts):
        return True
    granted = (lot for lot in standing.lots.values() if lot.rule == _rule_of(tier))
    return any(lot.net_granted > lot.taken_back for lot in granted)


def _rule_of(tier: str) -> str:
    return f"{ENTRY}{tier}"


def _reward_of(program: Program, step: Step) -> EntryReward | None:
    ladder = program.ladder_of(step.version)
    if ladder is None or not _rises(program, step) or step.at < ladder.effective_from:
        return None
    tier = ladder.tiers.find(step.tier)
    return tier.entry_reward if tier else None


def _rises(program: Program, step: Step) -> bool:
    ladder = program.ladder_of(step.version)
    return ladder is not None and ladder.tiers.rank(step.tier) > ladder.tiers.rank(step.before)


def _open_lot(program: Program, standing: Standing, reward: EntryReward, step: Step, *, key: str) -> Lot:
    """Its dates count from the entry, which is all that it could wait for."""
    assert step.version is not None
    assert step.tier is not None
    assert reward.unit is not None
    assert reward.units is not None
    version = program.numbered(step.version)
    unit = program.unit(reward.unit, version=version.number)
    matures = matures_at(unit, since=step.at)
    if matures is not None and matures <= step.at:
        matures = None
    return Lot(
        id=lot_id(key, at=step.at),
        member_id=standing.member_id,
        unit=reward.unit,
        rule=_rule_of(step.tier),
        version=version.number,
        granted=reward.units,
        remaining=reward.units,
        pocket=Account.PENDING if matures else Account.AVAILABLE,
        occurred_at=step.at,
        matures_at=matures,
        expires_at=expires_at(unit, granted_at=step.at, spec=version.spec, matures=matures),
    )
