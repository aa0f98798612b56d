"""Everything that can happen to members' books, in any order, on the database: the laws hold after every step.

Three people and a guest buy in the program's store and in a partner's, and do whatever there is a flow for.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, multiple, rule, run_state_machine_as_test
from msgspec.structs import replace

from tests.flows.machine import GUEST, NAMES, Machine
from tests.imports.histories import Histories
from tests.market import basket
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.referrals.record import Ruling
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
from wafa.flows.follow_advocate import CannotFollow, Follow, follow_advocate
from wafa.flows.give_goodwill import NotGiven, UnitsGiven, give_goodwill_units
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.merge_members import CannotMerge, merge_members, undo_merge
from wafa.flows.record_payments import Payment, record_payment
from wafa.flows.redeem_coupons import Checkout, Used, redeem_coupons
from wafa.flows.redeem_rewards import Had
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.flows.rule_referral import rule_referral
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.flows.take_units import NotTaken, Taking, take_from_member
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.operations import WrongState
from wafa.kit.transactions import program_transaction

AMOUNTS = st.integers(1, 30_000)
STORES = st.sampled_from(["main", "oasis"])
REWARDS = st.sampled_from(["coffee", "book", "cup", "money"])
PEOPLE = st.sampled_from(NAMES)
ANYBODY = st.sampled_from([*NAMES, "guest"])
CODES = st.sampled_from([(), ("HELLO",), ("OFF",), ("HELLO", "OFF")])


class AllOperations(Machine):
    """`redemptions` may be captured, given back or used, `checkouts` rolled back, `merges` and `imports` undone."""

    orders = Bundle("orders")
    redemptions = Bundle("redemptions")
    codes = Bundle("codes")
    checkouts = Bundle("checkouts")
    merges = Bundle("merges")
    imports = Bundle("imports")

    # ---- what stores tell

    @rule(target=orders, who=ANYBODY, minor=AMOUNTS, store=STORES, codes=CODES, brought_by=st.none() | PEOPLE)
    def pay(self, who: str, minor: int, store: str, codes: tuple[str, ...], brought_by: str | None) -> str:
        name = f"O{self.next()}"
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
            coupon_codes=codes,
            referral_code=self.friends_codes[brought_by] if brought_by else None,
        )
        self.tell(store, snapshot)
        return name

    @rule(name=orders, minor=AMOUNTS)
    def refund(self, name: str, minor: int) -> None:
        store, last = self.snapshots[name]
        refund = Refund(id=f"{name}-{self.next()}", at=self.now, amount_minor=minor)
        self.tell(store, replace(last, as_of=self.now, refunds=(*last.refunds, refund)))

    @rule(name=orders)
    def undo_refunds(self, name: str) -> None:
        store, last = self.snapshots[name]
        self.tell(store, replace(last, as_of=self.now, refunds=()))

    @rule(name=orders, minor=AMOUNTS)
    def edit(self, name: str, minor: int) -> None:
        store, last = self.snapshots[name]
        line = replace(last.lines[0], subtotal_minor=minor, total_minor=minor)
        self.tell(store, replace(last, as_of=self.now, lines=(line,), total_minor=minor))

    @rule(name=orders, status=st.sampled_from([OrderStatus.CANCELLED, OrderStatus.OPEN]))
    def cancel_or_reopen(self, name: str, status: OrderStatus) -> None:
        store, last = self.snapshots[name]
        self.tell(store, replace(last, as_of=self.now, status=status))

    @rule(name=orders)
    def delete(self, name: str) -> None:
        store, _ = self.snapshots[name]
        self.take(OrderDeletion(external_id=name, as_of=self.later()), store=store)

    @rule(name=orders)
    def tell_again(self, name: str) -> None:
        """A store says what it said last: nothing happens."""
        store, last = self.snapshots[name]
        before = self.state
        self.later()
        self.take(last, store=store)
        assert self.state == before

    @rule(who=PEOPLE, key=st.integers(1, 5))
    def review(self, who: str, key: int) -> None:
        activity = MemberActivity(kind="review", key=f"{who}-{key}", occurred_at=self.now, store="main", properties={})
        self.take(ActivityNotice(customer=CustomerRef(external_id=who), activity=activity))

    @rule()
    def guest_joins(self) -> None:
        person = CustomerRef(external_id="guest", email=str(GUEST.email))
        self.take(CustomerSnapshot(customer=person, created_at=self.now, as_of=self.later()))

    # ---- what members do

    @rule(target=redemptions, who=PEOPLE, what=REWARDS, hold=st.booleans())
    def redeem(self, who: str, what: str, hold: bool) -> Any:
        key, before = f"R{self.next()}", self.state
        answer = self.world.ask(who, what, key=key, at=self.now, hold=hold)
        if not isinstance(answer, Had):
            assert self.state == before, "a refusal changed the books"
            return multiple()
        after = self.state
        again = self.world.ask(who, what, key=key, at=self.now, hold=hold)
        assert isinstance(again, Had)
        assert (again.redemption.id, again.is_new) == (answer.redemption.id, False)
        assert self.state == after, "asked again by the same key, it was had twice"
        return answer.redemption.id

    @rule(redemption=redemptions)
    def capture(self, redemption: UUID) -> None:
        self.twice(lambda: self.world.capture(redemption, at=self.now))

    @rule(redemption=redemptions, cause=st.sampled_from(["released", "cancelled", "failed"]))
    def give_back(self, redemption: UUID, cause: Any) -> None:
        self.twice(lambda: self.world.give_back(redemption, cause, at=self.now))

    @rule(redemption=redemptions)
    def use(self, redemption: UUID) -> None:
        if self.world.redemption(redemption).state == "issued":
            self.twice(lambda: self.world.use(redemption, used_on="the till", at=self.now))

    @rule(pair=st.permutations(NAMES), units=st.integers(1, 200))
    def transfer(self, pair: list[str], units: int) -> None:
        key = f"T{self.next()}"
        self.twice(lambda: self.world.give(pair[0], pair[1], units, key=key, at=self.now))

    @rule(who=PEOPLE, units=st.sampled_from([40, 80, 120, 50]))
    def convert(self, who: str, units: int) -> None:
        key = f"C{self.next()}"

        def ask() -> None:
            one = ConversionAsk(key=key, member_id=self.world.member(who), conversion="to_credit", units=units)
            with program_transaction(self.world.program_id):
                convert_units(self.world.program_id, [one], at=self.now)

        self.twice(ask)

    @rule(pair=st.permutations(NAMES))
    def follow(self, pair: list[str]) -> None:
        """Somebody who is known opens the link of another."""
        follow = Follow(code=self.friends_codes[pair[0]], source="link", member_id=self.world.member(pair[1]))

        def open_link() -> None:
            with program_transaction(self.world.program_id):
                follow_advocate(self.world.program_id, follow, at=self.now)

        self.once(open_link, CannotFollow)

    @rule(target=checkouts, who=ANYBODY, codes=CODES | codes.map(lambda code: (code,)))
    def use_coupons(self, who: str, codes: tuple[str, ...]) -> Any:
        person = GUEST if who == "guest" else CustomerRef(external_id=who, email=f"{who}@example.com")
        checkout = Checkout(used_on=f"main:B{self.next()}", basket=basket(*codes, customer=person))
        before = self.state
        answers = []
        for _ in range(2):
            with program_transaction(self.world.program_id):
                answers += redeem_coupons(self.world.program_id, [checkout], at=self.now)
            if not isinstance(answers[0], Used):
                assert self.state == before, "a refusal changed something"
                return multiple()
        assert [answer.is_new for answer in answers if isinstance(answer, Used)] == [True, False]
        return checkout.used_on

    @rule(checkout=checkouts)
    def roll_back(self, checkout: str) -> None:
        def take_back() -> None:
            with program_transaction(self.world.program_id):
                roll_back_coupons(self.world.program_id, [checkout], at=self.now)

        self.twice(take_back)

    # ---- what staff do

    @rule(who=PEOPLE, units=st.integers(1, 60))
    def thank(self, who: str, units: int) -> None:
        """A correction in the books: units for a reason."""
        gift = UnitsGiven(
            key=f"G{self.next()}",
            member_id=self.world.member(who),
            units=units,
            role="manager",
            by="Layla",
            note="Late",
        )

        def give() -> None:
            with program_transaction(self.world.program_id):
                give_goodwill_units(self.world.program_id, gift, at=self.now)

        if self.once(give, NotGiven):
            after = self.state
            give()
            assert self.state == after, "the same gift was given twice"

    @rule(who=PEOPLE, units=st.integers(1, 90))
    def correct(self, who: str, units: int) -> None:
        """The other way of a correction."""
        taking = Taking(
            key=f"K{self.next()}",
            member_id=self.world.member(who),
            unit="points",
            units=units,
            role="owner",
            by="Layla",
            note="Given twice",
        )

        def take() -> None:
            with program_transaction(self.world.program_id):
                take_from_member(self.world.program_id, taking, at=self.now)

        if self.once(take, NotTaken):
            after = self.state
            take()
            assert self.state == after, "the same units were taken twice"

    @rule(target=codes, who=PEOPLE)
    def hand_out(self, who: str) -> Any:
        ask = HandOut(key=f"H{self.next()}", member_id=self.world.member(who), campaign="own", source="staff")
        with program_transaction(self.world.program_id):
            (answer,) = hand_out_coupons(self.world.program_id, [ask], at=self.now)
            assert isinstance(answer, HandedOut)
            return answer.code

    @rule(who=PEOPLE, lifts=st.booleans())
    def suspend(self, who: str, lifts: bool) -> None:
        member_id = self.world.member(who)

        def act() -> None:
            with program_transaction(self.world.program_id):
                if lifts:
                    lift_suspension(self.world.program_id, member_id, by="huda", at=self.now)
                else:
                    suspend_member(self.world.program_id, member_id, reason="A chargeback", by="huda", at=self.now)

        if self.once(act, CannotSuspend):
            assert not self.once(act, CannotSuspend)

    @rule(target=merges, pair=st.permutations([*NAMES, "guest"]))
    def merge(self, pair: list[str]) -> Any:
        survivor_id, absorbed_id = (self.find(who) for who in pair[:2])
        if survivor_id is None or absorbed_id is None:
            return multiple()

        def put_together() -> None:
            with program_transaction(self.world.program_id):
                merge_members(
                    self.world.program_id,
                    survivor_id=survivor_id,
                    absorbed_id=absorbed_id,
                    reason="one person",
                    by="huda",
                    at=self.later(),
                )

        if not self.once(put_together, CannotMerge):
            return multiple()
        assert not self.once(put_together, CannotMerge)
        return absorbed_id

    @rule(absorbed_id=merges)
    def undo_merge(self, absorbed_id: UUID) -> None:
        def part() -> None:
            with program_transaction(self.world.program_id):
                undo_merge(self.world.program_id, absorbed_id, by="huda", at=self.later())

        if self.once(part, CannotMerge):
            assert not self.once(part, CannotMerge)

    @rule(who=ANYBODY, ruling=st.sampled_from(["approve", "block"]))
    def rule_on(self, who: str, ruling: Ruling) -> None:
        """Staff decides about whoever brought somebody."""
        found = self.world.referral(f"{who}@example.com")
        if found is not None:
            self.twice(lambda: self._rule(found.id, ruling))

    def _rule(self, referral_id: UUID, ruling: Ruling) -> None:
        with program_transaction(self.world.program_id):
            rule_referral(self.world.program_id, referral_id, ruling, by="huda", note="looked at", at=self.now)

    # ---- what is brought in from elsewhere

    @rule(target=imports, who=PEOPLE, units=st.integers(1, 300))
    def bring_balance(self, who: str, units: int) -> UUID:
        text = f"email,points\n{who}@example.com,{units}\n"
        return Histories(self.world).bring(text, at=self.later()).id

    @rule(target=imports, who=PEOPLE, hundreds=st.integers(1, 300), store=STORES)
    def bring_order(self, who: str, hundreds: int, store: str) -> UUID:
        """An order of before that earns, as the program in force then said."""
        paid = f"{self.now - timedelta(hours=20):%Y-%m-%d}"
        text = f"order,email,paid_at,total\nH{self.next()},{who}@example.com,{paid},{hundreds}.00\n"
        histories = Histories(self.world, store_id=self.world.stores[store])
        return histories.bring(text, "orders", earn="by_program", at=self.later()).id

    @rule(brought=consumes(imports), when_used=st.sampled_from(["refuse", "debt", "forgive"]))
    def undo_import(self, brought: UUID, when_used: Any) -> Any:
        histories, before = Histories(self.world), self.state
        try:
            histories.undo(brought, when_used=when_used, at=self.later())
        except UsedMeanwhile:
            assert when_used == "refuse"
            assert self.state == before, "a refusal changed the books"
            return
        after = self.state
        with pytest.raises(WrongState):
            histories.undo(brought, when_used=when_used, at=self.later())
        assert self.state == after

    # ---- what the clock and partners do

    @rule(hours=st.sampled_from([1, 24 * 7, 24 * 14, 24 * 45]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def turn_clock(self) -> None:
        self.twice(lambda: self.world.turn_clock(self.now))

    @rule(minor=st.integers(1, 500), payer=st.sampled_from(["partner", "program"]))
    def settle(self, minor: int, payer: Any) -> None:
        reference = f"P{self.next()}"
        payment = Payment(partner="oasis", payer=payer, amount_minor=minor, reference=reference, paid_at=self.now)

        def pay() -> None:
            with program_transaction(self.world.program_id):
                record_payment(self.world.program_id, payment, at=self.now)

        self.twice(pay)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_laws_hold_after_every_step() -> None:
    run_state_machine_as_test(AllOperations, settings=settings(max_examples=25, stateful_step_count=30))
