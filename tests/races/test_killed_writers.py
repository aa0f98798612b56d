"""Workers that write vouchers into a WooCommerce store are killed, again and again, wherever they may be.

Before the store did it, and after it did it and before we heard so. In the end each voucher is in the store once or
not at all, and each unit is spent on one that is there, or back in its lot.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce, Silence
from tests.world import BEGAN, World, order, spec_document
from wafa.core.books import Balance
from wafa.flows.redeem_rewards import Had
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command, CommandState
from wafa.relay.operations import replay_command

MEMBERS = 14
COST, EARNED = 100, 300

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop


@pytest.fixture
def world(shop: FakeWooCommerce) -> World:
    reward = {
        "id": "off",
        "name": {"en": "Off"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "cost": {"kind": "fixed", "unit": "points", "units": COST},
    }
    world = World(spec_document(rewards=[reward]))
    keys = {"consumer_key": KEY, "consumer_secret": SECRET}
    world.connect("web", connector="woocommerce", url=shop.url, credentials=keys)
    world.take(*(order(f"O{n}", 100 * EARNED, customer=f"c{n}") for n in range(MEMBERS)))
    return world


class Killer:
    """Kills the worker that asks the store for every other change, by turns before the store does it and after."""

    def __init__(self, shop: FakeWooCommerce) -> None:
        self.worker: subprocess.Popen[bytes] | None = None
        self.kills = Counter[str]()
        self._shop = shop
        self._asked = 0
        shop.before_answer = self._before
        shop.after_work = self._after

    def _before(self, path: str) -> None:
        if "?code=" not in self._shop.asked[-1] and not path.endswith("/orders"):
            self._asked += 1
            self._kill_at(1, f"before {'POST' if path.endswith('coupons') else 'DELETE'}")

    def _after(self, method: str, path: str) -> None:
        if method != "GET":
            self._kill_at(3, f"after {method}")

    def _kill_at(self, turn: int, where: str) -> None:
        if self.worker is not None and self._asked % 4 == turn:
            self.kills[where] += 1
            os.kill(self.worker.pid, signal.SIGKILL)
            raise Silence


def test_each_voucher_is_there_once_and_each_unit_in_one_place(world: World, shop: FakeWooCommerce) -> None:
    issued = redeem_all(world)
    codes = {one: world.code(one) for one in issued}
    killer = Killer(shop)
    work_to_the_end(world, killer)
    assert {one: count(shop, code) for one, code in codes.items()} == dict.fromkeys(issued, 1)
    assert states(world, issued) == Counter({("issued", "done"): MEMBERS})

    # Half of them are given back, some of which an order has used without our having heard of it.
    back, used = issued[::2], issued[::6]
    for one in used:
        shop.coupons.with_code(codes[one])[0]["usage_count"] = 1
    for one in back:
        world.give_back(one, "cancelled", at=BEGAN + timedelta(days=4))
    work_to_the_end(world, killer)
    gone = set(back) - set(used)
    assert {one for one, code in codes.items() if count(shop, code) == 0} == gone
    assert all(count(shop, code) <= 1 for code in codes.values())
    assert states(world, issued) == Counter(
        {("issued", "done"): MEMBERS - len(back), ("cancelled", "none"): len(gone), ("used", "done"): len(used)}
    )
    for n, one in enumerate(issued):
        spent = 0 if one in gone else COST
        assert world.balance(f"c{n}") == Balance(available=EARNED - spent, issued=EARNED, redeemed=spent)
    assert set(killer.kills) == {"before POST", "after POST", "before DELETE", "after DELETE"}, killer.kills
    assert world.differences() == []


def test_what_the_store_refuses_in_the_end_is_given_back(world: World, shop: FakeWooCommerce) -> None:
    """A worker was killed when the store had just made one, and then our key was revoked: the rest costs nothing."""
    issued = redeem_all(world)
    killer = Killer(shop)
    while not killer.kills["after POST"]:
        work(world, killer)
    shop.knows_key = False
    work_to_the_end(world, killer)
    told = states(world, issued)
    assert set(told) == {("issued", "done"), ("failed", "none")}
    for n, one in enumerate(issued):
        spent = COST if world.redemption(one).state == "issued" else 0
        assert world.balance(f"c{n}") == Balance(available=EARNED - spent, issued=EARNED, redeemed=spent)
    assert world.differences() == []
    assert sum(count(shop, world.code(one)) for one in issued) == told[("issued", "done")] + 1
    # Once the key is known again a person has the parked ones tried, and what stands there of failed ones is taken out.
    shop.knows_key = True
    with program_transaction(world.program_id):
        parked = Command.objects.filter(program_id=world.program_id, kind="revoke_voucher", state=CommandState.PARKED)
        assert all(replay_command(world.program_id, one.id, at=datetime.now(UTC)) for one in parked)
    work_to_the_end(world, killer)
    for one in issued:
        assert count(shop, world.code(one)) == (world.redemption(one).state == "issued")


def redeem_all(world: World) -> list[UUID]:
    answers = [world.ask(f"c{n}", "off", key=f"R{n}", at=BEGAN + timedelta(days=3)) for n in range(MEMBERS)]
    issued = [answer.redemption.id for answer in answers if isinstance(answer, Had)]
    assert len(issued) == MEMBERS
    return issued


def states(world: World, redemptions: list[UUID]) -> Counter[tuple[str, str]]:
    return Counter((kept.state, kept.fulfilment) for kept in map(world.redemption, redemptions))


def count(shop: FakeWooCommerce, code: str) -> int:
    return len(shop.coupons.with_code(code))


def work_to_the_end(world: World, killer: Killer) -> None:
    """Start one worker after another, until one of them ends by itself and nothing is left to do."""
    for _ in range(2 * MEMBERS):
        if work(world, killer) == 0 and not is_pending(world):
            return
    raise AssertionError("the workers do not come to an end")


def work(world: World, killer: Killer) -> int:
    """Let one worker do what it can before it is killed. Whatever it had taken is free to be taken by the next."""
    with program_transaction(world.program_id):
        over = datetime.now(UTC) - timedelta(seconds=1)
        Command.objects.filter(program_id=world.program_id, pending=True).update(next_attempt_at=over)
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.races.outbox", str(world.program_id)]
    killer.worker = subprocess.Popen(command, env=environment)
    code = killer.worker.wait(120)
    killer.worker = None
    assert code in (0, -signal.SIGKILL)
    return code


def is_pending(world: World) -> bool:
    with program_transaction(world.program_id):
        return Command.objects.filter(program_id=world.program_id, pending=True).exists()
