"""Programs, orders and the lives of orders, as Hypothesis makes them up."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.rules import CHANNELS, COLLECTIONS, COUPONS, METHODS, PRODUCTS, accelerators, rules
from wafa.core.compare import Seen
from wafa.core.snapshots import (
    CustomerRef,
    OrderDeletion,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    Refund,
    RefundLine,
    RefundNotice,
    Tender,
    TenderKind,
)
from wafa.core.spec import ProgramSpec, read_spec

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
CUSTOMER = CustomerRef(external_id="C1")


@st.composite
def specs(draw: st.DrawFn, *, expiring: bool = True, clawback: str | None = None) -> ProgramSpec:
    """Any program of one or two units and up to three rules."""
    expiries: list[dict[str, Any]] = [{"kind": "never"}]
    if expiring:
        expiries += [
            {"kind": "after_days", "days": draw(st.integers(30, 400))},
            {"kind": "after_months", "months": 2},
            *(
                {"kind": "end_of", "period": period, "calendar": calendar, "plus_months": plus}
                for period in ("month", "quarter", "year")
                for calendar, plus in ((None, 0), ("hijri", 0), ("jalali", 2))
            ),
        ]
    maturities: list[dict[str, Any]] = [
        {"kind": "at_once"},
        {"kind": "after_days", "days": 14},
        {"kind": "after_days", "days": 0, "after": "fulfilled"},
        {"kind": "after_days", "days": 20, "after": "delivered"},
        {"kind": "on_confirmation"},
    ]
    units = [
        {
            "code": code,
            "name": {"en": {"other": code}},
            "maturity": draw(st.sampled_from(maturities)),
            "expiry": draw(st.sampled_from(expiries)),
            "clawback": clawback or draw(st.sampled_from(["debt", "clamp"])),
        }
        for code in ("points", "credit")[: draw(st.integers(1, 2))]
    ]
    earning = [draw(rules(f"rule{at}", units)) for at in range(draw(st.integers(1, 3)))]
    return read_spec(
        {
            "name": {"en": "Falcon Coffee"},
            "currency": draw(st.sampled_from(["SAR", "KWD", "JPY"])),
            "time_zone": draw(st.sampled_from(["UTC", "Asia/Riyadh", "Asia/Tehran"])),
            "calendar": draw(st.sampled_from(["gregorian", "hijri", "jalali"])),
            "hijri_correction": draw(st.sampled_from([-1, 0, 1])),
            "rates": {"USD": "3.7505", "KWD": "12.2", "JPY": "0.025", "SAR": "0.0816"},
            "units": units,
            "earning": earning,
            "accelerators": [draw(accelerators(f"fast{at}", earning)) for at in range(draw(st.integers(0, 3)))],
            "stacking": draw(st.sampled_from(["add", "best_of", "multiply"])),
            "guests": draw(st.sampled_from([None, {"claim_days": 45}, {"claim_days": 90}, {"claim_days": 45}])),
        }
    )


def amounts(most: int = 30_000) -> st.SearchStrategy[int]:
    """Minor units of an amount that is not negative."""
    return st.integers(0, most)


@st.composite
def goods(draw: st.DrawFn, *, strange: bool = False) -> dict[str, Any]:
    """The lines and amounts of an order; `strange` ones have negative amounts and sums that do not add up."""
    least = -5_000 if strange else 0
    lines = []
    for at in range(draw(st.integers(1, 3))):
        total = draw(st.integers(least if strange else 500, 20_000))
        lines.append(
            OrderLine(
                id=f"L{at}",
                product_id=draw(st.sampled_from(PRODUCTS)),
                quantity=draw(st.integers(0 if strange else 1, 3)),
                subtotal_minor=total + draw(amounts(2_000)),
                total_minor=total,
                tax_minor=draw(st.integers(least, 3_000)),
                collections=draw(st.sampled_from([(), COLLECTIONS[:1], COLLECTIONS])),
                regular_minor=draw(st.sampled_from([None, None, total + 1_000])),
            )
        )
    shipping, shipping_tax, fees = draw(amounts(2_000)), draw(amounts(300)), draw(st.integers(least, 500))
    total = sum(line.total_minor + line.tax_minor for line in lines) + shipping + shipping_tax + fees
    if strange:
        total = draw(st.integers(0, 50_000))
    by_points = draw(st.integers(0, max(total, 0)))
    return {
        "lines": tuple(lines),
        "shipping_minor": shipping,
        "shipping_tax_minor": shipping_tax,
        "fees_minor": fees,
        "total_minor": total,
        "tenders": draw(
            st.sampled_from(
                [
                    (),
                    (Tender(kind=TenderKind.POINTS, amount_minor=by_points),),
                    (
                        Tender(kind=TenderKind.GIFT_CARD, amount_minor=by_points // 2),
                        Tender(kind=TenderKind.POINTS, amount_minor=by_points // 3),
                    ),
                ]
            )
        ),
        "channel": draw(st.sampled_from(CHANNELS)),
        "coupon_codes": draw(st.sampled_from([(), (), COUPONS[:1], COUPONS])),
        "payment_method": draw(st.sampled_from([None, *METHODS])),
    }


@st.composite
def orders(draw: st.DrawFn, *, external_id: str = "O1", strange: bool = False) -> OrderSnapshot:
    """A paid order."""
    at = START + timedelta(hours=draw(st.integers(0, 240)))
    return OrderSnapshot(
        external_id=external_id,
        currency=draw(st.sampled_from(["SAR", "KWD", "JPY", "USD", "EUR"] if strange else ["SAR", "KWD", "USD"])),
        exponent=draw(st.sampled_from([None, None, 0, 3])),
        rate=draw(st.sampled_from([None, "1.5", "0.3333"])),
        placed_at=at,
        as_of=at,
        paid_at=at,
        customer=CUSTOMER,
        **draw(goods(strange=strange)),
    )


@st.composite
def refunds(draw: st.DrawFn, order: OrderSnapshot, refund_id: str, at: datetime) -> Refund:
    """A refund of the whole, of a line, of the shipping, or of some amount."""
    line = draw(st.sampled_from(order.lines))
    pieces = draw(st.sampled_from([0, line.quantity]))
    tied = RefundLine(
        line_id=line.id,
        amount_minor=max(line.total_minor, 0),
        tax_minor=max(line.tax_minor, 0),
        quantity=pieces,
    )
    shipping = order.shipping_minor + order.shipping_tax_minor
    return draw(
        st.sampled_from(
            [
                Refund(id=refund_id, at=at, amount_minor=max(order.total_minor, 0)),
                Refund(id=refund_id, at=at, amount_minor=tied.amount_minor + tied.tax_minor, lines=(tied,)),
                Refund(id=refund_id, at=at, amount_minor=shipping, shipping_minor=shipping),
                Refund(id=refund_id, at=at, amount_minor=draw(amounts(max(order.total_minor, 0)))),
            ]
        )
    )


@st.composite
def lives(draw: st.DrawFn, external_id: str, *, changes: int = 5, edited: bool = True) -> list[Seen]:
    """All that a store ever says of one order, in the order in which it happened; `edited`: also what was bought."""
    order = draw(orders(external_id=external_id))
    if draw(st.integers(0, 3)) == 0:
        order = replace(order, customer=None)
    told: list[Seen] = [order]
    at = order.as_of
    deletions = 0
    for step in range(draw(st.integers(0, changes))):
        # Stores tell time in seconds: two changes may share one.
        at += timedelta(hours=draw(st.sampled_from([0, 1, 60, 300, 700])))
        change = draw(
            st.sampled_from(
                [
                    *(("edit",) if edited else ()),
                    *("refund", "tie", "unrefund", "notice", "void", "open", "delete", "restore", "unpay"),
                    *("pay", "fulfil", "deliver", "confirm", "unfulfil"),
                ]
            )
        )
        if change == "notice":
            told.append(RefundNotice(external_id=external_id, refund=draw(refunds(order, f"N{step}", at))))
            continue
        if change == "delete":
            deletions += 1
            told.append(OrderDeletion(external_id=external_id, as_of=at))
            continue
        order = replace(order, as_of=at, customer=CUSTOMER, restored=change == "restore")
        order = draw(_changed(order, change, f"R{step}"))
        told.append(order)
    return told


@st.composite
def _changed(draw: st.DrawFn, order: OrderSnapshot, change: str, refund_id: str) -> OrderSnapshot:
    simple: dict[str, dict[str, Any]] = {
        "unrefund": {"refunds": order.refunds[:-1]},
        "void": {"status": OrderStatus.CANCELLED},
        "open": {"status": OrderStatus.OPEN},
        "unpay": {"paid_at": None},
        "pay": {"paid_at": order.placed_at},
        "fulfil": {"fulfilled_at": order.as_of},
        "deliver": {"delivered_at": order.as_of},
        "confirm": {"confirmed_at": order.as_of},
        "unfulfil": {"fulfilled_at": None, "delivered_at": None, "confirmed_at": None},
    }
    match change:
        case "edit":
            return replace(order, **draw(goods()))
        case "refund":
            return replace(order, refunds=(*order.refunds, draw(refunds(order, refund_id, order.as_of))))
        case "tie" if order.refunds:
            # The store tells later which lines a refund was for.
            line = RefundLine(line_id="L0", amount_minor=order.refunds[-1].amount_minor)
            return replace(order, refunds=(*order.refunds[:-1], replace(order.refunds[-1], lines=(line,))))
        case _:
            return replace(order, **simple.get(change, {}))
