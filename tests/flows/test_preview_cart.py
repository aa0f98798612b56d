"""What a cart would earn, where more decides than the cart itself."""

from datetime import timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document
from wafa.core.preview import Preview
from wafa.flows.preview_cart import preview_cart
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules

pytestmark = pytest.mark.django_db(transaction=True)

LATER = BEGAN + timedelta(days=2)


def previewed(world: World, total_minor: int, *, customer: str = "c1") -> Preview:
    with program_transaction(world.program_id):
        rules = get_program_rules(world.program_id)
        cart = order("cart", total_minor, customer=customer)
        return preview_cart(world.program_id, rules, cart, store="main", at=LATER)


def limited(**bounds: Any) -> World:
    return World(spec_document(earning=[spec_document()["earning"][0] | bounds]))


def misses(preview: Preview) -> list[tuple[str, str]]:
    return [(miss.reason, miss.part) for miss in preview.not_earned]


def test_what_a_member_s_limit_leaves_is_foretold() -> None:
    world = limited(limits=[{"per": "member", "units": 120}])
    world.take(order("O1", 10_000))

    assert [earned.units for earned in previewed(world, 5_000).earned] == [20]
    assert [earned.units for earned in previewed(world, 5_000, customer="c2").earned] == [50]
    world.take(order("O2", 5_000))
    assert misses(previewed(world, 5_000)) == [("limit_reached", "limits.0")]


def test_what_others_left_of_a_budget_is_foretold() -> None:
    world = limited(budget={"units": 120})
    world.take(order("O1", 10_000))

    assert [earned.units for earned in previewed(world, 5_000, customer="c2").earned] == [20]
    world.take(order("O2", 5_000))
    assert misses(previewed(world, 5_000, customer="c2")) == [("budget_spent", "budget")]


def test_a_cart_that_leads_to_a_tier_earns_what_its_rules_grant() -> None:
    gold = {
        "id": "gold",
        "name": {"en": "Gold"},
        "entry": {"orders": 1},
        "entry_reward": {"unit": "points", "units": 500},
    }
    world = World(spec_document(tiers={"ladder": [gold]}))
    world.take(order("O1", 100))

    foretold = previewed(world, 5_000, customer="c2")

    assert [(earned.rule, earned.units) for earned in foretold.earned] == [("base", 50)]


def test_a_new_account_is_known_by_what_its_cart_says() -> None:
    conditions = [{"kind": "days_since_joining", "at_most": 0}, {"kind": "details", "told": ["email"]}]
    world = limited(conditions=conditions)

    assert [earned.units for earned in previewed(world, 5_000).earned] == [50]
