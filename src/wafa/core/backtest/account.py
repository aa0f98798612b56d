"""One member in a trial: the book, and what is known to follow."""

from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from wafa.core.backtest.history import PastOrder, unfold
from wafa.core.backtest.outcome import Tally
from wafa.core.books import Balance, Journal
from wafa.core.calendars import OutsideCalendar
from wafa.core.check import check_order
from wafa.core.compare import OrderActivity
from wafa.core.earn import MissingRate, convert_basis
from wafa.core.member import Profile
from wafa.core.member_book import MemberBook
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot

# In a trial every book is one member's, so its id tells nothing.
_SOMEBODY = UUID(int=0)

_Joining = None
"""Stands for the moment at which a guest joins."""


class Account:
    """A member's book in one program. Orders are told by the time of their payment, and booked as their time comes."""

    def __init__(self, program: Program, tally: Tally, *, joined_at: datetime | None, began_at: datetime) -> None:
        self._program = program
        self._tally = tally
        is_member = joined_at is not None and joined_at <= began_at
        profile = Profile(joined_at=joined_at if is_member else None)
        self._book = MemberBook(program, _SOMEBODY, joined=is_member, profile=profile)
        self._number = count()
        self._later: list[tuple[datetime, int, OrderActivity | None]] = []
        if joined_at is not None and joined_at > began_at:
            self._expect(joined_at, _Joining)

    def take(self, past: PastOrder, *, at: datetime) -> None:
        """Book an order that was paid `at`, and all that came before it."""
        self.advance(at)
        if reason := _refusal(self._program, past.order):
            self._tally.refused[reason] += 1
            return
        self._tally.orders += 1
        self._tally.spend_minor += _spend(self._program, past.order, at=at)
        for known_at, activity in unfold(past):
            self._expect(known_at, activity)
        self.advance(at)

    def advance(self, until: datetime) -> None:
        """Book what happened by `until`: what was told of orders, and what the clock does."""
        while self._later and self._later[0][0] <= until:
            at, _, activity = heappop(self._later)
            self._count(self._book.turn_clock(at=at))
            if activity is None:
                self._count(self._book.join(at=at))
            else:
                decision = self._book.decide(activity)
                self._count(decision.journals)
                self._tally.miss(decision.not_earned)
        self._count(self._book.turn_clock(at=until))
        self._book.forget(but_of=frozenset(told.order_id for _, _, told in self._later if told is not None))

    def balance(self, unit: str) -> Balance:
        return self._book.balance(unit)

    def _expect(self, at: datetime, activity: OrderActivity | None) -> None:
        # Numbered, so that what is told of one moment stays in order.
        heappush(self._later, (at, next(self._number), activity))

    def _count(self, journals: Iterable[Journal]) -> None:
        for journal in journals:
            self._tally.add(journal)


def _refusal(program: Program, order: OrderSnapshot) -> str:
    """Why an order cannot be decided: it is left out, as it would be refused when a store told it."""
    try:
        check_order(program, order)
    except (MissingRate, OutsideCalendar) as error:
        return str(error)
    return ""


def _spend(program: Program, order: OrderSnapshot, *, at: datetime) -> int:
    """What was paid for the order and not given back, in minor units of the program's currency."""
    version = program.in_force(at)
    if version is None or order.is_void:
        return 0
    return convert_basis(order, version.spec, max(order.total_minor - order.refunded_minor, 0))[0]
