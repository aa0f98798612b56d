"""The one decision about a referral: what it is now, what is to be given for it, and what goes back.

Like a settlement it aims at a state: what is known of the two and of the friend's orders says what the referral
deserves, whatever it was before. So facts may come late, twice or in any order, and deciding again changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.periods import period_around
from wafa.core.program import Program
from wafa.core.referrals.gifts import find_due, find_undue
from wafa.core.referrals.orders import counts_at, find_order, gone_at, policy_of
from wafa.core.referrals.record import Case, Decision, Referral, State, Step, StepKind, Tally
from wafa.core.referrals.signals import find_signals, response_to
from wafa.core.spec import Signal


def decide_referral(program: Program, case: Case, *, at: datetime) -> Decision:
    """Decide by all that is known `at` (UTC). What time alone brought is told at the moment when it was due.

    Raises OutsideCalendar for a limit by a calendar that does not know the day.
    """
    before, aim = case.referral, _find_aim(program, case, at=at)
    moment = max(before.since, min(aim.since, at))
    enters = aim.state == "approved" and before.state != "approved"
    is_full = enters and _is_limited(program, case, at=moment)
    counted_at = before.counted_at if aim.state == "approved" else None
    steps = _steps(before, aim, is_full=is_full, at=moment)
    after = replace(
        before,
        state=aim.state,
        order_id=aim.order_id if aim.order_id or not before.has_counted else before.order_id,
        has_counted=before.has_counted or aim.state == "approved",
        signals=aim.signals,
        counted_at=moment if enters and not is_full else counted_at,
        since=moment if steps else before.since,
    )
    decided = replace(case, referral=after, tally=_with_referral(case.tally, after))
    return Decision(
        referral=after,
        steps=steps,
        give=find_due(program, decided, newly_counted=enters and not is_full, at=moment),
        take_back=find_undue(program, decided),
        due_at=aim.due_at,
    )


def tally_after(tally: Tally, decision: Decision) -> Tally:
    """The advocate's tally once the decision is carried out."""
    gone = {given.key for given in decision.take_back}
    new = [given for given in decision.give if given.side == "milestone"]
    milestones = tuple(given for given in (*tally.milestones, *new) if given.key not in gone)
    return replace(_with_referral(tally, decision.referral), milestones=milestones)


def _with_referral(tally: Tally, referral: Referral) -> Tally:
    counted = {id_: at for id_, at in tally.counted.items() if id_ != referral.id}
    if referral.counted_at is not None:
        counted[referral.id] = referral.counted_at
    return replace(tally, counted=counted, claimed={**tally.claimed, referral.id: referral.claimed_at})


class _Aim(Struct, frozen=True, kw_only=True):
    """What the referral should be, `since` when, and when time alone may change that."""

    state: State
    since: datetime
    order_id: UUID | None
    signals: tuple[Signal, ...]
    due_at: datetime | None = None


def _find_aim(program: Program, case: Case, *, at: datetime) -> _Aim:
    referral, order = case.referral, find_order(program, case)
    signals = referral.signals if referral.has_counted else find_signals(program, case)

    def aim(state: State, *, since: datetime = at, due_at: datetime | None = None) -> _Aim:
        order_id = order.order_id if order else None
        return _Aim(state=state, since=since, order_id=order_id, signals=signals, due_at=due_at)

    if referral.ruling == "block" or case.is_of_one_person:
        return aim("blocked")
    if referral.has_counted:
        return aim("approved") if order else aim("reversed", since=gone_at(case, otherwise=at))
    if not case.advocate.joined or case.friend.merged_into is not None:
        # A friend who is a name stayed one, for whoever they are was brought by somebody as well.
        return aim("blocked")
    response = "" if referral.ruling == "approve" else response_to(program, case, signals)
    if response == "block":
        return aim("blocked")
    if order is None:
        return aim("expired", since=referral.until) if at >= referral.until else aim("pending", due_at=referral.until)
    due_at = counts_at(program, case, order)
    if due_at is None or due_at > at:
        return aim("pending", due_at=due_at)
    return aim("qualified" if response == "review" else "approved", since=due_at)


_TOLD_AS: dict[State, StepKind] = {
    "pending": "reopened",
    "qualified": "qualified",
    "approved": "approved",
    "blocked": "blocked",
    "reversed": "reversed",
    "expired": "expired",
}


def _steps(before: Referral, aim: _Aim, *, is_full: bool, at: datetime) -> tuple[Step, ...]:
    def tell() -> Iterator[Step]:
        if aim.order_id != before.order_id and aim.order_id is not None:
            yield Step(kind="ordered", at=at)
        elif aim.order_id != before.order_id and not before.has_counted:
            yield Step(kind="order_lost", at=at)
        if aim.state != before.state:
            minded = aim.state in ("qualified", "blocked")
            yield Step(kind=_TOLD_AS[aim.state], at=at, about=aim.signals if minded else ())
        if is_full:
            yield Step(kind="limit_reached", at=at)

    return tuple(tell())


def _is_limited(program: Program, case: Case, *, at: datetime) -> bool:
    """Whether the advocate has been rewarded for as many friends as the program allows in some period."""
    version, policy = policy_of(program, case)
    today = at.astimezone(ZoneInfo(version.spec.time_zone)).date()
    others = [counted for id_, counted in case.tally.counted.items() if id_ != case.referral.id]
    for limit in policy.limits:
        period = period_around(limit.within, today, version.spec)
        if sum(period.holds(counted) for counted in others) >= limit.friends:
            return True
    return False
