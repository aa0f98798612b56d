"""What a cart would earn, where more decides than the cart itself."""

from datetime import timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.preview import Entered, Preview
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


def test_what_a_tier_brings_that_the_cart_leads_to_is_told_beside_what_the_cart_earns() -> None:
    mug: dict[str, Any] = {"id": "mug", "name": {"en": "A mug"}, "cost": {"kind": "free"}}
    mug["gives"] = {"kind": "free_product", "products": ["mug"]}
    ladder = [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 1}, "entry_reward": {"reward": "mug"}},
        {
            "id": "gold",
            "name": {"en": "Gold"},
            "entry": {"orders": 2},
            "entry_reward": {"unit": "points", "units": 500},
        },
    ]
    ten_days = unit(expiry={"kind": "after_days", "days": 10})
    world = World(spec_document(units=[ten_days], tiers={"ladder": ladder}, rewards=[mug]))
    world.take(order("O1", 100))

    to_gold = previewed(world, 5_000)
    to_silver = previewed(world, 5_000, customer="c2")
    with program_transaction(world.program_id):
        rules = get_program_rules(world.program_id)
        guest = preview_cart(
            world.program_id, rules, order("cart", 5_000, email="guest@example.com"), store="main", at=LATER
        )

    for foretold in (to_gold, to_silver, guest):
        assert [(earned.rule, earned.units) for earned in foretold.earned] == [("base", 50)]
    ends = LATER + timedelta(days=10)
    assert to_gold.entered == (Entered(tier="gold", version=1, unit="points", units=500, expires_at=ends),)
    assert to_silver.entered == (Entered(tier="silver", version=1, reward="mug"),)
    assert guest.entered == ()
    world.take(order("O2", 5_000, day=2))
    assert previewed(world, 5_000).entered == ()
    assert world.balance("c1").issued == 1 + 50 + 500


def test_a_new_account_is_known_by_what_its_cart_says() -> None:
    conditions = [{"kind": "days_since_joining", "at_most": 0}, {"kind": "details", "told": ["email"]}]
    world = limited(conditions=conditions)

    assert [earned.units for earned in previewed(world, 5_000).earned] == [50]
