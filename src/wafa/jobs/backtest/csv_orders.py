"""A history of orders from a CSV file, row by row. docs/backtest.md has the columns.

A row is one line of an order; rows of one order follow each other, and the first of them tells the order. A file with
one row for each order need not speak of lines at all. Everybody in it counts as a member. What cannot be read is told
with its place, and left out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.backtest import PastOrder
from wafa.core.money import MoneyError, parse_minor
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot, OrderStatus, Refund, Tender, TenderKind

REQUIRED = ("order", "customer", "paid_at", "total")
OF_THE_ORDER = (
    *REQUIRED,
    *("currency", "shipping", "refunded", "refunded_at", "cancelled_at", "gift_card", "credit", "points"),
    *("channel", "store", "coupons", "payment_method"),
)
OF_THE_LINE = ("product", "sku", "quantity", "line_total", "tax", "collections", "categories", "tags", "vendor")

_NO_PRODUCT = "-"


class RowFault(Struct, frozen=True, kw_only=True):
    """What cannot be read in a `column` of a line of the file, and what was `expected`. The order is left out."""

    line: int
    column: str
    expected: str


class NoOrders(Exception):
    """A file that is no history: its first line does not name the columns."""


class _Wrong(Exception):
    def __init__(self, column: str, expected: str) -> None:
        super().__init__(expected)
        self.column = column


def read_csv(
    lines: Iterable[str], *, currency: str, time_zone: str, on_fault: Callable[[RowFault], None]
) -> Iterator[PastOrder]:
    """The paid orders of a file, in its order. `on_fault` hears of every order that is left out.

    `currency` is that of orders which name none, `time_zone` that of times without a zone. Raises NoOrders.
    """
    rows = csv.reader(lines)
    columns = _read_header(next(rows, []))
    reader = _Reader(columns, currency=currency, zone=ZoneInfo(time_zone))
    numbered = ((rows.line_num, row) for row in rows if row)
    place = columns["order"]
    for _, group in groupby(numbered, key=lambda told: told[1][place] if place < len(told[1]) else ""):
        told = list(group)
        try:
            yield reader.read([row for _, row in told])
        except _Wrong as wrong:
            on_fault(RowFault(line=told[reader.at][0], column=wrong.column, expected=str(wrong)))


def _read_header(names: Sequence[str]) -> dict[str, int]:
    columns = {name.strip().lower(): place for place, name in enumerate(names)}
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise NoOrders(f"line 1: expected the columns {', '.join(REQUIRED)}; {', '.join(missing)} is missing")
    unknown = [name for name in columns if name not in OF_THE_ORDER and name not in OF_THE_LINE]
    if unknown:
        known = ", ".join((*OF_THE_ORDER, *OF_THE_LINE))
        raise NoOrders(f"line 1: {', '.join(unknown)} is no column of a history. Columns: {known}")
    return columns


class _Reader:
    """Reads the rows of one order after another; `at` is the row at which it is."""

    def __init__(self, columns: dict[str, int], *, currency: str, zone: ZoneInfo) -> None:
        self.at = 0
        self._columns = columns
        self._usual_currency = currency
        self._zone = zone
        self._row: Sequence[str] = ()
        self._paid_at = datetime.min.replace(tzinfo=UTC)

    def read(self, rows: Sequence[Sequence[str]]) -> PastOrder:
        """Raises _Wrong."""
        self._turn_to(rows, 0)
        name, customer = self._named("order"), self._named("customer")
        currency = self._text("currency") or self._usual_currency
        paid_at = self._time("paid_at")
        if paid_at is None:
            raise _Wrong("paid_at", "expected when the order was paid, such as 2026-03-01T12:00:00+03:00")
        if paid_at < self._paid_at:
            raise _Wrong("paid_at", f"expected rows by the time of payment: an order of {self._paid_at} came before")
        cancelled_at, refunds = self._time("cancelled_at"), self._refunds(currency, paid_at)
        total, shipping = self._minor("total", currency), self._minor("shipping", currency)
        store, channel, method = self._text("store"), self._text("channel"), self._text("payment_method")
        coupons, tenders = self._names("coupons"), self._tenders(currency)
        order = OrderSnapshot(
            external_id=name,
            number=name,
            currency=currency,
            placed_at=paid_at,
            paid_at=paid_at,
            as_of=max([paid_at, *(refund.at for refund in refunds), cancelled_at or paid_at]),
            status=OrderStatus.CANCELLED if cancelled_at else OrderStatus.OPEN,
            customer=CustomerRef(external_id=customer),
            total_minor=total,
            shipping_minor=shipping,
            lines=self._lines(rows, currency, goods_minor=total - shipping),
            tenders=tenders,
            refunds=refunds,
            channel=channel or "web",
            coupon_codes=coupons,
            payment_method=method or None,
        )
        self._paid_at = paid_at
        order_id = UUID(bytes=blake2b(f"{store}:{name}".encode(), digest_size=16).digest())
        return PastOrder(member=customer, order_id=order_id, store=store, order=order, joined_at=paid_at)

    def _lines(self, rows: Sequence[Sequence[str]], currency: str, *, goods_minor: int) -> tuple[OrderLine, ...]:
        lines = []
        for place in range(len(rows)):
            self._turn_to(rows, place)
            tax = self._minor("tax", currency)
            if self._text("line_total"):
                total = self._minor("line_total", currency)
            elif len(rows) == 1:
                total = goods_minor - tax
            else:
                raise _Wrong("line_total", "expected the price of the line: the order has several")
            lines.append(
                OrderLine(
                    id=str(place + 1),
                    product_id=self._text("product") or _NO_PRODUCT,
                    sku=self._text("sku") or None,
                    quantity=self._count("quantity"),
                    subtotal_minor=total,
                    total_minor=total,
                    tax_minor=tax,
                    collections=self._names("collections"),
                    categories=self._names("categories"),
                    tags=self._names("tags"),
                    vendor=self._text("vendor") or None,
                )
            )
        return tuple(lines)

    def _refunds(self, currency: str, paid_at: datetime) -> tuple[Refund, ...]:
        amount = self._minor("refunded", currency)
        return (Refund(id="1", at=self._time("refunded_at") or paid_at, amount_minor=amount),) if amount else ()

    def _tenders(self, currency: str) -> tuple[Tender, ...]:
        kinds = (TenderKind.GIFT_CARD, TenderKind.CREDIT, TenderKind.POINTS)
        paid = ((kind, self._minor(kind.value, currency)) for kind in kinds)
        return tuple(Tender(kind=kind, amount_minor=amount) for kind, amount in paid if amount)

    def _turn_to(self, rows: Sequence[Sequence[str]], place: int) -> None:
        self.at, self._row = place, rows[place]

    def _text(self, column: str) -> str:
        place = self._columns.get(column)
        return self._row[place].strip() if place is not None and place < len(self._row) else ""

    def _named(self, column: str) -> str:
        if not (text := self._text(column)):
            raise _Wrong(column, "expected something that tells it from others")
        return text

    def _names(self, column: str) -> tuple[str, ...]:
        text = self._text(column)
        return tuple(name.strip() for name in text.split(";") if name.strip()) if text else ()

    def _minor(self, column: str, currency: str) -> int:
        text = self._text(column)
        if not text:
            return 0
        try:
            amount = parse_minor(text, currency)
        except MoneyError as error:
            raise _Wrong(column, str(error)) from None
        if amount < 0:
            raise _Wrong(column, f"expected an amount that is not negative, got {text!r}")
        return amount

    def _count(self, column: str) -> int:
        text = self._text(column) or "1"
        if not text.isdecimal():
            raise _Wrong(column, f"expected a whole number, got {text[:40]!r}")
        return int(text)

    def _time(self, column: str) -> datetime | None:
        text = self._text(column)
        if not text:
            return None
        try:
            told = datetime.fromisoformat(text)
        except ValueError:
            expected = f"expected a time such as 2026-03-01T12:00:00+03:00, got {text[:40]!r}"
            raise _Wrong(column, expected) from None
        return (told if told.tzinfo else told.replace(tzinfo=self._zone)).astimezone(UTC)
