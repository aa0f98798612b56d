"""How many statements the product sends for a transaction of orders, BEGIN and COMMIT among them.

They are as many for one order as for 500, so what an order costs falls with the size of its batch.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from msgspec import Struct

from bench.inbox import BATCH, keep_orders
from bench.sample import book_now
from bench.world import Side
from wafa.flows.drain_inbox import drain_inbox
from wafa.kit.transactions import program_transaction

_BEGIN_AND_COMMIT = 2


class Statements(Struct, frozen=True):
    """Statements of one transaction: of a delivery whose sender waits, and of a batch from the inbox."""

    single: int
    batch: int


def count_statements(side: Side) -> Statements:
    """Book an order and a batch of orders, and count."""
    book_now(side, "counted-0", customer=1)  # what is read once for a process
    single = _count(lambda: book_now(side, "counted-1", customer=1))
    keep_orders(side, run="counted", count=BATCH)
    return Statements(single=single, batch=_count(lambda: _drain(side)))


def _drain(side: Side) -> None:
    with program_transaction(side.program_id):
        assert drain_inbox(side.program_id, at=datetime.now(UTC), limit=BATCH) == BATCH


def _count(work: Callable[[], object]) -> int:
    count = _BEGIN_AND_COMMIT

    def counting(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with connection.execute_wrapper(counting):
        work()
    return count
