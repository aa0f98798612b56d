"""The demo's history: the same for the same arguments, told in time order, and like a real shop's."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from wafa.core.snapshots import (
    CustomerSnapshot,
    OrderDeletion,
    OrderSnapshot,
    OrderStatus,
    RefundNotice,
    TenderKind,
)
from wafa.jobs.demo.history import LENGTH, History, make_history
from wafa.jobs.demo.load import list_days
from wafa.jobs.demo.seasons import ZONE, day_of

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(seed=1, now=NOW, members=3_000, orders=25_000)


@pytest.fixture(scope="module")
def orders(history: History) -> dict[str, OrderSnapshot]:
    """The last snapshot of every order."""
    return {told.fact.external_id: told.fact for told in history.told if isinstance(told.fact, OrderSnapshot)}


def _digest(history: History) -> str:
    return hashlib.sha256(msgspec.json.encode((history.told, history.wishes))).hexdigest()


@pytest.mark.slow
def test_same_seed_same_moment_same_history() -> None:
    told = [_digest(make_history(seed=seed, now=NOW, members=300, orders=2_500)) for seed in (1, 1, 2)]
    assert told[0] == told[1] != told[2]


def test_a_small_history_is_this_one_on_every_machine() -> None:
    small = make_history(seed=1, now=NOW, members=10, orders=60)
    assert _digest(small) == "68912b60b7086599b848593d71a3c9cbee8b7bb2dcac38dff9d2937af4133b90"


@pytest.mark.slow
def test_facts_are_told_in_time_order_within_two_years(history: History) -> None:
    moments = [told.at for told in history.told]
    assert moments == sorted(moments)
    assert NOW - LENGTH - timedelta(minutes=10) <= moments[0] < NOW - LENGTH + timedelta(days=2)
    assert NOW - timedelta(hours=3) < moments[-1] <= NOW
    assert [wish.at for wish in history.wishes] == sorted(wish.at for wish in history.wishes)


def test_every_fact_is_in_one_day(history: History) -> None:
    days = list_days(history)
    assert [told for day in days for told in day.told] == list(history.told)
    assert [wish for day in days for wish in day.wishes] == list(history.wishes)
    assert all(former.until <= day.since for former, day in pairwise(days))
    assert all(day.since <= told.at < day.until for day in days for told in day.told)
    assert all(day.since <= wish.at < day.until for day in days for wish in day.wishes)


def test_exact_counts_of_seed_1(history: History, orders: dict[str, OrderSnapshot]) -> None:
    assert len(history.people) == 3_000
    assert len(orders) == 25_000
    assert Counter(type(told.fact) for told in history.told) == {
        OrderSnapshot: 52_383,
        CustomerSnapshot: 2_676,
        RefundNotice: 105,
        OrderDeletion: 26,
    }
    assert len(history.wishes) == 4_317


def test_what_becomes_of_orders(history: History, orders: dict[str, OrderSnapshot]) -> None:
    thousandths = 1_000 / len(orders)
    cancelled = [order for order in orders.values() if order.status is OrderStatus.CANCELLED]
    refunded = [order for order in orders.values() if order.refunds]
    assert 18 < len(cancelled) * thousandths < 26
    assert 5 < sum(order.paid_at is None for order in cancelled) * thousandths < 9
    assert 16 < sum(order.is_fully_refunded for order in refunded) * thousandths < 24
    assert 30 < sum(not order.is_fully_refunded for order in refunded) * thousandths < 40
    by_line = sum(bool(refund.lines) for order in refunded for refund in order.refunds)
    assert 0.6 < by_line / len(refunded) < 0.8


def test_amounts_add_up(orders: dict[str, OrderSnapshot]) -> None:
    for order in orders.values():
        lines = sum(line.total_minor + line.tax_minor for line in order.lines)
        assert lines + order.shipping_minor + order.shipping_tax_minor == order.total_minor
        assert sum(tender.amount_minor for tender in order.tenders) == (order.total_minor if order.paid_at else 0)
        assert 0 <= order.refunded_minor <= order.total_minor
        assert all(0 < line.total_minor <= line.subtotal_minor for line in order.lines)


def test_home_pays_fifteen_percent_of_tax_and_exports_none(orders: dict[str, OrderSnapshot]) -> None:
    for order in orders.values():
        for line in order.lines:
            if order.currency == "SAR":
                assert abs(line.tax_minor - line.total_minor * 15 / 100) <= line.quantity + 0.5
            else:
                assert line.tax_minor == 0


def test_money_of_four_countries(orders: dict[str, OrderSnapshot]) -> None:
    shares = Counter(order.currency for order in orders.values())
    assert set(shares) == {"SAR", "AED", "KWD", "USD"}
    assert 0.94 < shares["SAR"] / len(orders) < 0.98
    assert all((order.rate is None) == (order.currency == "SAR") for order in orders.values())
    assert {order.rate for order in orders.values() if order.currency == "KWD"} == {
        "12.19", "12.21", "12.22", "12.24", "12.26",
    }  # fmt: skip
    cards = sum(any(tender.kind is TenderKind.GIFT_CARD for tender in order.tenders) for order in orders.values())
    assert 0.03 < cards / len(orders) < 0.05


def test_some_come_back_often_and_many_once(orders: dict[str, OrderSnapshot]) -> None:
    bought = Counter(order.customer.email for order in orders.values() if order.customer)
    frequent = sum(count for _, count in bought.most_common(len(bought) // 5))
    assert 0.18 < sum(count == 1 for count in bought.values()) / len(bought) < 0.30
    assert 0.55 < frequent / len(orders) < 0.75
    assert 60 < max(bought.values()) < 250


def test_guests_wait_and_some_of_them_join(history: History, orders: dict[str, OrderSnapshot]) -> None:
    guests = [person for person in history.people if person.joined_at is None or person.joined_at > person.arrived_at]
    joined = [person for person in guests if person.joined_at is not None]
    assert 0.15 < len(guests) / len(history.people) < 0.21
    assert 0.38 < len(joined) / len(guests) < 0.52
    by_guests = sum(order.customer.external_id is None for order in orders.values() if order.customer)
    assert 0.10 < by_guests / len(orders) < 0.17


def test_ramadan_evenings_white_friday_and_growth(orders: dict[str, OrderSnapshot]) -> None:
    placed = [order.placed_at.astimezone(ZONE) for order in orders.values()]
    ramadan = [moment for moment in placed if day_of(moment.date()).is_ramadan]
    late = sum(moment.hour >= 20 or moment.hour <= 2 for moment in ramadan)
    assert 0.6 < late / len(ramadan) < 0.75
    by_day = Counter(moment.date() for moment in placed)
    busiest = {day for day, _ in by_day.most_common(8)}
    assert sum(day_of(day).is_white_friday for day in busiest) >= 4
    months = Counter((moment.year, moment.month) for moment in placed)
    growth = [months[2026, month] / months[2025, month] for month in range(4, 11)]  # Ramadan moves, so without it
    assert 1.4 < sum(growth) / len(growth) < 2.2


def test_names_are_made_up_and_addresses_lead_nowhere(history: History) -> None:
    assert len({person.email for person in history.people}) == 3_000
    assert all(person.email.endswith("@example.com") for person in history.people)
    shares = Counter(person.locale for person in history.people)
    assert 0.58 < shares["ar"] / 3_000 < 0.66
    assert 0.12 < shares["fa"] / 3_000 < 0.18


@pytest.mark.parametrize(("members", "orders"), [(9, 60), (10, 59), (100, 199)])
def test_too_small_a_shop_is_refused(members: int, orders: int) -> None:
    with pytest.raises(ValueError, match=f"got {members} members and {orders} orders"):
        make_history(seed=1, now=NOW, members=members, orders=orders)
