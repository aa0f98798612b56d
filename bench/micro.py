"""The pieces on one core: without a server and, but for `post`, without a database."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.db import transaction
from msgspec import Struct

from bench.inbox import BATCH
from bench.orders import STORE, make_body
from bench.world import Side
from wafa.connectors.contract import Delivery, Fact, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.core.books import Journal
from wafa.core.compare import compare
from wafa.core.decide import decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.standing import Standing
from wafa.jobs.demo.replay import list_deliveries
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.ledger.operations import post
from wafa.members.models import Member
from wafa.programs.queries import get_program_rules

_REPEATS = 7
_CALLS = 500
_CAPTURED = "26-order.updated__paid"
_STORE = StoreFacts(code=STORE, currency="SAR", country="SA")


class Piece(Struct, frozen=True):
    """The least time that one of something took, in microseconds."""

    name: str
    us: float


def measure_pieces(side: Side) -> list[Piece]:
    """Time each piece. Nothing of it stays in the books."""
    at = datetime.now(UTC)
    direct = [Delivery({}, make_body(f"piece-{number}", customer=1, at=at), at) for number in range(BATCH)]
    captured = list_deliveries()[_CAPTURED]
    woocommerce = Delivery(captured.headers, captured.raw_body.encode(), at)
    with program_transaction(side.program_id):
        program = get_program_rules(side.program_id)
        members = list(Member.objects.filter(program_id=side.program_id).order_by("id")[:BATCH])
    standings = [Standing(member_id=member.id) for member in members]
    orders = [_translate("direct", delivery) for delivery in direct]
    journals = _decide(program, standings, orders)
    return [
        Piece("translate an order of direct", _time(lambda: _translate("direct", direct[0]))),
        Piece("translate an order of WooCommerce", _time(lambda: _translate("woocommerce", woocommerce))),
        Piece("compare and decide a paid order", _time(lambda: _decide(program, standings, orders), calls=7) / BATCH),
        Piece(f"post a journal, {BATCH} at once", _time(lambda: _post(side, journals), calls=1) / BATCH),
    ]


def _translate(connector: str, delivery: Delivery) -> Fact:
    return get_connector(connector).translate(delivery, _STORE)[0]


def _decide(program: Program, standings: Sequence[Standing], orders: Sequence[Fact]) -> list[Journal]:
    journals: list[Journal] = []
    for standing, order in zip(standings, orders, strict=True):
        assert isinstance(order, OrderSnapshot)
        _, activities = compare(None, order, order_id=_ORDER_ID, store=STORE)
        journals += decide(program, standing, activities[0]).journals
    return journals


_ORDER_ID = new_id()


def _post(side: Side, journals: Sequence[Journal]) -> None:
    with program_transaction(side.program_id):
        post(side.program_id, journals, booked_at=datetime.now(UTC))
        transaction.set_rollback(True)


def _time(call: Callable[[], object], *, calls: int = _CALLS) -> float:
    """Microseconds of one call: the least of several rows of calls, for only others can make it more."""
    least = float("inf")
    for _ in range(_REPEATS):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        least = min(least, time.perf_counter() - started)
    return least / calls * 1e6
