"""What a member is granted for entering a tier."""

from collections.abc import Iterable

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.dates import expires_at, matures_at
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.spec import EntryReward
from wafa.core.standing import Standing
from wafa.core.tiers.record import Step, TierRecord
from wafa.core.why import TierEntryWhy


def reward_entries(program: Program, standing: Standing, after: TierRecord) -> list[Journal]:
    """The rewards for every step up that `after` has beside those of the standing.

    A tier that is passed on the way to a higher one is not entered. What came before the ladder was published, as in an
    imported history, is not rewarded.
    """
    assert standing.tiers is not None
    journals: list[Journal] = []
    for place in range(len(standing.tiers.steps), len(after.steps)):
        granted = _reward(program, standing, after.steps[: place + 1])
        standing = standing.after(granted)
        journals += granted
    return journals


def _reward(program: Program, standing: Standing, steps: Iterable[Step]) -> list[Journal]:
    *earlier, step = steps
    reward = _reward_of(program, step)
    if reward is None or step.tier is None:
        return []
    times = 1 + sum(each.tier == step.tier and _rises(program, each) for each in earlier)
    if times > 1 and not reward.repeats:
        return []
    key = f"tier_entry:{standing.member_id}:{step.tier}:{times}"
    lot = _open_lot(program, standing, reward, step, key=key)
    journal = Journal(
        id=journal_id(JournalKind.ACCRUAL, key, at=step.at),
        kind=JournalKind.ACCRUAL,
        key=key,
        member_id=standing.member_id,
        occurred_at=step.at,
        why=TierEntryWhy(tier=step.tier, units=reward.units),
        version=step.version,
        rule=lot.rule,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing, [lot], cause=journal)]


def _reward_of(program: Program, step: Step) -> EntryReward | None:
    if step.version is None or not _rises(program, step):
        return None
    version = program.numbered(step.version)
    tier = version.spec.tiers.find(step.tier) if version.spec.tiers else None
    return tier.entry_reward if tier and step.at >= version.effective_from else None


def _rises(program: Program, step: Step) -> bool:
    tiers = program.numbered(step.version).spec.tiers if step.version else None
    return tiers is not None and tiers.rank(step.tier) > tiers.rank(step.before)


def _open_lot(program: Program, standing: Standing, reward: EntryReward, step: Step, *, key: str) -> Lot:
    """Its dates count from the entry, which is all that it could wait for."""
    assert step.version is not None
    version = program.numbered(step.version)
    unit = program.unit(reward.unit, version=version.number)
    matures = matures_at(unit, since=step.at)
    if matures is not None and matures <= step.at:
        matures = None
    return Lot(
        id=caused_id(f"lot:{key}", at=step.at),
        member_id=standing.member_id,
        unit=reward.unit,
        rule=f"tier:{step.tier}",
        version=version.number,
        granted=reward.units,
        remaining=reward.units,
        pocket=Account.PENDING if matures else Account.AVAILABLE,
        occurred_at=step.at,
        matures_at=matures,
        expires_at=expires_at(unit, granted_at=step.at, spec=version.spec, matures=matures),
    )
