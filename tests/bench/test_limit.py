"""The hand-written limit does the product's work: the same rows in the same tables, and none of them twice."""

import re
from typing import Any

import pytest
from django.db import connection

from bench.batches import make_parameters
from bench.inbox import keep_batch
from bench.limit_sql import MANY, TOKEN, many_orders, one_balance, one_order
from bench.orders import UNITS_OF_ORDER
from bench.sample import Sample, take_sample
from bench.world import Side, make_side
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)

# By which column the rows of one order are found, once its journal is.
ROWS = {
    "activities_order": "id = journal.cause_id",
    "ledger_journal": "id = journal.id",
    "ledger_posting": "journal_id = journal.id",
    "ledger_lot": "journal_id = journal.id",
    "ledger_balance": "member_id = journal.member_id",
}
DELIVERED = {"relay_delivery": "id", "relay_deliverybody": "delivery_id"}


@pytest.fixture
def side() -> Side:
    return make_side("limit", members=3)


@pytest.fixture
def sample(side: Side) -> Sample:
    return take_sample(side, customer=1)


def run(side: Side, statement: str, **given: Any) -> list[tuple[Any, ...]]:
    """Run a statement that names its parameters as pgbench or PostgreSQL does."""
    named = re.sub(r"(?<!:):([a-z_]+)|\$(\d+)", lambda m: f"%({m[1] or MANY[int(m[2]) - 1]})s", statement)
    with program_transaction(side.program_id), connection.cursor() as cursor:
        cursor.execute(named, {"program": side.program_id, "store": side.store_id} | given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def script(text: str) -> str:
    """The statement of a script of pgbench, without what draws its variables."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\")).rstrip(";")


def rows_of(side: Side, order_id: str) -> dict[str, str]:
    """The rows of an order by table, as JSON: ids, times and digests only by their kind and length."""
    read = [
        f"SELECT '{table}', row_to_json(found)::text FROM ledger_journal AS journal JOIN {table} AS found "
        f"ON found.program_id = journal.program_id AND found.{condition} "
        "WHERE journal.program_id = :program::uuid AND journal.key = :key"
        for table, condition in ROWS.items()
    ]
    read += [
        f"SELECT '{table}', row_to_json(found)::text FROM relay_deliverybody AS kept JOIN {table} AS found "
        f"ON found.program_id = kept.program_id AND found.{column} = kept.delivery_id "
        "WHERE kept.program_id = :program::uuid AND position(:order in convert_from(kept.body, 'UTF8')) > 0"
        for table, column in DELIVERED.items()
    ]
    found = run(side, " UNION ALL ".join(read), key=f"accrual:shop:{order_id}:orders", order=order_id)
    return {table: masked(row, order_id) for table, row in found}


def masked(row: str, order_id: str) -> str:
    row = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", row.replace(order_id, "<order>"))
    row = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+(\+00:00|Z)", "<time>", row)
    row = re.sub(r'("wafa-timestamp": ?")\d+|(v1,)[^"]+', "<signed>", row)
    return re.sub(r'"\\\\x([0-9a-f]+)"', lambda match: f'"<{len(match[1])} digits>"', row)


def test_it_writes_the_rows_that_the_product_writes(side: Side, sample: Sample) -> None:
    written = {"run": "by-hand-0", "client_id": "0", "number": "1", "customer": "2", **sample.as_templates()}
    assert run(side, script(one_order()), **written) == [(1,)]
    expected = rows_of(side, TOKEN)
    assert sorted(expected) == sorted([*ROWS, *DELIVERED])
    assert rows_of(side, "by-hand-0-0-1") == expected


def test_an_order_told_twice_is_booked_once(side: Side, sample: Sample) -> None:
    written = {"run": "by-hand-0", "client_id": "0", "number": "1", "customer": "2", **sample.as_templates()}
    assert [run(side, script(one_order()), **written) for _ in range(2)] == [[(1,)], [(0,)]]
    assert run(side, script(one_balance()), customer="2") == balance_of_orders(1)


def test_a_batch_writes_the_same_rows_for_each_of_its_orders(side: Side, sample: Sample) -> None:
    orders = [("by-hand-0-0-1", 2), ("by-hand-0-0-2", 3), ("by-hand-0-0-3", 3)]
    parameters = make_parameters(side, sample, keep_batch(side, orders))
    assert run(side, many_orders(), **parameters) == [(3,)]
    assert rows_of(side, "by-hand-0-0-1") == rows_of(side, TOKEN)
    for order_id, _ in orders[1:]:
        rows, expected = rows_of(side, order_id), rows_of(side, TOKEN)
        assert rows.pop("ledger_balance") != expected.pop("ledger_balance")  # of two orders
        assert rows == expected
    assert run(side, script(one_balance()), customer="3") == balance_of_orders(2)


def balance_of_orders(count: int) -> list[tuple[Any, ...]]:
    units = count * UNITS_OF_ORDER
    return [("points", 0, units, 0, 0, 0, units, 0, 0, 0)]
