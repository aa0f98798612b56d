"""Codes of campaigns in a WooCommerce store: made once it begins, bound to whom they were handed, taken out again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from tests.world import World, order, spec_document
from wafa.connectors.contract import StoreFacts
from wafa.connectors.vouchers import StoreVoucher
from wafa.core.snapshots import OrderStatus
from wafa.core.spec import Campaign, ProgramSpec
from wafa.coupons.codes import add_codes, find_codes
from wafa.coupons.models import Use
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.jobs.cli import coupon
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.store_vouchers import CouponPromise, store_coupon
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
EID: dict[str, Any] = {
    "id": "eid",
    "name": {"en": "Eid"},
    "gives": {"kind": "percent_off", "basis_points": 1_000},
    "codes": {"kind": "shared", "code": "EID-26"},
    "limits": {"member": 1, "campaign": 500},
    "stacking": "exclusive",
}
SORRY: dict[str, Any] = {
    "id": "sorry",
    "name": {"en": "Sorry"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 1_500}},
    "codes": {"kind": "unique", "prefix": "SORRY"},
    "limits": {"member": 3},
    "valid_days": 10,
}


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop


@pytest.fixture
def world(shop: FakeWooCommerce) -> World:
    world = World(spec_document(coupons={"campaigns": [EID, SORRY]}))
    keys = {"consumer_key": KEY, "consumer_secret": SECRET}
    world.connect("web", connector="woocommerce", url=shop.url, credentials=keys)
    world.take(order("O1", 10_000))
    return world


def invoke(world: World, *arguments: str) -> Result:
    verb, *rest = arguments
    return CliRunner().invoke(coupon.command, [verb, get_program(world.program_id).slug, *rest])


def test_a_shared_code_is_made_for_everyone_and_taken_out_though_it_was_used(
    world: World, shop: FakeWooCommerce
) -> None:
    result = invoke(world, "write", "eid")
    assert result.output == "The stores are asked to make 1 codes; the outbox shows what they answer.\n"
    for _ in range(2):
        run_program_outbox(world.program_id)
        (made,) = shop.coupons.kept.values()
        assert (made["code"], made["discount_type"], made["amount"]) == ("eid-26", "percent", "10.00")
        assert (made["usage_limit"], made["usage_limit_per_user"], made["email_restrictions"]) == (500, 1, [])
        assert (made["individual_use"], made["date_expires_gmt"]) == (True, None)
        assert invoke(world, "write", "eid").exit_code == 0
    made["usage_count"] = 7
    assert invoke(world, "take-out", "eid").exit_code == 0
    run_program_outbox(world.program_id)
    assert shop.coupons.kept == {}


def test_a_code_that_is_handed_out_is_made_for_its_member_alone(world: World, shop: FakeWooCommerce) -> None:
    at = datetime.now(UTC)
    ask = HandOut(key="k", member_id=world.member("c1"), campaign="sorry", source="staff")
    with program_transaction(world.program_id):
        (answer,) = hand_out_coupons(world.program_id, [ask], at=at)
        assert hand_out_coupons(world.program_id, [ask], at=at)
    assert isinstance(answer, HandedOut)
    run_program_outbox(world.program_id)
    (made,) = shop.coupons.kept.values()
    assert made["code"] == answer.code.lower()
    assert (made["amount"], made["usage_limit"], made["email_restrictions"]) == ("15.00", 1, ["c1@example.com"])
    assert answer.valid_until is not None
    assert made["date_expires_gmt"] == answer.valid_until.strftime("%Y-%m-%dT%H:%M:%S")
    # One that was used stays: the store, too, lets nobody use it again.
    made["usage_count"] = 1
    assert invoke(world, "take-out", "sorry").exit_code == 0
    run_program_outbox(world.program_id)
    assert list(shop.coupons.kept.values()) == [made]


def test_a_code_that_is_used_up_in_one_store_goes_out_of_the_other_until_it_is_free_again(
    world: World, shop: FakeWooCommerce
) -> None:
    with FakeWooCommerce() as other:
        keys = {"consumer_key": KEY, "consumer_secret": SECRET}
        world.connect("second", connector="woocommerce", url=other.url, credentials=keys)
        ask = HandOut(key="k", member_id=world.member("c1"), campaign="sorry", source="staff")
        at = datetime.now(UTC) - timedelta(hours=1)
        with program_transaction(world.program_id):
            (answer,) = hand_out_coupons(world.program_id, [ask], at=at)
        assert isinstance(answer, HandedOut)
        run_program_outbox(world.program_id)
        assert codes_in(shop) == codes_in(other) == [answer.code.lower()]

        ordered = order("W1", 10_000, coupon_codes=(answer.code.lower(),), placed_at=at, paid_at=None, as_of=at)
        for _ in range(2):
            world.take(ordered, store="web", at=at)
            run_program_outbox(world.program_id)
            assert (codes_in(shop), codes_in(other)) == ([answer.code.lower()], [])
        cancelled = replace(ordered, status=OrderStatus.CANCELLED, as_of=at + timedelta(minutes=1))
        world.take(cancelled, store="web", at=at + timedelta(minutes=1))
        run_program_outbox(world.program_id)
        assert codes_in(shop) == codes_in(other) == [answer.code.lower()]


def test_a_shared_code_in_two_stores_is_counted_by_each_and_what_is_too_much_by_us(shop: FakeWooCommerce) -> None:
    shared = {**EID, "limits": {"campaign": 2}}
    world = World(spec_document(coupons={"campaigns": [shared]}))
    keys, at = {"consumer_key": KEY, "consumer_secret": SECRET}, datetime.now(UTC) - timedelta(hours=1)
    with FakeWooCommerce() as other:
        for code, one in (("web", shop), ("second", other)):
            world.connect(code, connector="woocommerce", url=one.url, credentials=keys)
        assert invoke(world, "write", "eid").output.splitlines()[1:] == [
            "2 stores count this code, each by itself: together they can go beyond its limits."
        ]
        run_program_outbox(world.program_id)
        assert [made["usage_limit"] for one in (shop, other) for made in one.coupons.kept.values()] == [2, 2]
        for place, store in enumerate(("web", "second", "second"), start=1):
            told = order(f"W{place}", 10_000, coupon_codes=("eid-26",), placed_at=at, paid_at=at, as_of=at)
            world.take(told, store=store, at=at)
        run_program_outbox(world.program_id)
        with program_transaction(world.program_id):
            uses = Use.objects.filter(program_id=world.program_id).order_by("used_on")
            told_of = list(uses.values_list("used_on", "beyond"))
        assert told_of == [("second:W2", ""), ("second:W3", "sold_out"), ("web:W1", "")]
        assert codes_in(shop) == codes_in(other) == ["eid-26"]

        assert invoke(world, "take-out", "eid").exit_code == 0
        run_program_outbox(world.program_id)
        assert codes_in(shop) == codes_in(other) == []


def test_a_code_that_no_store_was_asked_to_know_is_written_nowhere(world: World, shop: FakeWooCommerce) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    with program_transaction(world.program_id):
        add_codes(world.program_id, "sorry", ["SORRY-IMPORTED"], at=at)
    ordered = order("W1", 10_000, coupon_codes=("SORRY-IMPORTED",), placed_at=at, as_of=at)
    world.take(ordered, at=at)
    world.take(replace(ordered, status=OrderStatus.CANCELLED, as_of=at + timedelta(minutes=1)), at=at)
    with program_transaction(world.program_id):
        assert not Command.objects.filter(program_id=world.program_id).exists()
    assert shop.coupons.kept == {}


def codes_in(shop: FakeWooCommerce) -> list[str]:
    return [one["code"] for one in shop.coupons.kept.values()]


def test_unique_codes_are_made_one_by_one(world: World, shop: FakeWooCommerce) -> None:
    world.publish(spec_document(coupons={"campaigns": [SORRY | {"limits": {"code": 2}}]}), at=datetime.now(UTC) - DAY)
    assert invoke(world, "generate-codes", "sorry", "3").exit_code == 0
    assert "make 3 codes" in invoke(world, "write", "sorry").output
    run_program_outbox(world.program_id)
    assert [one["usage_limit"] for one in shop.coupons.kept.values()] == [2, 2, 2]
    with program_transaction(world.program_id):
        ids = [UUID(one["meta_data"][0]["value"]) for one in shop.coupons.kept.values()]
        known = find_codes(world.program_id, ids)
    assert {one.code.lower() for one in known.values()} == {one["code"] for one in shop.coupons.kept.values()}


def test_it_is_made_once_it_begins(world: World, shop: FakeWooCommerce) -> None:
    begins = datetime.now(UTC) + 30 * DAY
    schedule = {"since": f"{begins:%Y-%m-%d}", "until": f"{begins + DAY:%Y-%m-%d}"}
    world.publish(spec_document(coupons={"campaigns": [EID | {"schedule": schedule}]}), at=datetime.now(UTC) - DAY)
    assert invoke(world, "write", "eid").exit_code == 0
    run_program_outbox(world.program_id)
    assert shop.coupons.kept == {}
    with program_transaction(world.program_id):
        waiting = Command.objects.get(program_id=world.program_id, kind="write_coupon", pending=True)
        # Midnight in Riyadh.
        assert waiting.next_attempt_at == datetime(begins.year, begins.month, begins.day, tzinfo=UTC) - timedelta(
            hours=3
        )
        Command.objects.filter(program_id=world.program_id).update(next_attempt_at=datetime.now(UTC))
    run_program_outbox(world.program_id)
    (made,) = shop.coupons.kept.values()
    after = begins + 2 * DAY
    assert made["date_expires_gmt"] == f"{after - DAY:%Y-%m-%d}T21:00:00"


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        ("none", "has no campaign 'none'"),
        ("sorry", "has no code that a store could be told"),
        ("late", "is over, or open by hours and weekdays"),
        ("weekly", "is over, or open by hours and weekdays"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_promised(world: World, campaign: str, said: str) -> None:
    late = EID | {"id": "late", "codes": {"kind": "shared", "code": "LATE"}, "schedule": {"until": "2026-01-02"}}
    weekly = EID | {"id": "weekly", "codes": {"kind": "shared", "code": "WEEK"}, "schedule": {"weekdays": ["fri"]}}
    world.publish(spec_document(coupons={"campaigns": [SORRY, late, weekly]}), at=datetime.now(UTC) - DAY)
    result = invoke(world, "write", campaign)
    assert result.exit_code == 1
    assert said in result.output
    with program_transaction(world.program_id):
        assert not Command.objects.filter(program_id=world.program_id).exists()


@pytest.mark.parametrize(
    ("changes", "is_handed_out", "told"),
    [
        ({}, False, {"uses": 500, "uses_each": 1}),
        ({"stacking": "joint"}, False, {"uses": 500, "uses_each": 1, "combines": True}),
        ({"limits": {}}, False, {"uses": None, "uses_each": None}),
        ({"limits": {"budget_minor": 100}}, False, None),
        ({"conditions": [{"kind": "nth_order", "numbers": [1]}]}, False, None),
        ({"scope": {"include": {"tags": ["sale"]}}}, False, None),
        ({"gives": {"kind": "units", "unit": "points", "units": 5}}, False, None),
        ({"gives": {"kind": "amount_off", "minor": {"KWD": 5}}}, False, None),
        ({"codes": {"kind": "unique"}, "limits": {"code": 2}}, False, {"uses": 2, "uses_each": 2}),
        ({"codes": {"kind": "unique"}, "limits": {"member": 1}}, False, None),
        ({"codes": {"kind": "unique"}, "limits": {"member": 1}}, True, {"uses": 1, "uses_each": 1}),
        ({"codes": {"kind": "unique"}, "limits": {"campaign": 9}}, True, None),
    ],
)
def test_a_store_is_told_what_it_can_keep_to(
    changes: dict[str, Any], is_handed_out: bool, told: dict[str, Any] | None
) -> None:
    campaign = Campaign.model_validate(EID | changes)
    spec = ProgramSpec.model_validate(spec_document())
    promise = CouponPromise(id=new_id(), campaign=campaign, spec=spec, code="C", is_handed_out=is_handed_out)
    voucher = store_coupon(promise, StoreFacts(code="web", currency="SAR"))
    if told is None:
        assert voucher is None
        return
    plain = StoreVoucher(id=promise.id, code="C", kind="percent_off", basis_points=1_000, combines=False)
    assert voucher == replace(plain, **told)
