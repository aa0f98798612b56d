"""Orders as they were last told: written once, held, and read back as they were."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import connection

from wafa.activities.models import Order
from wafa.activities.operations import Key, LockedOrder, OrderRow, lock_known_orders, lock_orders, save_orders
from wafa.activities.queries import (
    find_average_order,
    find_order,
    list_order_numbers,
    list_orders_of_member,
    read_snapshot,
)
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot, OrderStatus
from wafa.kit.ids import new_id
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
STORE = UUID(int=7)


def snapshot(external_id: str, **changes: Any) -> OrderSnapshot:
    line = OrderLine(id="1", product_id="cup", quantity=2, subtotal_minor=900, total_minor=900, name='"Cup", قهوة')
    told: dict[str, Any] = {
        "external_id": external_id,
        "currency": "SAR",
        "placed_at": AT,
        "as_of": AT,
        "lines": (line,),
        "customer": CustomerRef(email="layla@example.com"),
    }
    return OrderSnapshot(**(told | changes))


def row(told: OrderSnapshot, member_id: UUID | None = None, *, decided_at: datetime | None = None) -> OrderRow:
    return OrderRow(
        member_id=member_id,
        number=told.number,
        status=told.status.value,
        currency=told.currency,
        total_minor=told.total_minor,
        refunded_minor=told.refunded_minor,
        placed_at=told.placed_at,
        paid_at=told.paid_at,
        as_of=told.as_of,
        snapshot=msgspec.Raw(msgspec.json.encode(told)),
        decided_at=decided_at,
    )


class Room:
    """The orders of one program."""

    def __init__(self) -> None:
        self.program_id = new_id()

    def lock(self, *told: OrderSnapshot, member_id: UUID | None = None) -> dict[Key, LockedOrder]:
        with program_transaction(self.program_id):
            return lock_orders(
                self.program_id, {(STORE, order.external_id): row(order, member_id) for order in told}, at=AT
            )

    def count(self) -> int:
        with program_transaction(self.program_id):
            return Order.objects.filter(program_id=self.program_id).count()

    def get(self, order_id: UUID) -> Order:
        with program_transaction(self.program_id):
            return Order.objects.get(program_id=self.program_id, id=order_id)


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_new_order_is_written_with_its_first_snapshot(room: Room) -> None:
    member_id = new_id()
    told = snapshot("1", number="W-1", paid_at=AT, total_minor=900)
    (locked,) = room.lock(told, member_id=member_id).values()
    assert (locked.snapshot, locked.member_id) == (None, member_id)
    with program_transaction(room.program_id):
        kept = Order.objects.get(program_id=room.program_id, id=locked.id)
        assert read_snapshot(kept) == told
        assert (kept.store_id, kept.external_id, kept.number, kept.status) == (STORE, "1", "W-1", "open")
        assert (kept.total_minor, kept.paid_at, kept.as_of, kept.first_seen_at) == (900, AT, AT, AT)
        assert find_order(room.program_id, store_id=STORE, external_id="1") == kept
        assert find_order(room.program_id, store_id=new_id(), external_id="1") is None


def test_a_known_order_is_returned_as_it_was_recorded(room: Room) -> None:
    first, second = snapshot("1"), snapshot("1", total_minor=5, as_of=AT + timedelta(hours=1))
    (new,) = room.lock(first).values()
    (known,) = room.lock(second).values()
    assert known.id == new.id
    assert known.snapshot == first
    assert room.count() == 1


def test_what_is_newer_is_saved(room: Room) -> None:
    member_id = new_id()
    orders = room.lock(snapshot("1"), snapshot("2"))
    newer = snapshot("1", number="W-1", paid_at=AT, total_minor=5, as_of=AT + timedelta(hours=1))
    later = AT + timedelta(days=1)
    with program_transaction(room.program_id):
        save_orders(room.program_id, [(orders[STORE, "1"].id, row(newer, member_id))], at=later)
    saved, other = (room.get(orders[STORE, key].id) for key in ("1", "2"))
    assert read_snapshot(saved) == newer
    assert (saved.member_id, saved.total_minor, saved.last_seen_at, saved.first_seen_at) == (member_id, 5, later, AT)
    assert (read_snapshot(other), other.last_seen_at) == (snapshot("2"), AT)


def test_an_order_stays_decided_when_it_was_first_decided_until_it_is_nobodys_again(room: Room) -> None:
    order_id, member_id = room.lock(snapshot("1"))[STORE, "1"].id, new_id()
    days = [AT + timedelta(days=number) for number in range(5)]
    tellings = [
        (None, None, None),
        (member_id, days[1], days[1]),
        (member_id, None, days[1]),
        (member_id, days[2], days[1]),
        (None, None, None),
        (member_id, days[4], days[4]),
    ]
    for whose, told_at, kept_at in tellings:
        with program_transaction(room.program_id):
            save_orders(room.program_id, [(order_id, row(snapshot("1"), whose, decided_at=told_at))], at=AT)
        assert room.get(order_id).decided_at == kept_at


def test_whoever_tells_of_an_order_has_seen_it_but_a_history_has_not(room: Room) -> None:
    known = room.lock(snapshot("1"))[STORE, "1"].id
    rows, later = {(STORE, "1"): row(snapshot("1"))}, AT + timedelta(days=1)
    for is_history, seen_at in ((True, AT), (False, later)):
        with program_transaction(room.program_id):
            lock_orders(room.program_id, rows, at=later, is_history=is_history)
        assert (room.get(known).first_seen_at, room.get(known).last_seen_at) == (AT, seen_at)
    with program_transaction(room.program_id):
        lock_known_orders(room.program_id, rows, at=later + timedelta(days=1))
    assert room.get(known).last_seen_at == later + timedelta(days=1)


def test_orders_of_two_stores_may_have_the_same_name(room: Room) -> None:
    other = new_id()
    known = room.lock(snapshot("1"))[STORE, "1"].id
    with program_transaction(room.program_id):
        told = {(store_id, name): row(snapshot(name)) for store_id in (STORE, other) for name in ("1", "2")}
        locked = lock_orders(room.program_id, told, at=AT)
    assert [key for key, order in locked.items() if order.snapshot is not None] == [(STORE, "1")]
    assert locked[STORE, "1"].id == known
    assert room.count() == 4


def test_only_known_orders_are_held_where_none_may_be_written(room: Room) -> None:
    room.lock(snapshot("1"))
    with program_transaction(room.program_id):
        held = lock_known_orders(room.program_id, [(STORE, "1"), (STORE, "2"), (new_id(), "1")], at=AT)
    assert held.keys() == {(STORE, "1")}
    assert room.count() == 1


@pytest.mark.parametrize("size", [1, 300])
def test_statements(
    room: Room, size: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    rows = {(STORE, str(n)): row(snapshot(str(n))) for n in range(size)}
    for known in (False, True):
        with program_transaction(room.program_id), django_assert_num_queries(2 if known else 1):
            locked = lock_orders(room.program_id, rows, at=AT)
        assert {order.snapshot is not None for order in locked.values()} == {known}
    with program_transaction(room.program_id), django_assert_num_queries(1):
        save_orders(room.program_id, [(locked[key].id, changed) for key, changed in rows.items()], at=AT)
    with program_transaction(room.program_id), django_assert_num_queries(0):
        lock_orders(room.program_id, {}, at=AT)
        lock_known_orders(room.program_id, [], at=AT)
        save_orders(room.program_id, [], at=AT)
    assert room.count() == size


@pytest.mark.django_db(transaction=True)
def test_the_same_orders_at_once_are_written_once(room: Room) -> None:
    """Six threads hold the same twenty orders, half of them in the opposite order, and each adds one to every total."""
    begin = Barrier(6)
    errors: list[BaseException] = []

    @retried
    def add_one(told: list[OrderSnapshot]) -> None:
        with program_transaction(room.program_id):
            rows = {(STORE, order.external_id): row(order) for order in told}
            locked = lock_orders(room.program_id, rows, at=AT)
            changed = []
            for (_, external_id), order in locked.items():
                before = order.snapshot or snapshot(external_id)
                after = msgspec.structs.replace(before, total_minor=before.total_minor + 1)
                changed.append((order.id, row(after)))
            save_orders(room.program_id, changed, at=AT)

    def run(worker: int) -> None:
        try:
            begin.wait()
            add_one([snapshot(str(n)) for n in range(20)][:: 1 if worker % 2 else -1])
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[worker]) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with program_transaction(room.program_id):
        totals = [order.total_minor for order in Order.objects.filter(program_id=room.program_id)]
    assert totals == [6] * 20


def test_orders_of_a_member_are_listed_newest_first_in_pages(room: Room) -> None:
    member_id = new_id()
    told = [snapshot(str(n), placed_at=AT + timedelta(days=n // 2), number=f"W-{n}" if n else "") for n in range(5)]
    room.lock(*told, member_id=member_id)
    room.lock(snapshot("other"), member_id=new_id())
    with program_transaction(room.program_id):
        whole = list_orders_of_member(room.program_id, member_id, limit=10)
        first = list_orders_of_member(room.program_id, member_id, limit=2)
        rest = list_orders_of_member(room.program_id, member_id, limit=10, before=(first[-1].placed_at, first[-1].id))
        ids = [order.id for order in whole]
        assert sorted(list_order_numbers(room.program_id, ids).values()) == ["0", "W-1", "W-2", "W-3", "W-4"]
    assert whole[0].external_id == "4"
    assert [order.placed_at for order in whole] == sorted((order.placed_at for order in whole), reverse=True)
    assert first + rest == whole
    assert len(whole) == 5


def test_the_average_order_is_of_paid_orders_in_the_currency_since_then(room: Room) -> None:
    room.lock(
        snapshot("1", total_minor=10_000, paid_at=AT),
        snapshot("2", total_minor=20_001, paid_at=AT),
        snapshot("unpaid", total_minor=9),
        snapshot("earlier", total_minor=9, paid_at=AT - timedelta(seconds=1)),
        snapshot("cancelled", total_minor=9, paid_at=AT, status=OrderStatus.CANCELLED),
        snapshot("dollars", total_minor=9, paid_at=AT, currency="USD"),
        snapshot("without decimals", total_minor=9, paid_at=AT, exponent=0),
    )
    with program_transaction(room.program_id):
        assert find_average_order(room.program_id, currency="SAR", since=AT) == 15_000
        assert find_average_order(room.program_id, currency="KWD", since=AT) is None
