"""What a referral gives as it stands, and what of it goes back."""

from collections.abc import Iterator
from datetime import datetime

from wafa.core.program import Program
from wafa.core.referrals.orders import policy_of
from wafa.core.referrals.record import Case, Given, Side
from wafa.core.spec import GivesReward, GivesUnits


def find_due(program: Program, case: Case, *, newly_counted: bool, at: datetime) -> tuple[Given, ...]:
    """What is to be given and does not stand yet. A milestone is reached by the friend who is `newly_counted`, or was
    by one for whom there was none left.
    """
    _, policy = policy_of(program, case)
    referral = case.referral
    due: list[Given] = []
    if policy.friend and _friend_is_due(case, when=policy.friend.when) and not _stands(case, "friend"):
        due.append(_given(case, "friend", policy.friend.gives, at=at))
    if referral.counted_at is None:
        return tuple(due)
    if policy.advocate.each_friend and not _stands(case, "advocate"):
        due.append(_given(case, "advocate", policy.advocate.each_friend, at=at))
    if not _stands(case, "completed"):
        due.append(_given(case, "completed", None, at=at))
    if newly_counted:
        due += _milestones(program, case, friends=len(case.tally.counted), at=at)
    elif case.was_sold_out:
        earlier = [counted for counted in case.tally.counted.values() if counted <= referral.counted_at]
        due += _milestones(program, case, friends=len(earlier), at=at)
    return tuple(due)


def find_undue(program: Program, case: Case) -> tuple[Given, ...]:
    """What stands and should not. Of milestones those go back for which there are too few friends now, whoever had
    made it so many, and those that somebody got who is the advocate no more: a merge was undone."""
    _, policy = policy_of(program, case)
    keeps = policy.friend is not None and policy.friend.when_reversed == "keep"
    state = case.referral.state
    undue = [given for given in case.tally.milestones if not given.kept and given.friends > len(case.tally.counted)]
    for given in case.given:
        if not given.stands or given.kept:
            continue
        if given.side == "milestone":
            is_undue = given.member_id != case.referral.advocate_id
        elif given.side == "friend":
            is_undue = state == "blocked" or (state == "reversed" and not keeps)
        else:
            is_undue = case.referral.counted_at is None
        if is_undue:
            undue.append(given)
    return tuple(undue)


def _friend_is_due(case: Case, *, when: str) -> bool:
    referral = case.referral
    if not case.friend.joined:
        return False
    if referral.state == "approved":
        return True
    is_clean = not referral.signals or referral.ruling == "approve"
    return when == "joining" and referral.state == "pending" and is_clean


def _milestones(program: Program, case: Case, *, friends: int, at: datetime) -> Iterator[Given]:
    """What so many friends bring, as far as it does not stand."""
    _, policy = policy_of(program, case)
    standing = {(given.milestone, given.friends) for given in case.tally.milestones}
    for milestone in policy.advocate.milestones:
        if milestone.is_reached(friends) and (milestone.friends, friends) not in standing:
            yield _given(case, "milestone", milestone.gives, at=at, milestone=milestone.friends, friends=friends)


def _stands(case: Case, side: Side) -> bool:
    return any(given.side == side and given.stands for given in case.given)


def _given(
    case: Case, side: Side, gift: GivesUnits | GivesReward | None, *, at: datetime, milestone: int = 0, friends: int = 0
) -> Given:
    """Named by the referral and the side; given again after it had gone back, it is counted."""
    referral = case.referral
    name = f"referral:{referral.id}:{side}" + (f":{milestone}" if milestone else "")
    times = 1 + sum((given.side, given.milestone) == (side, milestone) for given in case.given)
    return Given(
        key=name if times == 1 else f"{name}:again{times}",
        referral_id=referral.id,
        member_id=referral.friend_id if side == "friend" else referral.advocate_id,
        side=side,
        version=referral.version,
        at=at,
        unit=gift.unit if isinstance(gift, GivesUnits) else None,
        units=gift.units if isinstance(gift, GivesUnits) else 0,
        reward=gift.reward if isinstance(gift, GivesReward) else None,
        milestone=milestone,
        friends=friends or len(case.tally.counted),
    )
