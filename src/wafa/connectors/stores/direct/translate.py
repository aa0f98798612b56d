"""The documents of the direct connector in the words of the core."""

from collections.abc import Sequence
from operator import attrgetter

from msgspec.structs import replace

from wafa.connectors.contract import CannotUnderstand, Fact
from wafa.connectors.fingerprints import fingerprint
from wafa.connectors.reading import canonical_email, read_utc
from wafa.connectors.stores.direct.documents import (
    Activity,
    ActivityMessage,
    Birthday,
    Customer,
    CustomerAccount,
    CustomerMessage,
    Fingerprints,
    Line,
    Message,
    Order,
    OrderDeletedMessage,
    OrderMessage,
    OrdersMessage,
    Refund,
    RefundMessage,
)
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.calendars import longest_month
from wafa.core.snapshots import Birthday as BirthdayFact
from wafa.core.snapshots import (
    CustomerRef,
    CustomerSnapshot,
    OrderDeletion,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    RefundLine,
    RefundNotice,
    Tender,
    TenderKind,
)
from wafa.core.snapshots import Refund as RefundFact

_TENDERS = {kind.value: kind for kind in TenderKind}
_STATUSES = {"open": OrderStatus.OPEN, "cancelled": OrderStatus.CANCELLED}


def translate_message(message: Message, *, store: str) -> tuple[Fact, ...]:
    """The facts of a message of the store with this code. Raises CannotUnderstand where parts contradict each other."""
    match message:
        case OrderMessage():
            return (_order(message.order, "$.order"),)
        case OrdersMessage():
            return tuple(_order(order, f"$.orders[{place}]") for place, order in enumerate(message.orders))
        case OrderDeletedMessage():
            return (OrderDeletion(external_id=message.order_id, as_of=read_utc(message.deleted_at, "$", "deleted_at")),)
        case RefundMessage():
            return (RefundNotice(external_id=message.order_id, refund=_refund(message.refund, "$.refund")),)
        case CustomerMessage():
            return (_account(message.customer, "$.customer"),)
        case ActivityMessage():
            return (_activity(message.activity, store, "$.activity"),)


def _order(order: Order, path: str) -> OrderSnapshot:
    _require_unique(order.lines, f"{path}.lines")
    if order.refunds:
        _require_unique(order.refunds, f"{path}.refunds")
        _require_known_lines(order, path)
    # In two steps: more than fifteen names at once would travel as a dictionary, at five times the cost.
    snapshot = OrderSnapshot(
        external_id=order.id,
        number=order.number,
        currency=order.currency,
        placed_at=read_utc(order.placed_at, path, "placed_at"),
        as_of=read_utc(order.updated_at, path, "updated_at"),
        paid_at=order.paid_at and read_utc(order.paid_at, path, "paid_at"),
        status=_STATUSES[order.status],
        customer=None if order.customer is None else translate_customer(order.customer, f"{path}.customer"),
        lines=tuple([translate_line(line) for line in order.lines]),
        shipping_minor=order.shipping_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        total_minor=order.total_minor,
        tenders=tuple(
            [Tender(kind=_TENDERS[tender.kind], amount_minor=tender.amount_minor) for tender in order.tenders]
        ),
        channel=order.channel,
        coupon_codes=order.coupon_codes,
    )
    if _beside(order) == _NOTHING:
        return snapshot
    return replace(
        snapshot,
        exponent=order.exponent,
        rate=order.rate,
        fulfilled_at=order.fulfilled_at and read_utc(order.fulfilled_at, path, "fulfilled_at"),
        delivered_at=order.delivered_at and read_utc(order.delivered_at, path, "delivered_at"),
        confirmed_at=order.confirmed_at and read_utc(order.confirmed_at, path, "confirmed_at"),
        fees_minor=order.fees_minor,
        refunds=tuple([_refund(refund, f"{path}.refunds[{place}]") for place, refund in enumerate(order.refunds)]),
        payment_method=order.payment_method,
        referral_code=order.referral_code,
        fingerprints=_fingerprints(order.fingerprints),
        restored=order.restored,
    )


# What the second step is about, and how it looks where there is nothing of it.
_beside = attrgetter(
    *("exponent", "rate", "fulfilled_at", "delivered_at", "confirmed_at", "fees_minor", "refunds"),
    *("payment_method", "referral_code", "fingerprints", "restored"),
)
_NOTHING = (None, None, None, None, None, 0, (), None, None, None, False)


def _fingerprints(told: Fingerprints | None) -> tuple[str, ...]:
    if told is None:
        return ()
    return (
        *fingerprint("address", told.address),
        *fingerprint("device", told.device),
        *fingerprint("payment", told.payment),
    )


def _require_unique(parts: Sequence[Line | Refund], path: str) -> None:
    seen: set[str] = set()
    for place, part in enumerate(parts):
        if part.id in seen:
            raise CannotUnderstand(f"{path}[{place}].id", "an id that no other of them has")
        seen.add(part.id)


def _require_known_lines(order: Order, path: str) -> None:
    known = {line.id for line in order.lines}
    for place, refund in enumerate(order.refunds):
        for at, line in enumerate(refund.lines):
            if line.line_id not in known:
                raise CannotUnderstand(f"{path}.refunds[{place}].lines[{at}].line_id", "the id of a line of this order")


def translate_line(line: Line) -> OrderLine:
    """A line of an order, or of a cart."""
    return OrderLine(
        id=line.id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        subtotal_minor=line.subtotal_minor,
        total_minor=line.total_minor,
        tax_minor=line.tax_minor,
        collections=line.collections,
        tags=line.tags,
        categories=line.categories,
        vendor=line.vendor,
        regular_minor=line.regular_minor,
    )


def _refund(refund: Refund, path: str) -> RefundFact:
    return RefundFact(
        id=refund.id,
        at=read_utc(refund.at, path, "at"),
        amount_minor=refund.amount_minor,
        lines=tuple(
            RefundLine(
                line_id=line.line_id, amount_minor=line.amount_minor, tax_minor=line.tax_minor, quantity=line.quantity
            )
            for line in refund.lines
        ),
        shipping_minor=refund.shipping_minor,
    )


def translate_customer(customer: Customer, path: str) -> CustomerRef:
    if not (customer.id or customer.email or customer.phone or customer.card):
        raise CannotUnderstand(path, "an id, e-mail, phone or card; leave the customer out where nobody is known")
    return CustomerRef(
        external_id=customer.id,
        email=canonical_email(customer.email),
        phone=customer.phone,
        name=customer.name,
        locale=customer.locale,
        card=customer.card,
    )


def _account(account: CustomerAccount, path: str) -> CustomerSnapshot:
    return CustomerSnapshot(
        customer=CustomerRef(
            external_id=account.id,
            email=canonical_email(account.email),
            phone=account.phone,
            name=account.name,
            locale=account.locale,
        ),
        created_at=read_utc(account.created_at, path, "created_at"),
        as_of=read_utc(account.updated_at, path, "updated_at"),
        birthday=None if account.birthday is None else _birthday(account.birthday, f"{path}.birthday"),
        answers=account.profile,
    )


def _birthday(birthday: Birthday, path: str) -> BirthdayFact:
    longest = longest_month(birthday.calendar, birthday.month)
    if birthday.day > longest:
        raise CannotUnderstand(f"{path}.day", f"a day of that month, from 1 to {longest}")
    return BirthdayFact(calendar=birthday.calendar, month=birthday.month, day=birthday.day, year=birthday.year)


def _activity(activity: Activity, store: str, path: str) -> ActivityNotice:
    return ActivityNotice(
        customer=translate_customer(activity.customer, f"{path}.customer"),
        activity=MemberActivity(
            kind=activity.kind,
            key=activity.id,
            occurred_at=read_utc(activity.occurred_at, path, "occurred_at"),
            store=store,
            channel=activity.channel,
            properties=activity.properties,
            currency=activity.currency,
            exponent=activity.exponent,
            rate=activity.rate,
        ),
    )
