"""The books of one member in memory: what the flows do for many members in tables, done for one, fact by fact."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from uuid import UUID

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.books import Account, Balance, Journal, Lot
from wafa.core.clock import claim, due_at, expire, mature
from wafa.core.compare import OrderActivity
from wafa.core.decide import Decision, decide
from wafa.core.history import remember
from wafa.core.idle import ACTIVE, IdlePolicy, expire_idle
from wafa.core.know import know_member
from wafa.core.lots import spending_order
from wafa.core.member import STRANGER, MemberFacts, Profile
from wafa.core.program import Program
from wafa.core.redeem import redeem
from wafa.core.standing import Standing, Suspended
from wafa.core.tiers.record import Appointment, Entry, TierRecord
from wafa.core.tiers.review import appoint, review
from wafa.core.tiers.reward import ENTRY
from wafa.core.uses import Spent, Use

_SHORTEST_MONTH = timedelta(days=28)
_MORE_LOTS = 3


class MemberBook:
    """One member's books under a program, moved by the same decisions as those in the tables.

    Facts are told in the order in which they happened. Whoever tells them turns the clock before each of them.
    """

    # A trial keeps the book of every member in memory.
    __slots__ = ("_active_at", "_due", "_idle_keys", "_most_lots", "program", "standing")

    def __init__(self, program: Program, member_id: UUID, *, joined: bool = True, profile: Profile = STRANGER) -> None:
        self.program = program
        tiers = TierRecord() if program.has_tiers else None
        uses = frozenset[Use]() if program.limited_rules else None
        self.standing = Standing(member_id=member_id, joined=joined, profile=profile, tiers=tiers, uses=uses)
        # (when, whether it ends, lot): what matures comes before what ends at the same moment.
        self._due: list[tuple[datetime, bool, UUID]] = []
        self._active_at: datetime | None = None
        self._idle_keys: frozenset[str] = frozenset()
        self._most_lots = _MORE_LOTS

    def balance(self, unit: str) -> Balance:
        return self.standing.balance(unit)

    def decide(self, activity: Activity, *, by_guest: bool = False) -> Decision:
        """Decide about an activity, and book it. Raises what `core.decide` raises, with nothing booked.

        `by_guest` says that they did it before they joined, though they may have joined by now.
        """
        known = know_member(self.program, self.standing, activity, by_guest=by_guest)
        decision = decide(self.program, known, activity)
        if self.program.asks_about_members:
            self.standing = known
            if isinstance(activity, OrderActivity):
                self.standing = replace(known, history=remember(known.history, activity.order_id, activity.order))
        return self._book(decision)

    def appoint(self, appointment: Appointment) -> Decision:
        """Staff gives the member a tier."""
        return self._book(appoint(self.program, self.standing, appointment))

    def share(self, spent: Spent) -> None:
        """Learn what all members together were promised of budgets."""
        self.standing = replace(self.standing, spent=spent)

    def suspend(self, suspensions: tuple[Suspended, ...]) -> None:
        """Learn when staff had suspended the member."""
        self.standing = replace(self.standing, suspensions=suspensions)

    def meet(self, profile: Profile) -> None:
        """Learn what the member's row says; since when they are one stays what is booked here."""
        self.standing = replace(self.standing, profile=replace(profile, joined_at=self.standing.profile.joined_at))

    def recall(self, cause_id: UUID, *, at: datetime, known: MemberFacts | None, tier: str | None) -> None:
        """Decide about this activity of that moment by what was known of the member when it was booked."""
        if known is not None:
            self.standing = replace(self.standing, known={**self.standing.known, cause_id: known})
        if (tiers := self.standing.tiers) is not None:
            entry = Entry(cause_id=cause_id, at=at, tier=tier)
            self.standing = replace(self.standing, tiers=replace(tiers, entries={**tiers.entries, cause_id: entry}))

    def join(self, *, at: datetime) -> list[Journal]:
        """A guest becomes a member, and claims what waited."""
        profile = replace(self.standing.profile, joined_at=at)
        tiers = self.standing.tiers and replace(self.standing.tiers, joined_at=at)
        self.standing = replace(self.standing, joined=True, joined_at=at, profile=profile, tiers=tiers)
        waiting = [lot for lot in self.standing.lots.values() if lot.pocket is Account.CLAIMABLE and lot.remaining]
        booked: list[Journal] = []
        for lot in sorted(waiting, key=spending_order):
            booked += self.book(claim(self.standing, lot, joined_at=at))
        return [*booked, *self._review(at=at)]

    def redeem(self, *, key: str, unit: str, units: int, reward: str, at: datetime) -> None:
        """Raises NotEnough, with nothing booked."""
        self.book([redeem(self.standing, key=key, unit=unit, units=units, reward=reward, at=at)])

    def turn_clock(self, *, at: datetime) -> list[Journal]:
        """Book all that was due by `at`, in the order in which it was."""
        booked: list[Journal] = []
        looked_at: set[str] = set()
        while True:
            idle, review_at = self._next_idle(at, looked_at), self._review_at
            by = min(at, idle[0] if idle else at, review_at or at)
            booked += self._turn_lots(by)
            if idle is not None and idle[0] <= by:
                looked_at.add(idle[1].key(self.standing.member_id, idle[0]))
                booked += self._expire_idle(idle[1], idle[0])
            elif review_at is not None and review_at <= by:
                booked += self._review(at=review_at)
                assert self._review_at != review_at, "a review decides what was due"
            else:
                return booked

    def _turn_lots(self, at: datetime) -> list[Journal]:
        """What is due of lots by `at`."""
        booked: list[Journal] = []
        while self._due and self._due[0][0] <= at:
            when, _, lot_id = heappop(self._due)
            lot = self.standing.lots.get(lot_id)
            if lot is not None and due_at(lot) == when:
                booked += self.book(mature(self.standing, lot) if lot.pocket is Account.PENDING else [expire(lot)])
        return booked

    @property
    def _review_at(self) -> datetime | None:
        """When time alone next decides about the member's tier."""
        tiers = self.standing.tiers
        return tiers.steps[-1].review_at if tiers and tiers.steps and self.standing.joined else None

    def _review(self, *, at: datetime) -> Sequence[Journal]:
        if self.standing.tiers is None or not self.standing.joined:
            return ()
        return self._book(review(self.program, self.standing, at=at)).journals

    def _book(self, decision: Decision) -> Decision:
        self.book(decision.journals)
        if decision.tiers is not None:
            self.standing = replace(self.standing, tiers=decision.tiers)
        return decision

    def book(self, journals: Iterable[Journal]) -> Iterable[Journal]:
        """Book what was decided. Returns it."""
        journals = tuple(journals)
        if journals:
            self.standing = self.standing.after(journals)
        for journal in journals:
            if journal.kind in ACTIVE and (self._active_at is None or journal.occurred_at > self._active_at):
                self._active_at = journal.occurred_at
            for lot in self._moved_lots(journal):
                if (due := due_at(lot)) is not None:
                    heappush(self._due, (due, lot.pocket is not Account.PENDING, lot.id))
        return journals

    @property
    def has_grown(self) -> bool:
        """Whether there may be lots to forget, as there are only now and then."""
        return len(self.standing.lots) > self._most_lots

    def forget(self, *, but_of: frozenset[UUID] = frozenset()) -> None:
        """Drop lots of which nothing is left, but for those that activities of orders in `but_of` may still change.

        What was known of the member is dropped with them. Only where the book `has_grown`, or it would cost each
        activity much.
        """
        kept = {
            id_: lot
            for id_, lot in self.standing.lots.items()
            # What a tier granted may come back as long as the member has it.
            if lot.remaining or lot.cause_id in but_of or lot.rule.startswith(ENTRY)
        }
        known = {order_id: facts for order_id, facts in self.standing.known.items() if order_id in but_of}
        self.standing = replace(self.standing, lots=kept, known=known)
        self._most_lots = len(kept) + max(_MORE_LOTS, len(kept) // 2)

    def _moved_lots(self, journal: Journal) -> Iterator[Lot]:
        lots = self.standing.lots
        for posting in journal.postings:
            if posting.lot_id is not None:
                yield lots[posting.lot_id]
        for change in journal.grants:
            yield lots[change.lot_id]

    def _next_idle(self, at: datetime, looked_at: Collection[str]) -> tuple[datetime, IdlePolicy] | None:
        """The first moment by `at` at which the member was idle for too long, of those that are not settled."""
        active_at = self._active_at
        if active_at is None or not self.program.idle_policies:
            return None
        settled = self._idle_keys.union(looked_at)
        found = [
            (ends, place)
            for place, policy in enumerate(self.program.idle_policies)
            if at - active_at >= policy.expiry.months * _SHORTEST_MONTH
            for ends in policy.moments(active_at=active_at, until=at)
            if policy.key(self.standing.member_id, ends) not in settled
        ]
        if not found:
            return None
        ends, place = min(found)
        return ends, self.program.idle_policies[place]

    def _expire_idle(self, policy: IdlePolicy, ends: datetime) -> Iterable[Journal]:
        assert self._active_at is not None
        journal = expire_idle(policy, self.standing, active_at=self._active_at, ends=ends)
        if journal is None:
            return ()
        self._idle_keys |= {journal.key}
        return self.book([journal])
