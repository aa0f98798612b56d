"""Everything that can happen to members' books, in any order, on the database: the laws hold after every step.

Three people and a guest buy in the program's store and in a partner's, and do whatever there is a flow for.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from tests.flows.laws import Books
from tests.imports.histories import Histories
from tests.partners import OASIS, reward
from tests.partners import rule as earning_rule
from tests.world import World, spec_document, unit
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import (
    CustomerRef,
    CustomerSnapshot,
    OrderDeletion,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    Refund,
)
from wafa.flows.convert_units import ConversionAsk, convert_units
from wafa.flows.record_payments import Payment, record_payment
from wafa.flows.redeem_rewards import Had
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.operations import WrongState
from wafa.kit.transactions import program_transaction

NAMES = ("ana", "bob", "cem")
GUEST = CustomerRef(email="guest@example.com")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

AMOUNTS = st.integers(1, 30_000)
STORES = st.sampled_from(["main", "oasis"])
REWARDS = st.sampled_from(["coffee", "book", "cup", "money"])

CREDIT = {
    "code": "credit",
    "kind": "credit",
    "name": {"en": {"other": "credit"}},
    "expiry": {"kind": "after_days", "days": 90},
}
POINTS = unit(maturity={"kind": "after_days", "days": 14}, expiry={"kind": "after_days", "days": 60}, transfer={})
DOCUMENT = spec_document(
    units=[POINTS, CREDIT],
    partners=[OASIS | {"caps": [{"unit": "points", "units": 2_000}]}],
    earning=[
        earning_rule("own"),
        earning_rule("cashback", unit="credit", award={"kind": "percent", "basis_points": 500}),
        earning_rule("books", partner="oasis"),
        earning_rule(
            "reviews", trigger="review", award={"kind": "fixed", "units": 30}, limits=[{"per": "member", "times": 3}]
        ),
    ],
    rewards=[
        reward("coffee", 50, valid_days=20, when_unused="give_back"),
        reward("book", 80, partner="oasis"),
        reward("cup", 70, stock=2),
        reward("money", 100, gives={"kind": "store_credit", "unit": "credit", "units": 400}),
    ],
    conversions=[
        {"id": "to_credit", "name": {"en": "Credit"}, "unit": "points", "units": 40, "into": "credit", "gives": 150}
    ],
)


class AllOperations(RuleBasedStateMachine):
    """`redemptions` may be captured, given back or used, `imports` may be undone."""

    orders = Bundle("orders")
    redemptions = Bundle("redemptions")
    imports = Bundle("imports")

    @initialize()
    def begin(self) -> None:
        self.world = World(DOCUMENT, began=BEGAN)
        self.world.connect("oasis", name="Oasis Books", at=BEGAN)
        self.now = BEGAN + timedelta(days=1)
        self.snapshots: dict[str, tuple[str, OrderSnapshot]] = {}
        self.number = 0
        for name in NAMES:
            person = CustomerRef(external_id=name, email=f"{name}@example.com")
            self.world.take(CustomerSnapshot(customer=person, created_at=self.now, as_of=self.now), at=self.now)

    # ---- what stores tell

    @rule(
        target=orders,
        who=st.sampled_from([*NAMES, "guest"]),
        minor=AMOUNTS,
        store=st.sampled_from(["main", "oasis"]),
    )
    def pay(self, who: str, minor: int, store: str) -> str:
        name = f"O{self._next()}"
        ref = (
            GUEST
            if who == "guest"
            else CustomerRef(external_id=who if store == "main" else None, email=f"{who}@example.com")
        )
        line = OrderLine(id="1", product_id="cup", quantity=1, subtotal_minor=minor, total_minor=minor)
        snapshot = OrderSnapshot(
            external_id=name,
            number=name,
            currency="SAR",
            placed_at=self.now,
            as_of=self.now,
            paid_at=self.now,
            customer=ref,
            total_minor=minor,
            lines=(line,),
        )
        self._tell(store, snapshot)
        return name

    @rule(name=orders, minor=AMOUNTS)
    def refund(self, name: str, minor: int) -> None:
        store, last = self.snapshots[name]
        refund = Refund(id=f"{name}-{self._next()}", at=self.now, amount_minor=minor)
        self._tell(store, replace(last, as_of=self.now, refunds=(*last.refunds, refund)))

    @rule(name=orders)
    def undo_refunds(self, name: str) -> None:
        store, last = self.snapshots[name]
        self._tell(store, replace(last, as_of=self.now, refunds=()))

    @rule(name=orders, minor=AMOUNTS)
    def edit(self, name: str, minor: int) -> None:
        store, last = self.snapshots[name]
        line = replace(last.lines[0], subtotal_minor=minor, total_minor=minor)
        self._tell(store, replace(last, as_of=self.now, lines=(line,), total_minor=minor))

    @rule(name=orders, status=st.sampled_from([OrderStatus.CANCELLED, OrderStatus.OPEN]))
    def cancel_or_reopen(self, name: str, status: OrderStatus) -> None:
        store, last = self.snapshots[name]
        self._tell(store, replace(last, as_of=self.now, status=status))

    @rule(name=orders)
    def delete(self, name: str) -> None:
        store, _ = self.snapshots[name]
        self.world.take(OrderDeletion(external_id=name, as_of=self._later()), store=store, at=self.now)

    @rule(name=orders)
    def tell_again(self, name: str) -> None:
        """A store says what it said last: nothing happens."""
        store, last = self.snapshots[name]
        before = Books(self.world).state
        self.world.take(last, store=store, at=self._later())
        assert Books(self.world).state == before

    @rule(who=st.sampled_from(NAMES), key=st.integers(1, 5))
    def review(self, who: str, key: int) -> None:
        activity = MemberActivity(kind="review", key=f"{who}-{key}", occurred_at=self.now, store="main", properties={})
        self.world.take(ActivityNotice(customer=CustomerRef(external_id=who), activity=activity), at=self.now)

    @rule()
    def guest_joins(self) -> None:
        person = CustomerRef(external_id="guest", email=str(GUEST.email))
        self.world.take(CustomerSnapshot(customer=person, created_at=self.now, as_of=self._later()), at=self.now)

    # ---- what members do

    @rule(
        target=redemptions,
        who=st.sampled_from(NAMES),
        what=REWARDS,
        hold=st.booleans(),
    )
    def redeem(self, who: str, what: str, hold: bool) -> Any:
        key, before = f"R{self._next()}", Books(self.world).state
        answer = self.world.ask(who, what, key=key, at=self.now, hold=hold)
        if not isinstance(answer, Had):
            assert Books(self.world).state == before, "a refusal changed the books"
            return multiple()
        after = Books(self.world).state
        again = self.world.ask(who, what, key=key, at=self.now, hold=hold)
        assert isinstance(again, Had)
        assert (again.redemption.id, again.is_new) == (answer.redemption.id, False)
        assert Books(self.world).state == after, "asked again by the same key, it was had twice"
        return answer.redemption.id

    @rule(redemption=redemptions)
    def capture(self, redemption: UUID) -> None:
        self._twice(lambda: self.world.capture(redemption, at=self.now))

    @rule(redemption=redemptions, cause=st.sampled_from(["released", "cancelled", "failed"]))
    def give_back(self, redemption: UUID, cause: Any) -> None:
        self._twice(lambda: self.world.give_back(redemption, cause, at=self.now))

    @rule(redemption=redemptions)
    def use(self, redemption: UUID) -> None:
        if self.world.redemption(redemption).state == "issued":
            self._twice(lambda: self.world.use(redemption, used_on="the till", at=self.now))

    @rule(pair=st.permutations(NAMES), units=st.integers(1, 200))
    def transfer(self, pair: list[str], units: int) -> None:
        key = f"T{self._next()}"
        self._twice(lambda: self.world.give(pair[0], pair[1], units, key=key, at=self.now))

    @rule(who=st.sampled_from(NAMES), units=st.sampled_from([40, 80, 120, 50]))
    def convert(self, who: str, units: int) -> None:
        key = f"C{self._next()}"

        def ask() -> None:
            one = ConversionAsk(key=key, member_id=self.world.member(who), conversion="to_credit", units=units)
            with program_transaction(self.world.program_id):
                convert_units(self.world.program_id, [one], at=self.now)

        self._twice(ask)

    # ---- what is brought in from elsewhere

    @rule(target=imports, who=st.sampled_from(NAMES), units=st.integers(1, 300))
    def bring_balance(self, who: str, units: int) -> UUID:
        text = f"email,points\n{who}@example.com,{units}\n"
        return Histories(self.world).bring(text, at=self._later()).id

    @rule(target=imports, who=st.sampled_from(NAMES), hundreds=st.integers(1, 300), store=STORES)
    def bring_order(self, who: str, hundreds: int, store: str) -> UUID:
        """An order of before that earns, as the program in force then said."""
        paid = f"{self.now - timedelta(hours=20):%Y-%m-%d}"
        text = f"order,email,paid_at,total\nH{self._next()},{who}@example.com,{paid},{hundreds}.00\n"
        histories = Histories(self.world, store_id=self.world.stores[store])
        return histories.bring(text, "orders", earn="by_program", at=self._later()).id

    @rule(brought=consumes(imports), when_used=st.sampled_from(["refuse", "debt", "forgive"]))
    def undo_import(self, brought: UUID, when_used: Any) -> Any:
        histories, before = Histories(self.world), Books(self.world).state
        try:
            histories.undo(brought, when_used=when_used, at=self._later())
        except UsedMeanwhile:
            assert when_used == "refuse"
            assert Books(self.world).state == before, "a refusal changed the books"
            return
        after = Books(self.world).state
        with pytest.raises(WrongState):
            histories.undo(brought, when_used=when_used, at=self._later())
        assert Books(self.world).state == after

    # ---- what the clock and partners do

    @rule(hours=st.sampled_from([1, 24 * 7, 24 * 14, 24 * 45]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def turn_clock(self) -> None:
        self._twice(lambda: self.world.turn_clock(self.now))

    @rule(minor=st.integers(1, 500), payer=st.sampled_from(["partner", "program"]))
    def settle(self, minor: int, payer: Any) -> None:
        reference = f"P{self._next()}"
        payment = Payment(partner="oasis", payer=payer, amount_minor=minor, reference=reference, paid_at=self.now)

        def pay() -> None:
            with program_transaction(self.world.program_id):
                record_payment(self.world.program_id, payment, at=self.now)

        self._twice(pay)

    # ---- the laws

    @invariant()
    def the_laws_hold(self) -> None:
        if not hasattr(self, "world"):
            return
        books = Books(self.world)
        books.assert_laws()
        rates = {"worth": lambda units: _worth(units, 125), "back": lambda units: _worth(units, 100)}
        assert books.owed("oasis") == books.due("oasis", rule="books", reward="book", **rates)
        assert self.world.differences() == []

    def _twice(self, do: Callable[[], object]) -> None:
        """The same again changes nothing."""
        do()
        after = Books(self.world).state
        do()
        assert Books(self.world).state == after

    def _tell(self, store: str, snapshot: OrderSnapshot) -> None:
        self._later()
        self.snapshots[snapshot.external_id] = (store, snapshot)
        self.world.take(snapshot, store=store, at=self.now)

    def _later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def _next(self) -> int:
        self.number += 1
        return self.number


def _worth(units: int, minor: int) -> int:
    """So many minor units for a hundred, half of one up."""
    return (2 * units * minor + 100) // 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_laws_hold_after_every_step() -> None:
    run_state_machine_as_test(AllOperations, settings=settings(max_examples=25, stateful_step_count=30))
