"""What others have to make for a reward: done once, and what fails costs the member nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.partners import partner_document
from tests.world import World, order, spec_document
from wafa.connectors.contract import CannotReach, StoreFacts, StoreRefused
from wafa.connectors.stores.direct import Direct
from wafa.connectors.vouchers import StoreVoucher, VoucherWriter
from wafa.core.books import Balance
from wafa.core.spec import ProgramSpec, Reward, read_spec
from wafa.flows.redeem_rewards import Had
from wafa.jobs.fulfil import FULFILMENTS
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.store_vouchers import Promise, store_voucher
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command, CommandState
from wafa.relay.operations import finish_command, take_commands
from wafa.rewards.redemptions import Kept

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BEANS_OFF = {
    "id": "off",
    "name": {"en": "Off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
    "cost": {"kind": "fixed", "unit": "points", "units": 100},
    "minimum_minor": 2_000,
    "scope": {"include": {"products": ["beans"]}},
}


class FakeStore:
    """A store that keeps the discounts it is told to make, or fails as it is told to."""

    def __init__(self) -> None:
        self.vouchers: dict[str, StoreVoucher] = {}
        self.used: set[str] = set()
        self.fault: Exception | None = None

    def write_voucher(self, voucher: StoreVoucher) -> None:
        self._fail()
        self.vouchers[voucher.code] = voucher

    def revoke_voucher(self, voucher: StoreVoucher) -> bool:
        self._fail()
        self.vouchers.pop(voucher.code, None)
        return voucher.code not in self.used

    def check_access(self) -> None:
        self._fail()

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    made = FakeStore()

    def writer(_: Direct, facts: StoreFacts) -> VoucherWriter:
        assert facts.code == "main"
        return made

    monkeypatch.setattr(Direct, "voucher_writer", writer)
    return made


def world_of(reward: Mapping[str, Any] = BEANS_OFF) -> World:
    world = World(spec_document(rewards=[reward]))
    world.take(order("O1", 30_000))
    return world


def redeemed(world: World) -> Any:
    answer = world.ask("c1", world_reward(world), key="R1", at=NOW)
    assert isinstance(answer, Had), answer
    return answer.redemption.id


def world_reward(world: World) -> str:
    from wafa.programs.queries import get_program_rules

    with program_transaction(world.program_id):
        return get_program_rules(world.program_id).versions[0].spec.rewards[0].id


def state(world: World, one: Any) -> tuple[str, str]:
    kept = world.redemption(one)
    return kept.state, kept.fulfilment


def due_now(world: World) -> None:
    with program_transaction(world.program_id):
        Command.objects.filter(program_id=world.program_id, pending=True).update(
            next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)
        )


def test_a_store_makes_the_discount_and_takes_it_out_before_units_go_back(store: FakeStore) -> None:
    world = world_of()
    one = redeemed(world)
    assert state(world, one) == ("issued", "pending")
    run_program_outbox(world.program_id)
    assert state(world, one) == ("issued", "done")
    code = world.code(one)
    assert store.vouchers[code] == StoreVoucher(
        id=one,
        code=code,
        kind="amount_off",
        minor=500,
        minimum_minor=2_000,
        products=("beans",),
        email="c1@example.com",
    )

    world.give_back(one, "cancelled", at=NOW)
    assert state(world, one) == ("issued", "revoking")
    assert world.balance("c1").redeemed == 100
    run_program_outbox(world.program_id)
    assert (state(world, one), store.vouchers) == (("cancelled", "none"), {})
    assert world.balance("c1") == Balance(available=300, issued=300)
    assert world.differences() == []


def test_a_discount_that_was_used_meanwhile_is_not_given_back(store: FakeStore) -> None:
    world = world_of()
    one = redeemed(world)
    run_program_outbox(world.program_id)
    store.used.add(world.code(one))
    world.give_back(one, "cancelled", at=NOW)
    run_program_outbox(world.program_id)
    assert state(world, one)[0] == "used"
    assert world.balance("c1").redeemed == 100


def test_what_a_store_refuses_costs_nothing(store: FakeStore) -> None:
    world = world_of()
    one = redeemed(world)
    store.fault = StoreRefused("401")
    run_program_outbox(world.program_id)
    assert (state(world, one), world.redemption(one).reason) == (("failed", "none"), "failed")
    assert world.balance("c1") == Balance(available=300, issued=300)
    assert world.differences() == []


def test_a_store_that_never_answers_costs_nothing(store: FakeStore) -> None:
    world = world_of()
    one = redeemed(world)
    store.fault = CannotReach("no answer")
    for _ in range(100):
        due_now(world)
        run_program_outbox(world.program_id)
        if state(world, one)[0] == "failed":
            break
        assert world.balance("c1").redeemed == 100
    assert state(world, one)[0] == "failed"
    assert world.balance("c1") == Balance(available=300, issued=300)


def test_a_discount_that_a_store_keeps_stays_the_members(store: FakeStore) -> None:
    world = world_of()
    one = redeemed(world)
    run_program_outbox(world.program_id)
    store.fault = StoreRefused("403")
    world.give_back(one, "cancelled", at=NOW)
    run_program_outbox(world.program_id)
    assert state(world, one) == ("issued", "done")
    # The member asks again, and this time the store does it.
    store.fault = None
    world.give_back(one, "cancelled", at=NOW + timedelta(days=1))
    run_program_outbox(world.program_id)
    assert state(world, one)[0] == "cancelled"


def test_a_custom_reward_without_its_endpoint_fails_and_costs_nothing() -> None:
    world = world_of({**BEANS_OFF, "gives": {"kind": "custom", "url": "https://example.com/rewards"}, "scope": {}})
    one = redeemed(world)
    assert state(world, one) == ("issued", "pending")
    run_program_outbox(world.program_id)
    assert state(world, one)[0] == "failed"
    assert world.balance("c1") == Balance(available=300, issued=300)
    with program_transaction(world.program_id):
        parked = Command.objects.filter(program_id=world.program_id, state=CommandState.PARKED)
        assert [command.kind for command in parked] == ["call_endpoint"]


def test_what_is_given_back_while_a_store_makes_it_is_taken_out_of_it(store: FakeStore) -> None:
    """The revoking worker found nothing yet, and the discount came to be just after it had looked."""
    world = world_of()
    one = redeemed(world)
    write = store.write_voucher

    def make_slowly(voucher: StoreVoucher) -> None:
        world.give_back(one, "cancelled", at=NOW)
        revoke_elsewhere(world)
        write(voucher)

    store.write_voucher = make_slowly  # type: ignore[method-assign]
    run_program_outbox(world.program_id)
    assert (state(world, one), store.vouchers) == (("cancelled", "none"), {})
    assert world.balance("c1") == Balance(available=300, issued=300)
    assert world.differences() == []


def revoke_elsewhere(world: World) -> None:
    """Another worker carries out the revoking meanwhile."""
    with program_transaction(world.program_id):
        (revoke,) = take_commands(world.program_id, limit=10, at=datetime.now(UTC))
    FULFILMENTS[revoke.kind](world.program_id, revoke)
    with program_transaction(world.program_id):
        finish_command(world.program_id, revoke, at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scope": {"include": {"products": ["18"], "variants": ["23"]}}}, {"products": ("18", "23")}),
        (
            {"scope": {"exclude": {"products": ["19"]}, "sale_items": "never"}},
            {"excluded": ("19",), "sale_items": False},
        ),
        ({"scope": {"stores": ["main"]}}, {}),
        ({"combines": "none"}, {"combines": False}),
        ({"combines": ["off"]}, {"combines": False}),
        ({"scope": {"stores": ["elsewhere"]}}, None),
        ({"scope": {"include": {"tags": ["sale"]}}}, None),
        ({"scope": {"exclude": {"categories": ["cups"]}}}, None),
        ({"scope": {"include": {}}}, None),
        ({"scope": {"sale_items": "only"}}, None),
        ({"scope": {"price": {"below_minor": 5_000}}}, None),
        ({"scope": {"channels": ["pos"]}}, None),
        ({"conditions": [{"kind": "minimum_quantity", "pieces": 2}]}, None),
        ({"conditions": [{"kind": "tier", "tiers": ["gold"]}]}, {}),
    ],
)
def test_a_store_is_told_what_it_can_keep_to(changes: Mapping[str, Any], told: Mapping[str, Any] | None) -> None:
    reward = Reward.model_validate({**BEANS_OFF, "scope": {}, "minimum_minor": 0, **changes})
    voucher = store_voucher(promise_of(reward), StoreFacts(code="main", currency="SAR"))
    if told is None:
        assert voucher is None
    else:
        plain = StoreVoucher(id=UUID(int=1), code="C", kind="amount_off", minor=500)
        assert voucher == replace(plain, **told)


def promise_of(reward: Reward) -> Promise:
    redemption = Kept(
        id=UUID(int=1),
        member_id=UUID(int=2),
        key="R1",
        reward=reward.id,
        version=1,
        unit="points",
        units=100,
        choice="",
        state="issued",
        fulfilment="pending",
        source="api",
        by="",
        note="",
        reason="",
        due_at=None,
        created_at=NOW,
        changed_at=NOW,
    )
    spec = ProgramSpec.model_validate(spec_document())
    return Promise(redemption=redemption, reward=reward, spec=spec, code="C", valid_until=None, email=None)


@pytest.mark.parametrize(("place", "has"), [("main", "off"), ("oasis", "book")])
def test_a_store_is_told_of_rewards_that_are_used_there(place: str, has: str) -> None:
    own, theirs = {**BEANS_OFF, "scope": {}}, {**BEANS_OFF, "scope": {}, "id": "book", "partner": "oasis"}
    spec = read_spec(partner_document(rewards=[own, theirs]))
    store = StoreFacts(code=place, currency="SAR")
    promised = [replace(promise_of(reward), spec=spec) for reward in spec.rewards]
    assert [promise.reward.id for promise in promised if store_voucher(promise, store)] == [has]


def test_what_no_store_of_the_partner_makes_is_there_at_once(store: FakeStore) -> None:
    """The store of the program makes discounts, but not those of the partner, who asks about the code."""
    theirs = {**BEANS_OFF, "scope": {}, "id": "book", "partner": "oasis"}
    world = World(partner_document(rewards=[theirs]))
    world.take(order("O1", 30_000))
    had = world.ask("c1", "book", key="B1", at=NOW)
    assert isinstance(had, Had)
    assert (had.redemption.state, had.redemption.fulfilment) == ("issued", "none")
    assert store.vouchers == {}
