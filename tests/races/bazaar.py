"""A plan of what many participants tell, redeem and turn at once, and the balances that must come of it in any case.

Each order is told several times by several participants: paid, part refunded, some cancelled. Half of the customers
buy as guests and join meanwhile. One point for each riyal, so what comes of it can be added up by hand.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from tests.spending import spend
from tests.world import BEGAN, order, spec_document, unit
from wafa.core.books import Balance, Journal
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderSnapshot, OrderStatus, Refund
from wafa.flows.take_facts import OutcomeKind, StoreFact, take_facts
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity

CUSTOMERS = 24
ORDERS = 240
LAST_DAY = BEGAN + timedelta(days=200)

DOCUMENT = spec_document(units=[unit(maturity={"kind": "after_days", "days": 14})], guests={"claim_days": 3_650})


class Deal(Struct, frozen=True):
    """One order: what it was worth in riyals, what came back of it, and whether it was cancelled after that."""

    number: int
    customer: int
    riyals: int
    returned: int
    is_cancelled: bool

    def tellings(self) -> list[OrderSnapshot]:
        """What the store says of it, in the order in which it happened."""
        day = 1 + self.number % 30
        told = [self._told(day, 0)]
        if self.returned:
            told.append(self._told(day, 1))
        if self.is_cancelled:
            told.append(self._told(day, 2))
        return told

    def _told(self, day: int, step: int) -> OrderSnapshot:
        as_of = BEGAN + timedelta(days=day, hours=step)
        refund = Refund(id="r", at=as_of, amount_minor=100 * self.returned)
        return order(
            f"O{self.number}",
            100 * self.riyals,
            customer=name_of(self.customer),
            email=email_of(self.customer) if is_guest(self.customer) else None,
            day=day,
            as_of=as_of,
            refunds=(refund,) if self.returned and step else (),
            status=OrderStatus.CANCELLED if step == 2 else OrderStatus.OPEN,
        )


def name_of(customer: int) -> str:
    return f"c{customer}"


def email_of(customer: int) -> str:
    return f"c{customer}@example.com"


def is_guest(customer: int) -> bool:
    """Whether this customer buys without an account, and opens one meanwhile."""
    return customer % 2 == 0


def list_deals(seed: int) -> list[Deal]:
    chance = random.Random(seed)
    deals = []
    for number in range(ORDERS):
        riyals = chance.randint(5, 200)
        returned = chance.randint(1, riyals - 1) if chance.random() < 0.4 else 0
        deals.append(Deal(number, chance.randrange(CUSTOMERS), riyals, returned, chance.random() < 0.15))
    return deals


def expected_balances(deals: Sequence[Deal], redeemed: dict[int, int]) -> dict[int, Balance]:
    """What every customer must have in the end, from sums alone."""
    balances = {}
    for customer in range(CUSTOMERS):
        own = [deal for deal in deals if deal.customer == customer]
        issued = sum(deal.riyals for deal in own)
        back = sum(deal.riyals if deal.is_cancelled else deal.returned for deal in own)
        left = issued - back - redeemed.get(customer, 0)
        balances[customer] = Balance(
            available=max(left, 0),
            debt=max(-left, 0),
            issued=issued,
            clawed_back=back,
            redeemed=redeemed.get(customer, 0),
        )
    return balances


class Participant:
    """One of many who act on the same program: a thread, or a process of its own."""

    def __init__(self, *, program_id: UUID, store_id: UUID, number: int, count: int, seed: int) -> None:
        self._program_id = program_id
        self._store_id = store_id
        self._number = number
        self._count = count
        self._seed = seed
        self._chance = random.Random(seed * 1_000 + number)

    def run(self) -> dict[int, int]:
        """Tell, redeem and turn the clock. Returns the units redeemed by each customer."""
        redeemed: dict[int, int] = {}
        batches = self._batches()
        for place, batch in enumerate(batches):
            self._tell(batch)
            customer = self._chance.randrange(CUSTOMERS)
            redeemed[customer] = redeemed.get(customer, 0) + self._redeem(customer, key=f"R{self._number}-{place}")
            if self._number % 5 == 0:
                turn_clock(self._program_id, at=BEGAN + timedelta(days=20 + place), limit=7)
        return redeemed

    def _batches(self) -> list[list[OrderSnapshot | CustomerSnapshot]]:
        """A third of all that there is to tell, in an order of our own; whatever is told, three participants tell."""
        facts: list[OrderSnapshot | CustomerSnapshot] = [
            telling
            for deal in list_deals(self._seed)
            if (deal.number + self._number) % self._count < 3
            for telling in deal.tellings()
        ]
        for customer in range(CUSTOMERS):
            if is_guest(customer) and (customer + self._number) % self._count < 3:
                who = CustomerRef(external_id=name_of(customer), email=email_of(customer))
                facts.append(CustomerSnapshot(customer=who, created_at=BEGAN, as_of=BEGAN))
        self._chance.shuffle(facts)
        size = self._chance.choice((1, 3, 8))
        return [facts[start : start + size] for start in range(0, len(facts), size)]

    @retried
    def _tell(self, facts: Sequence[OrderSnapshot | CustomerSnapshot]) -> None:
        told = [StoreFact(store_id=self._store_id, store="main", fact=fact) for fact in facts]
        with program_transaction(self._program_id):
            outcomes = take_facts(self._program_id, told, at=LAST_DAY)
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.TAKEN}

    def _redeem(self, customer: int, *, key: str) -> int:
        units = self._chance.randint(1, 120)
        with program_transaction(self._program_id):
            known = Identity.objects.filter(program_id=self._program_id, value=email_of(customer)).first()
        return self._book_redemption(known.member_id, units, key=key, at=LAST_DAY) if known else 0

    @retried
    def _book_redemption(self, member_id: UUID, units: int, *, key: str, at: datetime) -> int:
        with program_transaction(self._program_id):
            answer = spend(self._program_id, member_id, units, key=key, unit="points", at=at)
        return units if isinstance(answer, Journal) else 0
