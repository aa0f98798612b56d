"""The one decision of the core: what an activity does to a member's books.

`decide(program, standing, activity)` serves booking, preview, explanation and backtest alike: it reads no clock and
no table, and the same arguments always give the same journals, down to their ids.
"""

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.accrue import accrue
from wafa.core.activities import Activity, MemberActivity
from wafa.core.books import Journal
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.conditions import Miss
from wafa.core.know import know_member
from wafa.core.program import Program
from wafa.core.settle import settle
from wafa.core.standing import Standing
from wafa.core.tiers.qualify import cause_of, member_for, qualify
from wafa.core.tiers.record import TierRecord
from wafa.core.tiers.reward import reward_entries
from wafa.core.tiers.undo import find_undone, undo_entries


class NotEarned(Struct, frozen=True, kw_only=True):
    """Why nothing was granted, by one `rule` or (None) at all; or why an `accelerator` of it added nothing.

    `reason` is before_program, guests_do_not_earn, suspended_do_not_earn, closed, out_of_scope, nothing_counts,
    below_minimum, below_one_unit, limit_reached, budget_spent, outdone (by an accelerator that adds more), or the kind
    of a condition that does not hold, with `expression_failed` for one that has no answer. `part` is then the path of
    the condition, or of the limit, in the rule or accelerator.
    """

    reason: str
    rule: str | None = None
    accelerator: str | None = None
    part: str = ""


class Decision(Struct, frozen=True, kw_only=True, gc=False):
    """What is to be booked, in order, and what was not earned.

    `tiers` is the member's record from then on, where the program has tiers.
    """

    journals: tuple[Journal, ...] = ()
    not_earned: tuple[NotEarned, ...] = ()
    tiers: TierRecord | None = None

    def after(self, standing: Standing) -> Standing:
        """The standing on which it was decided, once it is booked."""
        standing = standing.after(self.journals)
        return standing if self.tiers is None else replace(standing, tiers=self.tiers)


def decide(program: Program, standing: Standing, activity: Activity) -> Decision:
    """Decide about one activity of one member.

    A payment grants by the version in force when it was paid, and so does another activity when it happened. What
    follows a payment (refunds, edits, cancellation) is settled against what was granted, by the version that granted
    it. Raises MissingRate for a currency without a rate, and OutsideCalendar for a day that a calendar of the program
    does not know.
    """
    standing = know_member(program, standing, activity)
    member = member_for(program, standing, activity)
    not_earned: tuple[NotEarned, ...] = ()
    if isinstance(activity, MemberActivity) or activity.kind is ActivityKind.PAID:
        journals, refusals = accrue(program, standing, activity, member=member)
        if refusals:
            not_earned = tuple([_tell(rule, miss) for rule, miss in refusals])
    else:
        journals = settle(program, standing, activity, member=member)
    if standing.tiers is None:
        return Decision(journals=tuple(journals), not_earned=not_earned)
    # What it counts for tiers, and what is granted for those that it leads to.
    lots = standing.granted_for(activity.cause_id, journals)
    tiers = qualify(program, standing, activity, lots=lots, tier=member.tier)
    may_undo = isinstance(activity, OrderActivity) and activity.kind is not ActivityKind.PAID
    if may_undo and (undone := find_undone(program, standing, tiers)):
        cause = cause_of(activity)
        taken, tiers = undo_entries(program, standing, tiers, undone=undone, booked=journals, cause=cause)
        journals = [*journals, *taken]
    rewards, tiers = reward_entries(program, standing, tiers, booked=journals)
    return Decision(journals=(*journals, *rewards), not_earned=not_earned, tiers=tiers)


def _tell(rule: str | None, miss: Miss) -> NotEarned:
    return NotEarned(reason=miss.reason, rule=rule, accelerator=miss.accelerator, part=miss.part)
