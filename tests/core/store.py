"""A store that tells of its orders: the words of a story become snapshots, deletions and notices."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.compare import Seen
from wafa.core.money import parse_minor
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


class Store:
    """Remembers every snapshot it told. `customer` is whose account, or e-mail, the next telling names."""

    def __init__(self, *, currency: str, customer: CustomerRef) -> None:
        self.currency = currency
        self.customer = customer
        self._told: dict[str, list[OrderSnapshot]] = {}
        self._where: dict[str, str] = {}

    def where(self, name: str, detail: dict[str, str]) -> str:
        """Which store the order is of: the one that it was placed in."""
        return self._where.setdefault(name, detail.get("store", "falcon"))

    def tell(self, move: str, name: str, amount: str, detail: dict[str, str], *, at: datetime) -> Seen:
        """What the store says after `move` of the order `name`. `amount` is the order's total, or the refund's."""
        if move == "again":
            return self._told[name][-1]
        if move == "older":
            return self._told[name][0]
        if move == "delete":
            return OrderDeletion(external_id=name, as_of=at)
        if move == "notice":
            return RefundNotice(external_id=name, refund=self._refund(name, amount, detail, at=at))
        order = self._next(move, name, amount, detail, at=at)
        self._told.setdefault(name, []).append(order)
        return order

    def notice(self, name: str, amount: str, detail: dict[str, str], *, at: datetime) -> ActivityNotice:
        """What the store says that its customer did: `name` is the kind and the key, `amount` money or `-`."""
        kind, _, key = name.rpartition(":")
        currency = detail.get("currency")
        told = {word: _typed(text) for word, text in detail.items() if word not in ("currency", "channel", "says")}
        if amount != "-":
            told["amount"] = parse_minor(amount, currency or self.currency)
        activity = MemberActivity(
            kind=kind,
            key=key,
            occurred_at=at,
            store="falcon",
            channel=detail.get("channel", "web"),
            properties=told,
            currency=currency,
        )
        return ActivityNotice(customer=self.customer, activity=activity)

    def _next(self, move: str, name: str, amount: str, detail: dict[str, str], *, at: datetime) -> OrderSnapshot:
        if move in ("place", "pay") and name not in self._told:
            # `late=3`: it is told so many days after it was placed and paid for.
            at -= timedelta(days=int(detail.get("late", "0")))
            return self._order(name, amount, detail, at=at, paid_at=at if move == "pay" else None)
        last = replace(self._told[name][-1], as_of=at, customer=self.customer, restored=False)
        changes: dict[str, dict[str, Any]] = {
            "pay": {"paid_at": last.paid_at or at},
            "unpay": {"paid_at": None},
            "cancel": {"status": OrderStatus.CANCELLED},
            "uncancel": {"status": OrderStatus.OPEN},
            "restore": {"restored": True},
            "unrefund": {"refunds": last.refunds[:-1]},
            "fulfil": {"fulfilled_at": at},
            "deliver": {"delivered_at": at},
            "confirm": {"confirmed_at": at},
        }
        if move in changes:
            return replace(last, **changes[move])
        if move == "refund":
            return replace(last, refunds=(*last.refunds, self._refund(name, amount, detail, at=at)))
        if move == "list":
            # The snapshot lists the refund that was noticed before.
            return replace(last, refunds=(*last.refunds, self._refund(name, amount, detail, at=at)))
        if move == "edit":
            edited = self._order(name, amount, detail, at=last.placed_at, paid_at=last.paid_at)
            facts = {fact: getattr(last, fact) for fact in ("fulfilled_at", "delivered_at", "confirmed_at")}
            return replace(edited, as_of=at, refunds=last.refunds, status=last.status, **facts)
        raise ValueError(f"{move}: no such move")

    def _order(
        self, name: str, amount: str, detail: dict[str, str], *, at: datetime, paid_at: datetime | None
    ) -> OrderSnapshot:
        currency = detail.get("currency", self.currency)
        exponent = int(detail["exponent"]) if "exponent" in detail else None

        def minor(text: str) -> int:
            return parse_minor(text, currency, exponent=exponent)

        goods = _parts(detail.get("lines", f"beans:{amount}"))
        pieces, collections, regular = (dict(_parts(detail.get(word, ""))) for word in ("pieces", "in", "regular"))
        return OrderSnapshot(
            external_id=name,
            number=name,
            currency=currency,
            exponent=exponent,
            rate=detail.get("rate"),
            placed_at=at,
            as_of=at,
            paid_at=paid_at,
            customer=self.customer,
            lines=tuple(
                OrderLine(
                    id=f"{name}-{product}",
                    product_id=product,
                    quantity=int(pieces.get(product, 1)),
                    subtotal_minor=minor(price) + minor(detail.get("discount", "0")),
                    total_minor=minor(price),
                    tax_minor=minor(detail.get("tax", "0")),
                    collections=tuple(collections.get(product, "").split("+")),
                    regular_minor=minor(regular[product]) if product in regular else None,
                )
                for product, price in goods
            ),
            shipping_minor=minor(detail.get("shipping", "0")),
            fees_minor=minor(detail.get("fees", "0")),
            total_minor=minor(amount),
            tenders=tuple(
                Tender(kind=TenderKind(kind), amount_minor=minor(paid))
                for kind, paid in _parts(detail.get("tenders", ""))
            ),
            channel=detail.get("channel", "web"),
            coupon_codes=tuple(code for code, _ in _parts(detail.get("coupons", ""))),
            payment_method=detail.get("by"),
        )

    def _refund(self, name: str, amount: str, detail: dict[str, str], *, at: datetime) -> Refund:
        last = self._told[name][-1] if name in self._told else None
        currency, exponent = (last.currency, last.exponent) if last else (self.currency, None)

        def minor(text: str) -> int:
            return parse_minor(text, currency, exponent=exponent)

        return Refund(
            id=detail.get("id", f"{name}-{at.isoformat()}"),
            at=at,
            amount_minor=minor(amount),
            lines=tuple(
                RefundLine(line_id=f"{name}-{product}", amount_minor=minor(price))
                for product, price in _parts(detail.get("lines", ""))
            ),
            shipping_minor=minor(detail.get("shipping", "0")),
        )


def _typed(text: str) -> str | int | bool:
    """A property as it looks: a truth, a number, or a text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text


def _parts(text: str) -> list[tuple[str, str]]:
    """`beans:80.00,cup:40.00` as pairs."""
    return [(name, amount) for name, _, amount in (part.partition(":") for part in text.split(",") if part)]
