"""What a member is granted for entering a tier."""

from collections.abc import Sequence

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.spec import EntryReward
from wafa.core.standing import Standing
from wafa.core.tiers.record import Step, TierRecord
from wafa.core.why import TierEntryWhy

ENTRY = "tier:"
"""Begins the name under which the books keep what a tier grants, in the place of a rule."""


def reward_entries(
    program: Program, standing: Standing, after: TierRecord, *, booked: Sequence[Journal] = ()
) -> list[Journal]:
    """The rewards for every step up that `after` has beside those of the standing, on which `booked` comes first.

    A tier that is passed on the way to a higher one is not entered. What came before the ladder was published, as in an
    imported history, is not rewarded.
    """
    assert standing.tiers is not None
    unapplied: Sequence[Journal] = booked
    journals: list[Journal] = []
    for place in range(len(standing.tiers.steps), len(after.steps)):
        reward = _reward_of(program, after.steps[place])
        if reward is not None:
            standing = standing.after(unapplied)
            unapplied = _reward(program, standing, reward, after.steps[: place + 1])
            journals += unapplied
    return journals


def _reward(program: Program, standing: Standing, reward: EntryReward, steps: Sequence[Step]) -> list[Journal]:
    *earlier, step = steps
    assert step.tier is not None, "only who enters a tier is rewarded"
    entries = [each for each in earlier if each.tier == step.tier and _rises(program, each)]
    times = 1 + len(entries)
    had = not _is_undone(step.tier, since=entries[-1], steps=earlier) if entries else _was_rewarded(standing, step.tier)
    if had and not reward.repeats:
        return []
    key = f"tier_entry:{standing.member_id}:{step.tier}:{times}"
    lot = _open_lot(program, standing, reward, step, key=key)
    journal = make_journal(
        JournalKind.ACCRUAL,
        key,
        member_id=standing.member_id,
        at=step.at,
        why=TierEntryWhy(tier=step.tier, units=reward.units),
        version=step.version,
        rule=lot.rule,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing, [lot], cause=journal)]


def _is_undone(tier: str, *, since: Step, steps: Sequence[Step]) -> bool:
    """Whether what the entry at `since` granted came back."""
    return any(tier in step.why.undone for step in steps[steps.index(since) + 1 :])


def _was_rewarded(standing: Standing, tier: str) -> bool:
    """Whether somebody who was merged into this member has had it."""
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
    version = program.numbered(step.version)
    unit = program.unit(reward.unit, version=version.number)
    matures = matures_at(unit, since=step.at)
    if matures is not None and matures <= step.at:
        matures = None
    return Lot(
        id=caused_id(f"lot:{key}", at=step.at),
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
