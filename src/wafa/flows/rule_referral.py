"""Staff decide about a referral: it counts in spite of what speaks against it, or it does not."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.referrals.record import Referral, Ruling, Step
from wafa.flows.settle_referrals import settle_referrals
from wafa.ledger.queries import lock_members
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import Due, lock_referrals, put_steps, save_referrals
from wafa.referrals.queries import find_referrals


def rule_referral(
    program_id: UUID, referral_id: UUID, ruling: Ruling, *, by: str, note: str, at: datetime
) -> Referral | None:
    """Approve or block a referral, with a reason, and settle it. None where there is none, or it was ruled so before.

    One that is blocked after it was rewarded gives back what it had given; one that is approved is rewarded as soon as
    its order counts.
    """
    listed = find_referrals(program_id, [referral_id]).get(referral_id)
    if listed is None:
        return None
    lock_members(program_id, {listed.advocate_id, listed.friend_id})
    referral = lock_referrals(program_id, [referral_id])[referral_id]
    if referral.ruling == ruling:
        return None
    ruled = replace(referral, ruling=ruling, since=max(at, referral.since))
    save_referrals(program_id, [(ruled, at)])
    step = Step(kind="ruled", at=ruled.since, about=(ruling,), by=by, note=note)
    put_steps(program_id, {referral_id: (step,)}, at=at)
    due = Due(referral_id, referral.advocate_id, referral.friend_id)
    return settle_referrals(program_id, get_program_rules(program_id), [due], at=at)[referral_id]
