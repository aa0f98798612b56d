"""What is said of an order before it is paid for, and long after, is what the books have: through the real flows."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import event, given
from msgspec.structs import replace

from tests.core.histories import Happening, histories
from tests.core.programs import programs
from tests.examples import examples
from tests.flows.living import ENDED, begin, live_through
from wafa.core.preview import Entered, Preview
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ProgramSpec
from wafa.core.why import AccrualWhy, TierEntryWhy
from wafa.flows.give_entry_rewards import load_entry_gifts
from wafa.flows.preview_cart import preview_cart
from wafa.flows.take_facts import Outcome
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.reports.explained import explain_order

pytestmark = pytest.mark.django_db(transaction=True)


def units_of(entered: Entered) -> tuple[object, ...]:
    """The units that entering a tier is said to bring; nothing where it brings a reward."""
    if entered.unit is None:
        return ()
    return (entered.tier, entered.unit, entered.units, entered.matures_at, entered.expires_at)


@pytest.mark.slow
@examples(12)
@given(spec=programs(), history=histories())
def test_previews_and_explanations_equal_what_is_booked(spec: ProgramSpec, history: list[Happening]) -> None:
    world = begin(spec)
    foretold: dict[str, Preview] = {}
    had: dict[str, Counter[tuple[str, str | None]]] = {}
    orders: dict[UUID, UUID] = {}

    def gifts(member_id: UUID) -> Counter[tuple[str, str | None]]:
        with program_transaction(world.program_id):
            rules = get_program_rules(world.program_id)
            given = load_entry_gifts(world.program_id, rules, [member_id], lock=False).get(member_id, ())
        return Counter((gift.tier, gift.reward) for gift in given)

    def preview(told: Happening) -> None:
        if any(seen.email == told.email for seen in passed):
            had[told.email] = gifts(world.member(told.email))
        order = told.fact
        # Nobody is told what a guest did, by whatever e-mail they name: only the first order of one is foretold.
        if not isinstance(order, OrderSnapshot) or order.external_id in foretold:
            return
        if order.customer and order.customer.external_id is None and any(seen.email == told.email for seen in passed):
            return
        cart = replace(order, paid_at=None, external_id="cart", number="")
        with program_transaction(world.program_id):
            rules = get_program_rules(world.program_id)
            foretold[order.external_id] = preview_cart(world.program_id, rules, cart, store="falcon", at=told.at)

    def compare(told: Happening, outcome: Outcome) -> None:
        passed.append(told)
        if isinstance(told.fact, OrderSnapshot) and outcome.member_id is not None:
            orders.update((activity.cause_id, outcome.member_id) for activity in outcome.activities)
            if told.fact.as_of == told.fact.paid_at and told.fact.external_id in foretold:
                booked = [j for j in outcome.journals if j.lots and isinstance(j.why, AccrualWhy)]
                said = foretold[told.fact.external_id].earned
                assert [(each.rule, each.unit, each.units) for each in said] == [
                    (lot.rule, lot.unit, lot.granted) for journal in booked for lot in journal.lots
                ]
                assert [each.why for each in said] == [replace(journal.why, order="cart") for journal in booked]
                entered = foretold[told.fact.external_id].entered
                event(f"{len(entered)} entries foretold")
                assert [given for given in map(units_of, entered) if given] == [
                    (journal.why.tier, lot.unit, lot.granted, lot.matures_at, lot.expires_at)
                    for journal in outcome.journals
                    if isinstance(journal.why, TierEntryWhy)
                    for lot in journal.lots
                ]
                given = gifts(outcome.member_id) - had.get(told.email, Counter())
                assert Counter((each.tier, each.reward) for each in entered if each.reward) == given

    passed: list[Happening] = []
    live_through(world, history, before=preview, after=compare)
    event(f"{len(orders)} orders")
    with program_transaction(world.program_id):
        rules = get_program_rules(world.program_id)
        for order_id, member_id in orders.items():
            told, booked = explain_order(world.program_id, rules, member_id=member_id, order_id=order_id, at=ENDED)
            assert told.refused == ""
            kept = {(rule.rule, rule.unit): rule.kept for rule in told.rules if rule.kept}
            assert kept == {key: units for key, units in booked.items() if units}
