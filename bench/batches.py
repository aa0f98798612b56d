"""In a process of its own: book batches by hand.

The arrays are made and encoded beforehand, so that between two batches nothing is done in Python.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from msgspec import Struct
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus

from bench.inbox import BATCH, KeptOrder, keep_orders
from bench.installation import application_options
from bench.limit_sql import MANY, TOKEN, many_orders
from bench.orders import STORE
from bench.sample import Sample
from bench.team import Work
from bench.world import Side
from wafa.kit.ids import new_id

_BINARY = 1
_STATEMENT = b"batch"


class Task(Struct, frozen=True, kw_only=True):
    """`count` orders of `side`, the ids of which begin with `run`."""

    url: str
    side: Side
    sample: Sample
    run: str
    count: int


def get_ready(argument: str) -> Work:
    """Keep the deliveries of a Task, and make everything that its batches need."""
    task = msgspec.json.decode(argument, type=Task)
    kept = keep_orders(task.side, run=task.run, count=task.count)
    connection = psycopg.connect(task.url, autocommit=True, options=application_options(task.side.program_id))
    batches = [_encode(connection, task, kept[start : start + BATCH]) for start in range(0, task.count, BATCH)]
    _prepare(connection)

    def work() -> int:
        for batch in batches:
            _book(connection, batch)
        return len(batches) * BATCH

    return work


def make_parameters(side: Side, sample: Sample, orders: Sequence[KeptOrder]) -> dict[str, object]:
    """The parameters of one batch, by name."""
    return {
        "program": side.program_id,
        "store": side.store_id,
        "customers": [f"{STORE}:{order.customer}" for order in orders],
        "external_ids": [order.order_id for order in orders],
        **{name: [new_id() for _ in orders] for name in ("order_ids", "journal_ids", "lot_ids")},
        "delivery_ids": [order.delivery_id for order in orders],
        "snapshots": [sample.snapshot.replace(TOKEN, order.order_id) for order in orders],
        "whys": [sample.why.replace(TOKEN, order.order_id) for order in orders],
    }


def _encode(connection: "psycopg.Connection[Any]", task: Task, orders: Sequence[KeptOrder]) -> list[bytes]:
    named = make_parameters(task.side, task.sample, orders)
    encoded = Transformer(connection).dump_sequence([named[name] for name in MANY], [PyFormat.BINARY] * len(MANY))
    return [bytes(parameter) for parameter in encoded if parameter is not None]


def _prepare(connection: "psycopg.Connection[Any]") -> None:
    result = connection.pgconn.prepare(_STATEMENT, many_orders().encode())
    if result.status != ExecStatus.COMMAND_OK:
        raise RuntimeError(result.error_message.decode())


def _book(connection: "psycopg.Connection[Any]", batch: Sequence[bytes]) -> None:
    result = connection.pgconn.exec_prepared(_STATEMENT, batch, [_BINARY] * len(batch))
    if result.status != ExecStatus.TUPLES_OK or result.get_value(0, 0) != str(BATCH).encode():
        raise RuntimeError(result.error_message.decode() or "a batch was booked in part")
