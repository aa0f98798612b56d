"""What speaks against a referral."""

from datetime import timedelta
from typing import Literal

from wafa.core.program import Program
from wafa.core.referrals.orders import had_ordered, policy_of
from wafa.core.referrals.people import find_likeness
from wafa.core.referrals.record import Case
from wafa.core.spec import Signal


def find_signals(program: Program, case: Case) -> tuple[Signal, ...]:
    """Every signal that the program minds: those that block it, and those that staff look at."""
    _, policy = policy_of(program, case)
    found = set(find_likeness(case.advocate, case.friend))
    if case.referral.own_browser:
        found.add("same_device")
    if had_ordered(case):
        found.add("existing_customer")
    until = case.referral.claimed_at
    since = until - timedelta(hours=policy.signals.pace.hours)
    others = [at for id_, at in case.tally.claimed.items() if id_ != case.referral.id and since < at <= until]
    if len(others) >= policy.signals.pace.friends:
        found.add("too_fast")
    return tuple(signal for signal in (*policy.signals.block, *policy.signals.review) if signal in found)


def response_to(program: Program, case: Case, signals: tuple[Signal, ...]) -> Literal["block", "review", ""]:
    """What the program does about these signals."""
    _, policy = policy_of(program, case)
    if not set(policy.signals.block).isdisjoint(signals):
        return "block"
    return "review" if signals else ""
