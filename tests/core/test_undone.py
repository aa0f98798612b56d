"""When all orders have come back, and all that was given for what they earned, nobody has anything, or owes it."""

from datetime import timedelta
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import MemoryDriver
from tests.examples import examples
from wafa.core.snapshots import OrderSnapshot, OrderStatus, Refund

_EXPIRIES: list[dict[str, Any]] = [{"kind": "never"}, {"kind": "after_days", "days": 30}]
_MOVES = st.tuples(
    st.sampled_from(["pay", "pay", "edit", "refund", "unrefund", "redeem", "redeem", "hold", "give_back"]),
    st.integers(0, 5),
    st.integers(1, 100),
    st.sampled_from([1, 1, 24, 24 * 9, 24 * 20]),
)


class _Life:
    """A member who buys and uses what they earn, while a store tells what becomes of their orders."""

    def __init__(self, driver: MemoryDriver) -> None:
        self.driver = driver
        self.now = NOON
        self.orders: dict[str, OrderSnapshot] = {}
        self.taken: list[str] = []

    def move(self, what: str, which: int, units: int, hours: int) -> None:
        self.wait(hours)
        name = f"O{which % max(len(self.orders), 1)}"
        match what:
            case "pay":
                name = f"O{len(self.orders)}"
                self.tell(make_order(units * 100, external_id=name, placed_at=self.now, paid_at=self.now))
            case "edit" if self.orders:
                changed = make_order(units * 100, external_id=name)
                last = self.orders[name]
                self.tell(replace(last, lines=changed.lines, total_minor=changed.total_minor))
            case "refund" if self.orders:
                last = self.orders[name]
                refund = Refund(id=str(len(last.refunds)), at=self.now, amount_minor=last.total_minor * units // 100)
                self.tell(replace(last, refunds=(*last.refunds, refund)))
            case "unrefund" if self.orders:
                self.tell(replace(self.orders[name], refunds=()))
            case "redeem" | "hold":
                self.take(what, units)
            case "give_back" if self.taken:
                self.give_back(self.taken[which % len(self.taken)])

    def take(self, what: str, share: int) -> None:
        """Use so many hundredths of what there is."""
        if units := self.driver.balance("points").available * share // 100:
            key = f"R{self.now:%m%d%H}"
            (self.driver.hold if what == "hold" else self.driver.redeem)(
                key=key, unit="points", units=units, at=self.now
            )
            self.taken.append(key)

    def give_back(self, key: str) -> None:
        self.taken.remove(key)
        if f"release:{key}" not in {journal.key for journal in self.driver.journals}:
            is_held = key in self.driver.holds
            self.driver.give_back(key=key, cause="released" if is_held else "cancelled", at=self.now)

    def cancel(self, name: str) -> None:
        self.tell(replace(self.orders[name], status=OrderStatus.CANCELLED))

    def tell(self, order: OrderSnapshot) -> None:
        self.orders[order.external_id] = replace(order, as_of=self.now)
        self.driver.see(self.orders[order.external_id])

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.driver.turn_clock(at=self.now)


@examples(300)
@given(
    moves=st.lists(_MOVES, min_size=3, max_size=12),
    clawback=st.sampled_from(["debt", "clamp"]),
    expiry=st.sampled_from(_EXPIRIES),
    data=st.data(),
)
def test_nothing_is_left_when_all_is_undone(
    moves: list[tuple[str, int, int, int]], clawback: str, expiry: dict[str, Any], data: st.DataObject
) -> None:
    life = _Life(MemoryDriver(make_spec(unit={"clawback": clawback, "expiry": expiry})))
    for move in moves:
        life.move(*move)
    event(f"{len(life.orders)} orders, {len(life.taken)} taken")

    undoing = [*life.orders, *life.taken]
    for name in data.draw(st.permutations(undoing)):
        life.wait(data.draw(st.sampled_from([1, 24 * 20])))
        if name in life.orders:
            life.cancel(name)
        else:
            life.give_back(name)
    life.wait(24 * 365)

    left = life.driver.balance("points")
    assert (left.pending, left.available, left.held, left.redeemed, left.debt) == (0, 0, 0, 0, 0), left
    assert left.breakage == 0 or expiry["kind"] != "never"
