"""Redemptions by many clients, from one balance and from many, against one client of SQL by hand on one balance."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec import Struct

from bench.audit import audit
from bench.installation import Installation, served
from bench.limit import run_script
from bench.measure import Measured, account
from bench.orders import STORE, customer_of
from bench.redemption_sql import one_redemption
from bench.web_load import WebLoad
from bench.world import Side
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.flows.mature_lots import mature_lots
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.kit.transactions import program_transaction

MEMBERS = 2_000
CLIENTS = 64
LEAST, GOAL = 0.8, 1.5
"""Of what one client of SQL by hand reaches on one balance: what has to be reached there, and what we want."""

_HOT = 1
_LOTS = 5
_SECONDS = 3
_MOST = 6_000 * _SECONDS  # more than any machine so far has done: requests are made beforehand
_GOODS_MINOR = 100_000_000  # of each lot a million units are there to be used


class Redeemed(Struct, frozen=True, kw_only=True):
    """What the rounds have shown of one of the three."""

    name: str
    measured: Sequence[Measured]

    @property
    def per_second(self) -> float:
        return statistics.median(each.per_second for each in self.measured)

    def __str__(self) -> str:
        p50, p99 = (statistics.median(found) for found in zip(*map(_latencies, self.measured), strict=True))
        used = ", ".join(
            f"{part} {statistics.median(each.cpu_us[part] for each in self.measured):.0f}"
            for part in self.measured[0].cpu_us
        )
        return f"{self.name}: {self.per_second:,.0f} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms; µs of {used}"


def measure_redemptions(installation: Installation, *, limit: Side, ours: Side, rounds: int) -> list[Redeemed]:
    """By hand, on one balance and on many: in this order, and one after another in each of the rounds."""
    for side in (limit, ours):
        _fill(side)
    found: list[list[Measured]] = [[], [], []]
    with served(installation) as web:
        load = WebLoad(installation, web, ours)
        parts = {"PostgreSQL": installation.server.pid, "web": web.pid}
        send = partial(account, partial(load.send, clients=CLIENTS, seconds=_SECONDS), parts=parts, rest="client")
        # Both sides plan once their tables hold something.
        _by_hand(installation, limit, run="warm-up")
        load.prepare_redemptions(_MOST, run="warm-up", customers=range(1, MEMBERS + 1))
        send()
        installation.settle()
        for number in range(rounds):
            installation.checkpoint()
            by_hand = partial(_by_hand, installation, limit, run=f"{number}")
            found[0].append(account(by_hand, parts=parts, rest="client"))
            for place, customers in enumerate((range(_HOT, _HOT + 1), range(1, MEMBERS + 1)), start=1):
                load.prepare_redemptions(_MOST, run=f"{number}-{place}", customers=customers)
                found[place].append(send())
    audit(ours)
    names = ("by hand, one client on one balance", f"{CLIENTS} clients on one balance", f"{CLIENTS} clients on many")
    return [Redeemed(name=name, measured=measured) for name, measured in zip(names, found, strict=True)]


def _by_hand(installation: Installation, side: Side, *, run: str) -> Measured:
    told = {"run": run, "customer": str(_HOT)}
    return run_script(installation, side, one_redemption(), clients=1, seconds=_SECONDS, variables=told)


def _fill(side: Side) -> None:
    """Let every member have so many lots of plenty of units, all of them available."""
    at = datetime.now(UTC) - timedelta(hours=1)
    orders = list(_orders(at))
    for start in range(0, len(orders), MEMBERS):
        told = [StoreFact(store_id=side.store_id, store=STORE, fact=one) for one in orders[start : start + MEMBERS]]
        with program_transaction(side.program_id):
            take_facts(side.program_id, told, at=at)
    moved = 1
    while moved:
        with program_transaction(side.program_id):
            moved = mature_lots(side.program_id, at=at + timedelta(days=15))


def _orders(at: datetime) -> Iterator[OrderSnapshot]:
    line = OrderLine(id="1", product_id="beans", quantity=1, subtotal_minor=_GOODS_MINOR, total_minor=_GOODS_MINOR)
    for number in range(_LOTS):
        for customer in range(1, MEMBERS + 1):
            yield OrderSnapshot(
                external_id=f"filling-{number}-{customer}",
                currency="SAR",
                placed_at=at,
                paid_at=at,
                as_of=at,
                customer=customer_of(customer),
                lines=(line,),
                total_minor=_GOODS_MINOR,
            )


def _latencies(measured: Measured) -> tuple[float, float]:
    assert measured.p50_ms is not None
    assert measured.p99_ms is not None
    return measured.p50_ms, measured.p99_ms
