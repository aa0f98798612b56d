"""Programs, orders and activities for tests, with one word for what matters."""

from datetime import UTC, datetime
from typing import Any

from tests.core.memory import order_id_of
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot
from wafa.core.spec import ProgramSpec, read_spec

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
CUSTOMER = CustomerRef(external_id="C1")


def make_spec(*, unit: dict[str, Any] | None = None, rule: dict[str, Any] | None = None, **changes: Any) -> ProgramSpec:
    """A program that grants 1 point for 1.00 SAR, available at once, for ever."""
    return read_spec(
        {
            "name": {"en": "Falcon Coffee"},
            "currency": "SAR",
            "units": [{"code": "points", "name": {"en": {"other": "points"}}, **(unit or {})}],
            "earning": [
                {
                    "id": "orders",
                    "name": {"en": "Orders"},
                    "unit": "points",
                    "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
                    **(rule or {}),
                }
            ],
            **changes,
        }
    )


def make_order(total_minor: int = 12_000, *, external_id: str = "O1", **changes: Any) -> OrderSnapshot:
    """An order of one line, placed and paid at noon."""
    line = OrderLine(id="L1", product_id="beans", quantity=1, subtotal_minor=total_minor, total_minor=total_minor)
    told: dict[str, Any] = {
        "external_id": external_id,
        "currency": "SAR",
        "placed_at": NOON,
        "as_of": NOON,
        "paid_at": NOON,
        "customer": CUSTOMER,
        "lines": (line,),
        "total_minor": total_minor,
        **changes,
    }
    return OrderSnapshot(**told)


def make_activity(order: OrderSnapshot, kind: ActivityKind = ActivityKind.PAID) -> OrderActivity:
    """An activity of the order at the time of its snapshot."""
    return OrderActivity(
        kind=kind, occurred_at=order.as_of, order=order, order_id=order_id_of(order.external_id), store="falcon"
    )
