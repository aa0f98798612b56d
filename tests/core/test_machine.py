"""One member's books under any sequence of moves: a store tells, a member spends and joins, the clock runs."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from tests.core.memory import MemoryDriver, order_id_of, replayed
from tests.core.store import Store
from tests.core.strategies import START, specs
from tests.core.tables import GUEST, MEMBER, TimedOut
from tests.core.worth import worth
from wafa.core.compare import Seen
from wafa.core.lots import NotEnough
from wafa.core.money import exponent_of
from wafa.core.spec import ProgramSpec


class Books(RuleBasedStateMachine):
    """Moves happen one after another; each delivery may be told again at any later time."""

    placed = Bundle("placed")
    refunded = Bundle("refunded")
    held = Bundle("held")

    @initialize(spec=specs(), guest=st.sampled_from([False, False, True]))
    def open(self, spec: ProgramSpec, guest: bool) -> None:
        self.spec = spec
        self.driver = MemoryDriver(spec, guest=guest)
        self.store = Store(currency=spec.currency, customer=GUEST if guest else MEMBER)
        self.now = START
        self.deliveries: list[Seen] = []
        self.numbers = 0

    @rule(
        target=placed, amount=st.integers(1, 20_000), products=st.lists(st.sampled_from("abc"), min_size=1, max_size=2)
    )
    def pay(self, amount: int, products: list[str]) -> str:
        name = f"O{self._number()}"
        self._tell("pay", name, amount, lines=",".join(f"{product}:{self._money(amount)}" for product in products))
        return name

    @rule(name=placed, amount=st.integers(1, 20_000))
    def edit(self, name: str, amount: int) -> None:
        self._tell("edit", name, amount)

    @rule(target=refunded, name=placed, amount=st.integers(1, 20_000))
    def refund(self, name: str, amount: int) -> str:
        self._tell("refund", name, amount)
        return name

    @rule(name=consumes(refunded))
    def unrefund(self, name: str) -> None:
        self._tell("unrefund", name)

    @rule(name=placed, amount=st.integers(1, 20_000))
    def notice(self, name: str, amount: int) -> None:
        self._tell("notice", name, amount)

    @rule(
        name=placed,
        move=st.sampled_from(
            ["cancel", "uncancel", "delete", "restore", "unpay", "pay", "fulfil", "deliver", "confirm"]
        ),
    )
    def turn(self, name: str, move: str) -> None:
        self._tell(move, name)

    @rule(data=st.data())
    @precondition(lambda self: self.deliveries)
    def tell_again(self, data: st.DataObject) -> None:
        booked = len(self.driver.journals)
        self.driver.see(data.draw(st.sampled_from(self.deliveries)))
        assert len(self.driver.journals) == booked, "a repeated delivery was booked"

    @rule(units=st.integers(1, 200))
    def redeem(self, units: int) -> None:
        before = self.driver.standing
        try:
            self.driver.redeem(key=f"R{self._number()}", unit="points", units=units, at=self.now)
        except NotEnough:
            assert self.driver.standing is before
        else:
            assert self.driver.balance("points").redeemed == before.balance("points").redeemed + units

    @rule(target=held, units=st.integers(1, 200))
    def hold(self, units: int) -> str:
        name, before = f"H{self._number()}", self.driver.standing
        try:
            self.driver.hold(key=name, unit="points", units=units, at=self.now)
        except NotEnough:
            assert self.driver.standing is before
        return name

    @rule(name=held)
    def capture(self, name: str) -> None:
        """A hold whose time is over, or that never was, is not captured."""
        before = self.driver.balance("points")
        try:
            self.driver.capture(key=name, at=self.now)
        except TimedOut:
            assert self.driver.balance("points") == before

    @rule(name=consumes(held), cause=st.sampled_from(["released", "cancelled", "failed"]))
    def give_back(self, name: str, cause: Any) -> None:
        """What was held or taken leaves HELD or REDEEMED whole, wherever each unit lands."""
        keys = {journal.key for journal in self.driver.journals}
        if not keys & {f"hold:{name}"} or f"release:{name}" in keys:
            return
        before = self.driver.balance("points")
        gone = before.held + before.redeemed
        self.driver.give_back(key=name, cause=cause, at=self.now)
        after = self.driver.balance("points")
        assert after.held + after.redeemed < gone

    @rule(units=st.integers(1, 200), gives=st.booleans())
    def transfer(self, units: int, gives: bool) -> None:
        """Units go to the friend, or come from them; whoever has not enough gives nothing."""
        before = (self.driver.standing, self.driver.friend.standing)
        move = self.driver.give if gives else self.driver.receive
        try:
            move(key=f"T{self._number()}", unit="points", units=units, at=self.now)
        except NotEnough:
            assert (self.driver.standing, self.driver.friend.standing) == before

    @rule(hours=st.sampled_from([1, 24, 24 * 14, 24 * 60]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def turn_clock(self) -> None:
        self.driver.turn_clock(at=self.now)
        if all(unit.clawback == "debt" for unit in self.spec.units):
            for unit in self.spec.units:
                balance = self.driver.balance(unit.code)
                assert not (balance.available and balance.debt), balance

    @rule()
    @precondition(lambda self: not self.driver.standing.joined)
    def join(self) -> None:
        self.store.customer = MEMBER
        self.driver.join(at=self.now)
        assert all(self.driver.balance(unit.code).claimable == 0 for unit in self.spec.units)

    @invariant()
    def grants_are_what_orders_are_worth(self) -> None:
        if self.spec.guests is None:
            return
        for name, order in self.driver.orders.items():
            for earning in self.spec.earning:
                grants = self.driver.standing.grants_of(cause_id=order_id_of(name), rule=earning.id)
                kept = sum(lot.net_granted - lot.taken_back for lot in grants)
                assert kept == worth(self.spec, order, rule_id=earning.id), (name, earning.id)

    @invariant()
    def what_one_gave_the_other_has(self) -> None:
        for unit in self.spec.units:
            mine, theirs = self.driver.balance(unit.code), self.driver.friends_balance(unit.code)
            assert mine.transferred + theirs.transferred == 0

    @invariant()
    def balances_are_what_postings_make_them(self) -> None:
        for unit in self.spec.units:
            assert replayed(self.driver.journals, unit.code) == self.driver.balance(unit.code)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _money(self, minor: int) -> str:
        places = exponent_of(self.spec.currency)
        return f"{minor // 10**places}.{minor % 10**places:0{places}}" if places else str(minor)

    def _tell(self, move: str, name: str, minor: int = 0, **detail: Any) -> None:
        self.now += timedelta(seconds=1)
        seen = self.store.tell(move, name, self._money(minor), detail, at=self.now)
        self.deliveries.append(seen)
        self.driver.see(seen)


TestBooks = Books.TestCase
