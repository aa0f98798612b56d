"""Count uses of coupons within their limits: those of each code, of each shopper, and of all together.

What a batch may use at most is held first, decided on, and what it does not use goes back. Locks are taken in one
order: tallies, codes, then what all share.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from wafa.core.coupons import LeftOf
from wafa.core.spec import Campaign
from wafa.coupons.codes import KeptCode, find_codes, save_used
from wafa.coupons.counts import (
    NO_LIMIT,
    TAKEN,
    Tallied,
    budget_of,
    hold_tallies,
    list_tallies,
    save_tallies,
    uses_of,
)
from wafa.coupons.uses import KeptUse


class Wanted(Struct, frozen=True, kw_only=True):
    """A use that may be counted: of a campaign, by its code where that is unique, by whom, and for how much."""

    campaign: Campaign
    code_id: UUID | None = None
    who: str = ""
    budget_minor: int = 0


class Counts:
    """What a batch may use. Whoever holds it writes down with `close` what became of it."""

    def __init__(
        self,
        program_id: UUID,
        *,
        codes: dict[UUID, KeptCode],
        tallies: dict[Tallied, int],
        left: dict[str, int],
        limited: Mapping[str, Campaign],
    ) -> None:
        self._program_id = program_id
        self._codes = codes
        self._used = {code_id: code.used for code_id, code in codes.items()}
        self._tallies = tallies
        self._left = left
        self._limited = limited
        self._before = (dict(self._used), dict(tallies))

    def code(self, code_id: UUID) -> KeptCode:
        return self._codes[code_id]

    def used(self, code_id: UUID) -> int:
        """How often a code is used by now."""
        return self._used[code_id]

    def used_by(self, who: str) -> dict[str, int]:
        """How often a shopper uses each campaign by now."""
        return {campaign: times for (campaign, by), times in self._tallies.items() if by == who and who}

    def left(self) -> dict[str, LeftOf]:
        """What is left of each campaign by now."""
        return {
            campaign: LeftOf(uses=self._left[uses_of(campaign)], minor=self._left.get(budget_of(campaign)))
            for campaign in self._limited
        }

    def beyond(self, wanted: Wanted) -> str:
        """Which limit a use would go beyond; empty for none."""
        limits, left = wanted.campaign.limits, self.left()[wanted.campaign.id]
        if wanted.code_id is not None and self._used[wanted.code_id] >= limits.code:
            return "used_up"
        used = self._tallies.get((wanted.campaign.id, wanted.who), 0)
        if limits.member is not None and used >= limits.member:
            return "limit_reached"
        if left.uses == 0:
            return "sold_out"
        return "budget_spent" if left.minor is not None and left.minor < wanted.budget_minor else ""

    def count(self, wanted: Wanted) -> None:
        """Count one use."""
        campaign = wanted.campaign.id
        self._left[uses_of(campaign)] -= 1
        if budget_of(campaign) in self._left:
            self._left[budget_of(campaign)] -= wanted.budget_minor
        if wanted.code_id is not None:
            self._used[wanted.code_id] += 1
        if wanted.who:
            self._tallies[campaign, wanted.who] += 1

    def close(self) -> None:
        """Write down what was counted, and put back what was not."""
        used, tallies = self._before
        save_used(self._program_id, {one: times for one, times in self._used.items() if times != used[one]})
        save_tallies(self._program_id, {one: times for one, times in self._tallies.items() if times != tallies[one]})
        TAKEN.give_back(self._program_id, self._left)


def hold_counts(program_id: UUID, wanted: Sequence[Wanted]) -> Counts:
    """Hold what these uses may take at most."""
    tallies = hold_tallies(program_id, _tallied(wanted))
    codes = find_codes(program_id, {one.code_id for one in wanted if one.code_id is not None}, lock=True)
    taken = TAKEN.take(program_id, _things(wanted))
    return Counts(program_id, codes=codes, tallies=tallies, left=taken, limited=_campaigns(wanted))


def look_at_counts(program_id: UUID, wanted: Sequence[Wanted]) -> Counts:
    """What there is to use now; nothing is held, so it may be gone a moment later."""
    tallies = dict.fromkeys(_tallied(wanted), 0) | list_tallies(program_id, _tallied(wanted))
    codes = find_codes(program_id, {one.code_id for one in wanted if one.code_id is not None})
    left = TAKEN.left(program_id, {thing: whole for thing, (_, whole) in _things(wanted).items()})
    return Counts(program_id, codes=codes, tallies=tallies, left=left, limited=_campaigns(wanted))


def count_back(program_id: UUID, uses: Sequence[KeptUse]) -> None:
    """Count these uses no more. Those beyond a limit never were."""
    counted = [use for use in uses if not use.beyond]
    if not counted:
        return
    by_whom = Counter((use.campaign, use.who) for use in counted if use.who)
    tallies = hold_tallies(program_id, by_whom)
    save_tallies(program_id, {one: max(used - by_whom[one], 0) for one, used in tallies.items()})
    by_code = Counter(use.code_id for use in counted if use.code_id is not None)
    codes = find_codes(program_id, by_code, lock=True)
    save_used(program_id, {one: max(code.used - by_code[one], 0) for one, code in codes.items()})
    back: Counter[str] = Counter()
    for use in counted:
        back[uses_of(use.campaign)] += 1
        back[budget_of(use.campaign)] += use.budget_minor
    TAKEN.give_back(program_id, back)


def count_for_another(program_id: UUID, moved: Sequence[tuple[KeptUse, str]]) -> None:
    """Count uses of strangers for the members that they turned out to be, whatever their limit."""
    steps: Counter[Tallied] = Counter()
    for use, who in moved:
        steps[use.campaign, use.who] -= not use.beyond
        steps[use.campaign, who] += not use.beyond
    tallies = hold_tallies(program_id, steps)
    save_tallies(program_id, {one: max(used + steps[one], 0) for one, used in tallies.items()})


def _tallied(wanted: Sequence[Wanted]) -> set[Tallied]:
    return {(one.campaign.id, one.who) for one in wanted if one.who}


def _campaigns(wanted: Sequence[Wanted]) -> dict[str, Campaign]:
    return {one.campaign.id: one.campaign for one in wanted}


def _things(wanted: Sequence[Wanted]) -> dict[str, tuple[int, int]]:
    """What is wanted of what all share, and the whole of it."""
    things: dict[str, tuple[int, int]] = {}
    for one in wanted:
        limits = one.campaign.limits
        uses, budget = uses_of(one.campaign.id), budget_of(one.campaign.id)
        things[uses] = (things.get(uses, (0, 0))[0] + 1, limits.campaign or NO_LIMIT)
        if limits.budget_minor is not None:
            things[budget] = (things.get(budget, (0, 0))[0] + one.budget_minor, limits.budget_minor)
    return things
