"""A history of orders from a CSV file, row by row. docs/backtest.md has the columns.

A row is one line of an order; rows of one order follow each other, and the first of them tells the order. A file with
one row for each order need not speak of lines at all. What cannot be read is told with its place, and left out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from uuid import UUID

from wafa.core.backtest import PastOrder
from wafa.core.snapshots import (
    CustomerRef,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    Refund,
    Remembered,
    Tender,
    TenderKind,
)
from wafa.imports.reading.cells import Cells, Habits, Wrong
from wafa.imports.reading.columns import OF_THE_LINE, OF_THE_ORDER, REQUIRED_OF_ORDERS
from wafa.imports.reading.members import read_customer
from wafa.imports.rows import PastPurchase, RowFault

_NO_PRODUCT = "-"
# What stores call an order that came to nothing.
_VOID = {"cancelled", "canceled", "voided", "failed", "trash", "ملغي", "لغو شده"}

Rows = Iterator[tuple[int, Sequence[str]]]
"""Rows with the lines at which they stand."""


class NoOrders(Exception):
    """A file that is no history: its first line does not name the columns."""


def read_csv(
    lines: Iterable[str], *, currency: str, time_zone: str, on_fault: Callable[[RowFault], None]
) -> Iterator[PastOrder]:
    """The paid orders of a file in our own columns, in its order, for a backtest. Everybody in it counts as a member.

    `on_fault` hears of every order that is left out. `currency` is that of orders which name none, `time_zone` that of
    times without a zone. Raises NoOrders.
    """
    rows = csv.reader(lines)
    columns = _read_header(next(rows, []))
    cells = Cells(columns, Habits(time_zone=time_zone))
    numbered = ((rows.line_num, row) for row in rows if row)
    latest = datetime.min.replace(tzinfo=UTC)
    for group in _orders(numbered, columns):
        at = _Place()
        try:
            customer = _first(cells, group).named("customer")
            order = _read(cells, group, at, currency=currency, customer=CustomerRef(external_id=customer))
            assert order.paid_at is not None, "only paid orders are read"
            if order.paid_at < latest:
                at.row = 0
                raise Wrong("paid_at", f"expected rows by the time of payment: an order of {latest} came before")
        except Wrong as wrong:
            on_fault(RowFault(line=group[at.row][0], column=wrong.column, expected=str(wrong)))
            continue
        latest = order.paid_at
        store = _first(cells, group).text("store")
        order_id = UUID(bytes=blake2b(f"{store}:{order.external_id}".encode(), digest_size=16).digest())
        yield PastOrder(member=customer, order_id=order_id, store=store, order=order, joined_at=order.paid_at)


def read_purchases(
    rows: Rows,
    columns: Mapping[str, int],
    *,
    currency: str,
    country: str | None,
    habits: Habits,
    earns: bool,
) -> Iterator[PastPurchase | RowFault]:
    """The orders of a history, in the order of the file. One that does not earn says so for ever."""
    cells = Cells(columns, habits)
    for group in _orders(rows, columns):
        at = _Place()
        try:
            customer = read_customer(_first(cells, group), country=country)
            order = _read(cells, group, at, currency=currency, customer=customer, is_past=not earns)
            yield PastPurchase(line=group[0][0], order=order)
        except Wrong as wrong:
            yield RowFault(line=group[at.row][0], column=wrong.column, expected=str(wrong))


class _Place:
    """At which row of an order the reading is."""

    row = 0


_Group = Sequence[tuple[int, Sequence[str]]]


def _orders(rows: Rows, columns: Mapping[str, int]) -> Iterator[_Group]:
    """The rows of each order: those that follow each other with the same name, or with none after the first."""
    place = columns["order"]
    name = ""

    def name_of(told: tuple[int, Sequence[str]]) -> str:
        nonlocal name
        row = told[1]
        name = (row[place].strip() if place < len(row) else "") or name
        return name

    for _, group in groupby(rows, key=name_of):
        yield list(group)


def _first(cells: Cells, group: _Group) -> Cells:
    cells.turn_to(group[0][1])
    return cells


def _read_header(names: Sequence[str]) -> dict[str, int]:
    columns = {name.strip().lower(): place for place, name in enumerate(names)}
    missing = [name for name in REQUIRED_OF_ORDERS if name not in columns]
    if missing:
        raise NoOrders(f"line 1: expected the columns {', '.join(REQUIRED_OF_ORDERS)}; {', '.join(missing)} is missing")
    unknown = [name for name in columns if name not in OF_THE_ORDER and name not in OF_THE_LINE]
    if unknown:
        known = ", ".join((*OF_THE_ORDER, *OF_THE_LINE))
        raise NoOrders(f"line 1: {', '.join(unknown)} is no column of a history. Columns: {known}")
    return columns


def _read(
    cells: Cells, group: _Group, at: _Place, *, currency: str, customer: CustomerRef, is_past: bool = False
) -> OrderSnapshot:
    """One order of its rows. Raises Wrong; `at` is then the row at fault."""
    _first(cells, group)
    name = cells.named("order")
    currency = cells.text("currency").upper() or currency
    paid_at = cells.time("paid_at")
    if paid_at is None:
        raise Wrong("paid_at", "expected when the order was paid, such as 2026-03-01T12:00:00+03:00")
    cancelled_at, refunds = cells.time("cancelled_at"), _refunds(cells, currency, paid_at)
    if cancelled_at is None and cells.text("status").lower() in _VOID:
        cancelled_at = paid_at
    total, shipping = cells.minor("total", currency), cells.minor("shipping", currency)
    channel, method = cells.text("channel"), cells.text("payment_method")
    coupons, tenders = cells.names("coupons"), _tenders(cells, currency)
    return OrderSnapshot(
        external_id=name,
        number=name,
        currency=currency,
        placed_at=paid_at,
        paid_at=paid_at,
        as_of=max([paid_at, *(refund.at for refund in refunds), cancelled_at or paid_at]),
        status=OrderStatus.CANCELLED if cancelled_at else OrderStatus.OPEN,
        customer=customer,
        total_minor=total,
        shipping_minor=shipping,
        lines=_lines(cells, group, at, currency, goods_minor=total - shipping),
        tenders=tenders,
        refunds=refunds,
        channel=channel or "web",
        coupon_codes=coupons,
        payment_method=method or None,
        remembered=Remembered(past=True) if is_past else None,
    )


def _lines(cells: Cells, group: _Group, at: _Place, currency: str, *, goods_minor: int) -> tuple[OrderLine, ...]:
    lines = []
    for place, (_, row) in enumerate(group):
        at.row = place
        cells.turn_to(row)
        tax, quantity = cells.minor("tax", currency), cells.whole("quantity", usual=1)
        if cells.text("line_total"):
            total = cells.minor("line_total", currency)
        elif cells.text("line_price"):
            total = cells.minor("line_price", currency) * quantity
        elif len(group) == 1:
            total = goods_minor - tax
        else:
            raise Wrong("line_total", "expected the price of the line: the order has several")
        lines.append(
            OrderLine(
                id=str(place + 1),
                product_id=cells.text("product") or _NO_PRODUCT,
                sku=cells.text("sku") or None,
                quantity=quantity,
                subtotal_minor=total,
                total_minor=total,
                tax_minor=tax,
                collections=cells.names("collections"),
                categories=cells.names("categories"),
                tags=cells.names("tags"),
                vendor=cells.text("vendor") or None,
            )
        )
    return tuple(lines)


def _refunds(cells: Cells, currency: str, paid_at: datetime) -> tuple[Refund, ...]:
    amount = cells.minor("refunded", currency)
    return (Refund(id="1", at=cells.time("refunded_at") or paid_at, amount_minor=amount),) if amount else ()


def _tenders(cells: Cells, currency: str) -> tuple[Tender, ...]:
    kinds = (TenderKind.GIFT_CARD, TenderKind.CREDIT, TenderKind.POINTS)
    paid = ((kind, cells.minor(kind.value, currency)) for kind in kinds)
    return tuple(Tender(kind=kind, amount_minor=amount) for kind, amount in paid if amount)
