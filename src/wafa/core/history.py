"""What a member bought before a moment: the history that conditions and segments look at.

It is made of the latest snapshots of all their orders, each taken as it stood at that moment: an order that was paid,
refunded or cancelled only later was not so yet. So it does not matter in which batches the orders were told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from uuid import UUID

from msgspec import Struct

from wafa.core.facts import bought_lines, names_of
from wafa.core.money import Rounding, convert_minor, exponent_of, parse_rate
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ProgramSpec

# Of two orders paid at once, the one with the lesser id in its store came first.
_MOMENT = attrgetter("paid_at", "external_id")


class PaidOrder(Struct, frozen=True, kw_only=True):
    """What stays of a paid order for the history. Amounts are minor units of `currency`.

    `refunds` are (when, amount). `names` is all that a selection may name its lines by.
    """

    external_id: str
    paid_at: datetime
    currency: str
    total_minor: int
    exponent: int | None = None
    rate: str | None = None
    voided_at: datetime | None = None
    refunds: tuple[tuple[datetime, int], ...] = ()
    names: frozenset[tuple[str, str]] = frozenset()


class Purchase(Struct, frozen=True, kw_only=True):
    """An order that counts: paid, not cancelled, not returned as a whole.

    `spend_minor` is what it cost less refunds, in the program's currency.
    """

    paid_at: datetime
    spend_minor: int
    names: frozenset[tuple[str, str]]


History = Mapping[UUID, PaidOrder]
"""The orders of one member that were ever paid, by our ids."""


def remember(history: History, order_id: UUID, order: OrderSnapshot) -> History:
    """The history once this is the latest snapshot of the order."""
    others = {known: past for known, past in history.items() if known != order_id}
    return others if order.paid_at is None else {**others, order_id: paid_order(order)}


def paid_order(order: OrderSnapshot) -> PaidOrder:
    """What the history keeps of a paid order."""
    assert order.paid_at is not None, "an order that is not paid is no part of the history"
    return PaidOrder(
        external_id=order.external_id,
        paid_at=order.paid_at,
        currency=order.currency,
        total_minor=order.total_minor,
        exponent=order.exponent,
        rate=order.rate,
        voided_at=order.voided_at,
        refunds=tuple((refund.at, refund.amount_minor) for refund in order.refunds),
        names=frozenset(name for line in bought_lines(order) for name in names_of(line)),
    )


def purchases_before(history: History, spec: ProgramSpec, *, at: datetime, external_id: str = "") -> Sequence[Purchase]:
    """The purchases before the order `external_id` paid `at`, or before any order of that moment; the oldest first.

    Of two orders paid at once, the one with the lesser id in its store came first.
    """
    # Ids decide only within one moment, so most orders need not look at them.
    before = [
        past
        for past in history.values()
        if past.paid_at < at or (past.paid_at == at and past.external_id < external_id)
    ]
    found = []
    for past in sorted(before, key=_MOMENT):
        returned = sum([amount for refunded_at, amount in past.refunds if refunded_at < at]) if past.refunds else 0
        is_void = past.voided_at is not None and past.voided_at < at
        if not is_void and (returned <= 0 or returned < past.total_minor):
            spend = _convert(past, max(past.total_minor - returned, 0), spec)
            found.append(Purchase(paid_at=past.paid_at, spend_minor=spend, names=past.names))
    return found


def _convert(past: PaidOrder, amount_minor: int, spec: ProgramSpec) -> int:
    """In the program's currency, rounded down; nothing where this version names no rate."""
    wanted = exponent_of(spec.currency)
    if past.currency == spec.currency and past.exponent in (None, wanted):
        return amount_minor
    known = "1" if past.currency == spec.currency else past.rate or spec.rates.get(past.currency)
    return convert_minor(
        amount_minor,
        rate=parse_rate(known) if known else Fraction(0),
        from_exponent=exponent_of(past.currency) if past.exponent is None else past.exponent,
        to_exponent=wanted,
        rounding=Rounding.DOWN,
    )
