"""What happened to an order, from two snapshots of it."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.core.make import NOON, make_order
from tests.core.memory import order_id_of
from wafa.core.compare import ActivityKind, NotYet, Seen, compare
from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, Refund, RefundLine, RefundNotice

LATER = NOON + timedelta(days=1)
LATEST = NOON + timedelta(days=2)


def found(recorded: OrderSnapshot | None, seen: Seen) -> list[tuple[ActivityKind, datetime]]:
    _, activities = compare(recorded, seen, order_id=order_id_of("O1"), store="falcon")
    return [(activity.kind, activity.occurred_at) for activity in activities]


def kept(*tellings: Seen) -> OrderSnapshot:
    recorded: OrderSnapshot | None = None
    for seen in tellings:
        recorded, _ = compare(recorded, seen, order_id=order_id_of("O1"), store="falcon")
    assert recorded is not None
    return recorded


def refund(amount_minor: int, *, at: datetime = LATER, lines: tuple[RefundLine, ...] = ()) -> Refund:
    return Refund(id="R1", at=at, amount_minor=amount_minor, lines=lines)


PAID = make_order()
UNPAID = make_order(paid_at=None)
CANCELLED = make_order(status=OrderStatus.CANCELLED, as_of=LATER)
PART = make_order(refunds=(refund(4_000),), as_of=LATEST)
DELETION = OrderDeletion(external_id="O1", as_of=LATER)


@pytest.mark.parametrize(
    ("recorded", "seen", "activities"),
    [
        (None, UNPAID, []),
        (None, PAID, [(ActivityKind.PAID, NOON)]),
        (UNPAID, replace(PAID, as_of=LATER), [(ActivityKind.PAID, NOON)]),
        (None, PART, [(ActivityKind.PAID, NOON), (ActivityKind.PART_REFUNDED, LATER)]),
        (None, CANCELLED, [(ActivityKind.PAID, NOON), (ActivityKind.CANCELLED, LATER)]),
        (UNPAID, replace(CANCELLED, paid_at=None), []),
        (PAID, PART, [(ActivityKind.PART_REFUNDED, LATER)]),
        (PAID, replace(PART, refunds=(refund(12_000),)), [(ActivityKind.FULLY_REFUNDED, LATER)]),
        (
            PART,
            replace(PART, refunds=(), as_of=LATEST + timedelta(1)),
            [(ActivityKind.REINSTATED, LATEST + timedelta(1))],
        ),
        (PAID, CANCELLED, [(ActivityKind.CANCELLED, LATER)]),
        (CANCELLED, replace(PAID, as_of=LATEST), [(ActivityKind.REINSTATED, LATEST)]),
        (PAID, make_order(15_000, as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, make_order(coupon_codes=("EID",), as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, make_order(payment_method="knet", as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, make_order(channel="pos", as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, make_order(paid_at=LATER, as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, replace(UNPAID, as_of=LATER), [(ActivityKind.EDITED, LATER)]),
        (PAID, replace(PAID, as_of=LATER, fulfilled_at=LATER), [(ActivityKind.FULFILLED, LATER)]),
        (PAID, replace(PAID, as_of=LATER, confirmed_at=NOON), [(ActivityKind.CONFIRMED, NOON)]),
        # What is delivered is fulfilled too.
        (
            PAID,
            replace(PAID, as_of=LATEST, delivered_at=LATER),
            [(ActivityKind.FULFILLED, LATER), (ActivityKind.DELIVERED, LATER)],
        ),
        # The earliest that was told counts, and is never taken back.
        (replace(PAID, fulfilled_at=LATER), replace(PAID, as_of=LATEST), []),
        (replace(PAID, fulfilled_at=LATER), replace(PAID, as_of=LATEST, fulfilled_at=LATEST), []),
        (
            replace(PAID, as_of=LATER, fulfilled_at=LATEST),
            replace(PAID, as_of=NOON, fulfilled_at=LATER),
            [(ActivityKind.FULFILLED, LATER)],
        ),
        (PAID, DELETION, [(ActivityKind.DELETED, LATER)]),
        (CANCELLED, DELETION, []),
        (None, DELETION, []),
        (kept(PAID, DELETION), replace(PAID, as_of=LATEST), []),
        (kept(PAID, DELETION), replace(PAID, as_of=LATEST, restored=True), [(ActivityKind.REINSTATED, LATEST)]),
        (kept(DELETION), PAID, [(ActivityKind.PAID, NOON), (ActivityKind.DELETED, LATER)]),
        (
            PAID,
            replace(make_order(15_000), as_of=LATEST, refunds=(refund(4_000),)),
            [(ActivityKind.EDITED, LATEST), (ActivityKind.PART_REFUNDED, LATER)],
        ),
        (None, make_order(customer=None), []),
        (make_order(customer=None), replace(PAID, as_of=LATER), [(ActivityKind.PAID, NOON)]),
        (PAID, make_order(customer=None, as_of=LATER), []),
    ],
)
def test_activities_between_two_snapshots(
    recorded: OrderSnapshot | None, seen: Seen, activities: list[tuple[ActivityKind, datetime]]
) -> None:
    assert found(recorded, seen) == activities


def test_a_refund_whose_lines_are_told_later_is_an_edit() -> None:
    detailed = replace(PART, refunds=(refund(4_000, lines=(RefundLine(line_id="L1", amount_minor=4_000),)),))

    assert found(PART, detailed) == [(ActivityKind.EDITED, LATEST)]
    # In the same second the more detailed telling is the newer one, whichever came first.
    assert found(detailed, PART) == []


@pytest.mark.parametrize("later", [CANCELLED, PART, replace(PAID, paid_at=NOON)])
def test_within_a_second_what_went_further_wins(later: OrderSnapshot) -> None:
    earlier = replace(UNPAID, as_of=NOON)
    later = replace(later, as_of=NOON)

    assert kept(earlier, later).paid_at == NOON
    assert kept(later, earlier).paid_at == NOON
    assert kept(earlier, later).status is kept(later, earlier).status is later.status


def test_an_older_snapshot_changes_nothing_that_was_kept() -> None:
    recorded, activities = compare(CANCELLED, PAID, order_id=order_id_of("O1"), store="falcon")

    assert recorded is CANCELLED
    assert activities == ()


def test_a_refund_told_by_itself_stays_until_it_is_listed() -> None:
    notice = RefundNotice(external_id="O1", refund=refund(4_000))
    unlisted = replace(PAID, as_of=LATEST, fulfilled_at=LATEST)

    assert kept(PAID, notice, unlisted).refunded_minor == 4_000
    assert kept(PAID, notice, PART).refunds == PART.refunds
    assert kept(PAID, notice, PART, replace(unlisted, as_of=LATEST + timedelta(1))).refunded_minor == 4_000
    assert found(kept(PAID, notice), PART) == []


def test_a_refund_before_its_order_waits() -> None:
    with pytest.raises(NotYet, match="the refund R1 came before its order O1"):
        found(None, RefundNotice(external_id="O1", refund=refund(4_000)))


def test_a_deletion_and_a_restoration_may_come_in_any_order() -> None:
    restored = replace(PAID, as_of=LATEST, restored=True)

    assert kept(PAID, DELETION, restored).status is OrderStatus.OPEN
    assert kept(restored, DELETION, PAID).status is OrderStatus.OPEN
    assert kept(restored, replace(DELETION, as_of=LATEST + timedelta(1))).status is OrderStatus.DELETED
