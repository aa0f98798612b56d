"""Laws of the books, for programs, orders and deliveries that Hypothesis makes up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, order_id_of, program_of, replayed
from tests.core.strategies import START, lives, orders, specs
from tests.core.worth import granted, worth
from wafa.core.books import Account, Balance, Lot
from wafa.core.compare import ActivityKind, NotYet, OrderActivity, Seen, compare
from wafa.core.decide import decide
from wafa.core.earn import MissingRate, count_basis
from wafa.core.lots import NotEnough, draw, is_usable
from wafa.core.member import UNKNOWN
from wafa.core.snapshots import OrderSnapshot, Refund
from wafa.core.spec import ProgramSpec
from wafa.core.standing import Standing
from wafa.core.weigh import weigh_activity

MUCH_LATER = START + timedelta(days=80)
ENDED = START + timedelta(days=2_000)


def deliver(driver: MemoryDriver, deliveries: Sequence[Seen], *, clock_at: int | None = None) -> None:
    """Hand over deliveries; what comes too early is tried again at the end. The clock may turn in between."""
    waiting = []
    for place, seen in enumerate(deliveries):
        if place == clock_at:
            driver.turn_clock(at=MUCH_LATER)
        try:
            driver.see(seen)
        except NotYet:
            waiting.append(seen)
    for seen in waiting:
        driver.see(seen)


def pockets(driver: MemoryDriver) -> dict[str, dict[str, int]]:
    """All balances; ISSUED and CLAWED_BACK as their difference, for both tell of the path as well."""
    told = {}
    for unit in sorted(driver.standing.balances):
        columns = {name: getattr(driver.balance(unit), name) for name in Balance.__struct_fields__}
        columns["earned"] = columns.pop("issued") - columns.pop("clawed_back")
        if any(columns.values()):
            told[unit] = columns
    return told


@given(data=st.data(), spec=specs(), guest=st.sampled_from([False, False, True]))
def test_deliveries_in_any_order_and_number_end_in_the_same_balances(
    data: st.DataObject, spec: ProgramSpec, guest: bool
) -> None:
    told = data.draw(lives("O1")) + data.draw(lives("O2", changes=3))
    repeated = data.draw(st.permutations(told * 2))
    in_order, shuffled = MemoryDriver(spec, guest=guest), MemoryDriver(spec, guest=guest)

    deliver(in_order, told)
    deliver(shuffled, repeated, clock_at=data.draw(st.none() | st.integers(0, len(repeated) - 1)))

    assert in_order.orders == shuffled.orders
    for moment in (MUCH_LATER, ENDED):
        in_order.turn_clock(at=moment)
        shuffled.turn_clock(at=moment)
        assert pockets(in_order) == pockets(shuffled)
    event(f"{len(in_order.journals)} journals")


@given(data=st.data(), spec=specs(expiring=False, clawback="debt"), tenths=st.integers(1, 10))
def test_deliveries_after_spending_end_in_the_same_balances(
    data: st.DataObject, spec: ProgramSpec, tenths: int
) -> None:
    first, *told = data.draw(lives("O1"))
    told += data.draw(lives("O2", changes=3))
    repeated = data.draw(st.permutations(told * 2))
    in_order, shuffled = MemoryDriver(spec), MemoryDriver(spec)
    for driver in (in_order, shuffled):
        driver.see(first)
        driver.turn_clock(at=START + timedelta(days=30))
        spend_share(driver, tenths)

    deliver(in_order, told)
    deliver(shuffled, repeated, clock_at=data.draw(st.none() | st.integers(0, max(len(repeated) - 1, 0))))

    for driver in (in_order, shuffled):
        driver.turn_clock(at=ENDED)
    assert pockets(in_order) == pockets(shuffled)


def spend_share(driver: MemoryDriver, tenths: int) -> int:
    """Redeem so many tenths of what is available in points. Returns how many units that was."""
    units = driver.balance("points").available * tenths // 10
    if units:
        driver.redeem(key="R1", unit="points", units=units, at=START + timedelta(days=30))
    return units


@given(data=st.data(), spec=specs(expiring=False, clawback="debt"), tenths=st.integers(0, 10))
def test_a_full_refund_leaves_nothing_of_an_order_but_a_debt_for_what_was_spent(
    data: st.DataObject, spec: ProgramSpec, tenths: int
) -> None:
    order, other = data.draw(orders(external_id="O1")), data.draw(orders(external_id="O2"))
    driver, without = MemoryDriver(spec), MemoryDriver(spec)
    for order_seen in (order, other):
        driver.see(order_seen)
    without.see(other)
    for one in (driver, without):
        one.turn_clock(at=START + timedelta(days=30))
    spent = spend_share(driver, tenths)

    driver.see(fully_refunded(order, at=START + timedelta(days=31)))

    for unit in {rule.unit for rule in spec.earning}:
        after, never = driver.balance(unit), without.balance(unit)
        left = never.available - (spent if unit == "points" else 0)
        assert (after.available, after.debt) == (max(left, 0), max(-left, 0))
        assert after.issued - after.clawed_back == never.issued


def fully_refunded(order: OrderSnapshot, *, at: datetime) -> OrderSnapshot:
    """The order with all of its money given back."""
    refund = Refund(id="all", at=at, amount_minor=order.total_minor)
    return replace(order, refunds=(*order.refunds, refund), as_of=at)


@given(
    edits=st.lists(st.integers(0, 200), min_size=1, max_size=6),
    spent=st.integers(1, 100),
    clawback=st.sampled_from(["debt", "clamp"]),
)
def test_edits_after_spending_leave_what_the_last_is_worth_less_what_was_spent(
    edits: list[int], spent: int, clawback: str
) -> None:
    driver = MemoryDriver(make_spec(unit={"clawback": clawback}))
    driver.see(make_order(10_000))
    driver.redeem(key="R1", unit="points", units=spent, at=NOON)
    for hours, units in enumerate(edits, start=1):
        driver.see(make_order(units * 100, as_of=NOON + timedelta(hours=hours)))

    left = edits[-1] - spent
    balance = driver.balance("points")
    owed = max(-left, 0) if clawback == "debt" else 0
    assert (balance.available, balance.redeemed, balance.debt) == (max(left, 0), spent, owed)
    lots = driver.standing.grants_of(cause_id=order_id_of("O1"), rule="orders")
    assert sum(lot.net_granted for lot in lots) == edits[-1]
    assert sum(lot.let_go for lot in lots) == (max(-left, 0) if clawback == "clamp" else 0)


@given(data=st.data(), spec=specs())
def test_grants_equal_the_award_of_the_final_snapshot(data: st.DataObject, spec: ProgramSpec) -> None:
    driver = MemoryDriver(spec)
    deliver(driver, data.draw(lives("O1")))

    order = driver.orders["O1"]
    for rule in spec.earning:
        grants = driver.standing.grants_of(cause_id=order_id_of("O1"), rule=rule.id)
        kept = sum(lot.net_granted - lot.taken_back for lot in grants)
        assert kept == worth(spec, order, rule_id=rule.id), rule


@given(data=st.data(), spec=specs(clawback="debt"))
def test_nobody_owes_and_has_units_at_once_when_all_is_due(data: st.DataObject, spec: ProgramSpec) -> None:
    driver = MemoryDriver(spec)
    deliver(driver, data.draw(lives("O1")) + data.draw(lives("O2")))
    driver.turn_clock(at=MUCH_LATER)
    spend_share(driver, 5)
    deliver(driver, data.draw(lives("O1")))
    driver.turn_clock(at=MUCH_LATER)

    for unit in spec.units:
        balance = driver.balance(unit.code)
        assert not (balance.available and balance.debt), balance


@given(data=st.data(), spec=specs())
def test_balances_are_what_the_postings_make_them(data: st.DataObject, spec: ProgramSpec) -> None:
    driver = MemoryDriver(spec)
    deliver(driver, data.draw(lives("O1")))
    driver.turn_clock(at=ENDED)

    for unit in spec.units:
        assert replayed(driver.journals, unit.code) == driver.balance(unit.code)


@given(order=orders(strange=True), spec=specs())
def test_deductions_and_basis_add_up_to_the_order(order: OrderSnapshot, spec: ProgramSpec) -> None:
    # Prices in a scope cannot be compared with those of an order that has no rate.
    order = replace(order, rate=order.rate or "1.5")
    for rule in spec.earning:
        counted = count_basis(order, rule, spec)
        assert counted.basis_minor + sum(part.amount_minor for part in counted.deductions) == order.total_minor
        assert counted.basis_minor >= 0
        assert 0 <= counted.returned <= 1
        assert all(part.amount_minor for part in counted.deductions)


@given(order=orders(), spec=specs())
def test_an_order_whose_sums_are_right_leaves_nothing_unexplained(order: OrderSnapshot, spec: ProgramSpec) -> None:
    for rule in spec.earning:
        assert "other" not in [part.code for part in count_basis(order, rule, spec).deductions]


@given(order=orders(strange=True), spec=specs(), kind=st.sampled_from(ActivityKind), guest=st.booleans())
def test_deciding_raises_nothing_but_a_missing_rate_and_says_the_same_twice(
    order: OrderSnapshot, spec: ProgramSpec, kind: ActivityKind, guest: bool
) -> None:
    program, standing = program_of(spec), Standing(member_id=MEMBER_ID, joined=not guest)
    activity = OrderActivity(
        kind=kind, occurred_at=order.as_of, order=order, order_id=order_id_of("O1"), store="falcon"
    )
    try:
        decision = decide(program, standing, activity)
    except MissingRate:
        assert order.rate is None
        assert order.currency not in spec.rates
        return

    assert decide(program, standing, activity) == decision
    keys = [journal.key for journal in decision.journals]
    assert len(set(keys)) == len(keys)
    assert len({journal.id for journal in decision.journals}) == len(keys)


@given(data=st.data())
def test_seeing_again_what_was_kept_says_nothing(data: st.DataObject) -> None:
    kept: OrderSnapshot | None = None
    for seen in data.draw(lives("O1")):
        try:
            kept, _ = compare(kept, seen, order_id=order_id_of("O1"), store="falcon")
        except NotYet:
            continue
        again, activities = compare(kept, seen, order_id=order_id_of("O1"), store="falcon")
        assert again is kept
        assert activities == ()


@st.composite
def lots(make: st.DrawFn, number: int) -> Lot:
    remaining = make(st.integers(0, 50))
    return Lot(
        id=order_id_of(f"lot{number}"),
        member_id=MEMBER_ID,
        unit="points",
        rule="orders",
        version=1,
        granted=50,
        remaining=remaining,
        pocket=make(st.sampled_from([Account.AVAILABLE, Account.AVAILABLE, Account.PENDING, Account.CLAIMABLE])),
        occurred_at=START + timedelta(days=make(st.integers(0, 3))),
        expires_at=make(st.none() | st.integers(-2, 5).map(lambda days: START + timedelta(days=days))),
    )


@given(data=st.data(), asked=st.integers(1, 200))
def test_a_draw_takes_exactly_what_was_asked_or_nothing_and_the_soonest_first(data: st.DataObject, asked: int) -> None:
    held = [data.draw(lots(number)) for number in range(data.draw(st.integers(0, 6)))]
    usable = {lot.id: lot for lot in held if is_usable(lot, at=START)}
    available = sum(lot.remaining for lot in usable.values())
    if asked > available:
        with pytest.raises(NotEnough) as refused:
            draw(held, asked, at=START)
        assert (refused.value.asked, refused.value.available) == (asked, available)
        return

    draws = draw(held, asked, at=START)

    assert sum(drawn.amount for drawn in draws) == asked
    # All but the last are emptied, and no lot that is left over expires sooner than one that was drawn on.
    assert all(drawn.amount == usable[drawn.lot_id].remaining for drawn in draws[:-1])
    never = datetime.max.replace(tzinfo=START.tzinfo)
    drawn_on = [usable[drawn.lot_id].expires_at or never for drawn in draws]
    untouched = [lot.expires_at or never for lot in usable.values() if lot.id not in {d.lot_id for d in draws}]
    assert drawn_on == sorted(drawn_on)
    assert all(drawn_on[-1] <= later for later in untouched)


@given(order=orders(strange=True), spec=specs())
def test_a_rule_explains_what_it_grants(order: OrderSnapshot, spec: ProgramSpec) -> None:
    activity = OrderActivity(
        kind=ActivityKind.PAID, occurred_at=order.as_of, order=order, order_id=order_id_of("O1"), store="falcon"
    )
    program = program_of(spec)
    for rule in spec.earning:
        try:
            weighed = weigh_activity(program, program.numbered(1), rule, activity, UNKNOWN)
        except MissingRate:
            return
        own = [miss for miss in weighed.misses if miss.accelerator is None]
        assert (weighed.why is None) == (own != [])
        why = weighed.why
        units, returned = granted(spec, order, rule)
        assert (why.units if why else 0) == units
        if why is None:
            continue
        assert weighed.returned == returned
        if why.accelerations:
            assert why.base_units is not None
            assert why.base_units + sum(step.units for step in why.accelerations) - why.capped == units
        event(f"{len(why.accelerations)} accelerators" + (", capped" if why.capped else ""))
