"""Histories in CSV files: what is read, and what is left out with its line and column."""

from datetime import UTC, datetime

import pytest

from wafa.core.backtest import PastOrder
from wafa.core.snapshots import OrderStatus, TenderKind
from wafa.imports.reading.orders import NoOrders, read_csv
from wafa.imports.rows import RowFault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(text: str, *, currency: str = "SAR") -> tuple[list[PastOrder], list[RowFault]]:
    faults: list[RowFault] = []
    lines = text.strip().splitlines(keepends=True)
    found = read_csv(lines, currency=currency, time_zone="Asia/Riyadh", on_fault=faults.append)
    return list(found), faults


def test_a_row_is_an_order_where_the_file_speaks_of_no_lines() -> None:
    (past,), faults = read(
        """
order,customer,paid_at,total,shipping,tax,refunded,refunded_at,points
1001,c7,2026-03-01T15:00:00,230.00,20.00,30.00,50.00,2026-03-09T12:00:00Z,10.00
"""
    )

    assert faults == []
    order = past.order
    assert (past.member, past.joined_at, order.paid_at, order.total_minor) == ("c7", NOON, NOON, 23_000)
    assert [(line.total_minor, line.tax_minor, line.quantity) for line in order.lines] == [(18_000, 3_000, 1)]
    assert [(refund.amount_minor, refund.at.day) for refund in order.refunds] == [(5_000, 9)]
    assert [(tender.kind, tender.amount_minor) for tender in order.tenders] == [(TenderKind.POINTS, 1_000)]
    assert order.as_of.day == 9


def test_rows_of_one_order_are_its_lines() -> None:
    (first, second), faults = read(
        """
order,customer,paid_at,total,product,quantity,line_total,collections,cancelled_at
A,c1,2026-03-01T12:00:00Z,90.00,beans,2,60.00,coffee; single,
A,,,,cup,1,30.00,,
B,c2,2026-03-01T12:00:01Z,10.00,cup,1,10.00,,2026-03-02T12:00:00Z
"""
    )

    assert faults == []
    assert [(line.product_id, line.quantity, line.total_minor) for line in first.order.lines] == [
        ("beans", 2, 6_000),
        ("cup", 1, 3_000),
    ]
    assert first.order.lines[0].collections == ("coffee", "single")
    assert (first.order.status, second.order.status) == (OrderStatus.OPEN, OrderStatus.CANCELLED)
    assert first.order_id != second.order_id


def test_what_cannot_be_read_is_named_and_the_others_are_kept() -> None:
    found, faults = read(
        """
order,customer,paid_at,total,quantity,line_total
1,c1,2026-03-01T12:00:00Z,1.00,,
2,c1,yesterday,1.00,,
3,c1,2026-03-01T12:00:00Z,1.005,,
4,,2026-03-01T12:00:00Z,1.00,,
5,c1,2026-02-01T12:00:00Z,1.00,,
6,c1,2026-03-02T12:00:00Z,2.00,1,1.00
6,c1,2026-03-02T12:00:00Z,2.00,one,1.00
7,c1,2026-03-02T12:00:00Z,-2.00,,
8,c1,,2.00,,
9,c1,2026-03-03T12:00:00Z,2.00,,
"""
    )

    assert [past.order.external_id for past in found] == ["1", "9"]
    assert [(fault.line, fault.column) for fault in faults] == [
        (3, "paid_at"),
        (4, "total"),
        (5, "customer"),
        (6, "paid_at"),
        (8, "quantity"),
        (9, "total"),
        (10, "paid_at"),
    ]
    assert faults[0].expected == "expected a time such as 2026-03-01T12:00:00+03:00, got 'yesterday'"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    (dinars, yen), _ = read("order,customer,paid_at,total,currency\n1,c,2026-03-01,1.250,KWD\n2,c,2026-03-01,125,JPY\n")
    assert (dinars.order.total_minor, yen.order.total_minor) == (1_250, 125)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("order,customer,total", "paid_at is missing"),
        ("order,customer,paid_at,total,colour", "colour is no column of a history"),
        ("", "order, customer, paid_at, total is missing"),
    ],
)
def test_a_file_without_its_columns_is_no_history(header: str, expected: str) -> None:
    with pytest.raises(NoOrders, match=expected):
        read(f"{header}\n")
