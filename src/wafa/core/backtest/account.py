"""One member in a trial: the book, and what is known to follow."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from wafa.core.activities import Activity, MemberActivity
from wafa.core.backtest.history import Past, PastActivity, PastAppointment, PastOrder, unfold
from wafa.core.books import Balance, Journal, Lot
from wafa.core.calendars import OutsideCalendar
from wafa.core.check import BadActivity, check_activity, check_order
from wafa.core.compare import OrderActivity
from wafa.core.decide import NotEarned
from wafa.core.earn import MissingRate, convert_basis
from wafa.core.member import MemberFacts
from wafa.core.member_book import MemberBook
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.tiers.record import Appointment
from wafa.core.uses import Spent

# In a trial every book is one member's, so its id tells nothing.
_SOMEBODY = UUID(int=0)

_JOINING = None
"""Stands among activities for the moment at which a guest joins."""


class Listener(Protocol):
    """Hears what becomes of orders."""

    def take(self, *, spend_minor: int) -> None:
        """An order is taken, for which so much was paid and not given back, in the program's currency."""

    def refuse(self, reason: str) -> None:
        """An order cannot be decided, and is left out."""

    def add(self, journal: Journal) -> None:
        """Something is booked."""

    def miss(self, cause_id: UUID, misses: Sequence[NotEarned]) -> None:
        """What an order, or another activity, does not earn."""


class Budgets(Struct):
    """What all members of a trial together were promised of budgets so far."""

    spent: Spent = {}


class Account:
    """A member's book in one program. Facts are told by their time, and booked as their time comes.

    Lots of an order in `kept` stay when nothing is left of them.
    """

    # A history may have millions of members.
    __slots__ = (
        "_book",
        "_budgets",
        "_guest_order",
        "_kept",
        "_later",
        "_listener",
        "_number",
        "_program",
        "has_ordered",
    )

    def __init__(
        self, program: Program, listener: Listener, budgets: Budgets, *, kept: frozenset[UUID] = frozenset()
    ) -> None:
        self._program = program
        self._budgets = budgets
        self._listener = listener
        self._kept = kept
        self._book = MemberBook(program, _SOMEBODY, joined=False)
        self.has_ordered = False
        self._number = 0
        self._later: list[tuple[datetime, int, OrderActivity | None]] = []
        self._guest_order: UUID | None = None

    def take(self, past: Past, *, at: datetime, recalled: "Recalled | None" = None) -> None:
        """Book what happened `at`, and all that came before it. An order is decided by what is `recalled`, if given."""
        self.advance(at)
        if past.suspended:
            self._book.suspend(past.suspended)
        if (reason := _refusal(self._program, past)) is not None:
            if reason:
                self._listener.refuse(reason)
            return
        if past.joined_at is not None and not self._book.standing.joined:
            self._expect(max(past.joined_at, at), _JOINING)
            self.advance(at)
        if self._program.asks_about_members:
            self._book.meet(past.profile)
        match past:
            case PastOrder():
                self._take_order(past, recalled=recalled)
                self.advance(at)
            case PastActivity():
                self._decide(past.activity, by_guest=past.by_guest)
            case PastAppointment():
                self._appoint(past.appointment)

    def _take_order(self, past: PastOrder, *, recalled: "Recalled | None") -> None:
        at = past.order.paid_at
        assert at is not None, "an order that was never paid says nothing"
        if recalled is not None:
            self._budgets.spent = recalled.spent
            self._book.recall(past.order_id, at=at, known=recalled.known, tier=recalled.tier)
        self.has_ordered = True
        # Only until its payment is decided: what was known then is kept with the order.
        self._guest_order = past.order_id if past.by_guest else None
        self._listener.take(spend_minor=_spend(self._program, past.order, at=at))
        for known_at, activity in unfold(past, awaited=self._program.awaited):
            self._expect(known_at, activity)

    def celebrate(self, celebrated: PastActivity) -> None:
        """Book a birthday or an anniversary, of members whom nobody suspended. Nobody is idle at the moment of it."""
        self.advance(celebrated.at - timedelta.resolution)
        if self._book.standing.joined and not self._book.standing.was_suspended(celebrated.at):
            self._decide(celebrated.activity)

    def advance(self, until: datetime) -> None:
        """Book what happened by `until`: what was told of orders, and what the clock does."""
        while self._later and self._later[0][0] <= until:
            at, _, activity = heappop(self._later)
            self._count(self._book.turn_clock(at=at))
            if activity is _JOINING:
                self._join(at=at)
            else:
                self._decide(activity)
        self._count(self._book.turn_clock(at=until))
        if self._book.has_grown:
            self._book.forget(but_of=self._kept.union(told.order_id for _, _, told in self._later if told is not None))

    def grants_of(self, order_id: UUID) -> list[Lot]:
        """The lots that an order granted, as far as they are kept."""
        return [lot for lot in self._book.standing.lots.values() if lot.cause_id == order_id]

    def _join(self, *, at: datetime) -> None:
        """A guest joins. That is something that members do, too."""
        if self._book.standing.joined:
            return
        self._count(self._book.join(at=at))
        version = self._program.in_force(at)
        if version is not None and "signup" in version.spec.earning_by_trigger:
            self._decide(MemberActivity(kind="signup", key=str(_SOMEBODY), occurred_at=at))

    def _appoint(self, appointment: Appointment) -> None:
        """Give a tier, where this program has it."""
        version = self._program.ladder_at(appointment.at)
        has_it = version is not None and version.spec.tiers is not None and version.spec.tiers.find(appointment.tier)
        if has_it and self._book.standing.joined:
            self._count(self._book.appoint(appointment).journals)

    def _decide(self, activity: Activity, *, by_guest: bool = False) -> None:
        if self._program.has_budgets:
            self._book.share(self._budgets.spent)
        decision = self._book.decide(activity, by_guest=by_guest or activity.cause_id == self._guest_order)
        if self._program.has_budgets:
            self._budgets.spent = self._book.standing.spent
        self._count(decision.journals)
        self._listener.miss(activity.cause_id, decision.not_earned)

    def balance(self, unit: str) -> Balance:
        return self._book.balance(unit)

    @property
    def tier(self) -> str | None:
        """The member's tier; None below all of them, and in a program without."""
        tiers = self._book.standing.tiers
        return tiers.tier if tiers else None

    def _expect(self, at: datetime, activity: OrderActivity | None) -> None:
        # Numbered, so that what is told of one moment stays in order.
        self._number += 1
        heappush(self._later, (at, self._number, activity))

    def _count(self, journals: Iterable[Journal]) -> None:
        for journal in journals:
            self._listener.add(journal)


class Recalled(Struct, frozen=True, kw_only=True):
    """What was known when an order was booked: of the member, with the tier that counted, and of budgets."""

    known: MemberFacts | None
    tier: str | None
    spent: Spent


def _refusal(program: Program, past: Past) -> str | None:
    """Why a fact cannot be decided: it is left out, as it would be refused when a store told it. None where it can.

    An activity of which this program knows nothing is left out without a word.
    """
    try:
        match past:
            case PastOrder():
                check_order(program, past.order)
            case PastActivity():
                check_activity(program, past.activity)
    except BadActivity:
        return ""
    except (MissingRate, OutsideCalendar) as error:
        return str(error)
    return None


def _spend(program: Program, order: OrderSnapshot, *, at: datetime) -> int:
    """What was paid for the order and not given back, in minor units of the program's currency."""
    version = program.in_force(at)
    if version is None or order.is_void:
        return 0
    return convert_basis(order, version.spec, max(order.total_minor - order.refunded_minor, 0))[0]
