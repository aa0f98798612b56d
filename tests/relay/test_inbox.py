"""The inbox keeps what came, once, and gives each delivery to one worker."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection

from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Delivery, DeliveryBody, DeliveryState
from wafa.relay.operations import (
    CannotReplay,
    FinishedDelivery,
    KeptDelivery,
    NewDelivery,
    end_deliveries,
    keep_deliveries,
    prune_bodies,
    replay_delivery,
    replay_parked_deliveries,
    take_deliveries,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORE = UUID(int=7)
BINARY = bytes(range(256))


def delivery(
    body: bytes = b"{}", *, topic: str = "order.created", store: UUID = STORE, at: datetime = AT
) -> NewDelivery:
    return NewDelivery.of(store_id=store, topic=topic, headers={"X-Topic": topic}, body=body, received_at=at)


class Inbox:
    """The inbox of one program."""

    def __init__(self) -> None:
        self.program_id = new_id()

    def keep(self, *deliveries: NewDelivery) -> list[UUID]:
        with program_transaction(self.program_id):
            return keep_deliveries(self.program_id, deliveries)

    def take(self, *, limit: int = 100, at: datetime = AT) -> list[KeptDelivery]:
        with program_transaction(self.program_id):
            return take_deliveries(self.program_id, limit=limit, at=at)

    def finish(self, *ends: FinishedDelivery, at: datetime = AT) -> None:
        with program_transaction(self.program_id):
            end_deliveries(self.program_id, ends, at=at)

    def states(self) -> dict[str, int]:
        with program_transaction(self.program_id):
            return dict(Counter(Delivery.objects.values_list("state", flat=True)))

    def row(self, delivery_id: UUID) -> Delivery:
        with program_transaction(self.program_id):
            return Delivery.objects.get(program_id=self.program_id, id=delivery_id)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_the_bytes_come_back_as_they_came(inbox: Inbox) -> None:
    told = NewDelivery.of(
        store_id=STORE,
        topic="order.created",
        headers={"X-Signature": "abc=", "Cookie": "session", "authorization": "Basic eA==", "X-Forwarded-For": "::1"},
        body=BINARY,
        received_at=AT,
    )
    assert inbox.keep(told) == [told.id]
    (taken,) = inbox.take()
    assert (taken.id, taken.store_id, taken.topic, taken.received_at) == (told.id, STORE, "order.created", AT)
    assert (taken.body, taken.attempts) == (BINARY, 0)
    assert taken.headers == {"X-Signature": "abc="}


def test_the_same_bytes_are_kept_once(inbox: Inbox) -> None:
    assert len(inbox.keep(delivery(), delivery())) == 1
    assert inbox.keep(delivery(at=AT + timedelta(days=1))) == []
    others = [delivery(b"{ }"), delivery(topic="order.updated"), delivery(store=new_id())]
    assert inbox.keep(*others) == [other.id for other in others]
    assert inbox.states() == {"new": 4}


def test_topic_and_bytes_are_told_apart(inbox: Inbox) -> None:
    assert len(inbox.keep(delivery(b"b", topic="a"), delivery(b"", topic="ab"))) == 2


def test_the_oldest_come_first_and_no_more_than_asked(inbox: Inbox) -> None:
    new, old, middle = (delivery(str(n).encode(), at=AT + timedelta(minutes=n)) for n in (3, 1, 2))
    inbox.keep(new, old, middle)
    assert [taken.id for taken in inbox.take(limit=2)] == [old.id, middle.id]


def test_each_end_is_written_down(inbox: Inbox) -> None:
    deliveries = [delivery(str(n).encode()) for n in range(5)]
    inbox.keep(*deliveries)
    done, ignored, parked, waiting, new = (told.id for told in deliveries)
    later = AT + timedelta(hours=1)
    assert [taken.id for taken in inbox.take(limit=4)] == [done, ignored, parked, waiting]
    assert inbox.states() == {"done": 4, "new": 1}
    inbox.finish(
        FinishedDelivery(id=done, state=DeliveryState.DONE),
        FinishedDelivery(id=ignored, state=DeliveryState.IGNORED, reason="other_topic"),
        FinishedDelivery(id=parked, state=DeliveryState.PARKED, reason="lines[0].total: expected a decimal"),
        FinishedDelivery(id=waiting, state=DeliveryState.WAITING, reason="too early", next_attempt_at=later),
        FinishedDelivery(id=None, state=DeliveryState.DONE),
    )
    assert inbox.states() == {"done": 1, "ignored": 1, "parked": 1, "waiting": 1, "new": 1}
    assert (inbox.row(waiting).pending, inbox.row(waiting).drained_at) == (True, None)
    assert [(taken.id, taken.attempts) for taken in inbox.take()] == [(new, 0)]
    assert [(taken.id, taken.attempts) for taken in inbox.take(at=later)] == [(waiting, 1)]
    kept = inbox.row(parked)
    assert (kept.reason, kept.attempts, kept.pending, kept.drained_at) == (
        "lines[0].total: expected a decimal", 1, False, AT,
    )  # fmt: skip


def test_one_that_was_booked_at_once_is_kept_with_its_end(inbox: Inbox) -> None:
    done = delivery(b"1").ended(FinishedDelivery(id=None, state=DeliveryState.DONE))
    later = AT + timedelta(minutes=1)
    waiting = delivery(b"2").ended(
        FinishedDelivery(id=None, state=DeliveryState.WAITING, reason="early", next_attempt_at=later)
    )
    inbox.keep(done, waiting)
    assert inbox.take() == []
    assert [(taken.id, taken.attempts) for taken in inbox.take(at=later)] == [(waiting.id, 1)]
    assert (inbox.row(done.id).state, inbox.row(done.id).drained_at) == ("done", AT)


@pytest.mark.django_db(transaction=True)
def test_no_two_workers_take_the_same(inbox: Inbox) -> None:
    inbox.keep(*(delivery(str(n).encode()) for n in range(40)))
    taken: list[UUID] = []
    begin, all_have = Barrier(4), Barrier(4)

    def run() -> None:
        begin.wait()
        with program_transaction(inbox.program_id):
            taken.extend(one.id for one in take_deliveries(inbox.program_id, limit=10, at=AT))
            all_have.wait(30)
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == len(set(taken)) == 40
    assert inbox.states() == {"done": 40}


def test_a_worker_that_dies_lets_go_of_what_it_took(inbox: Inbox) -> None:
    inbox.keep(delivery())
    with pytest.raises(RuntimeError), program_transaction(inbox.program_id):
        take_deliveries(inbox.program_id, limit=10, at=AT)
        raise RuntimeError
    assert [one.attempts for one in inbox.take()] == [0]


def test_a_stuck_delivery_is_read_again(inbox: Inbox) -> None:
    parked, done = delivery(b"1"), delivery(b"2")
    inbox.keep(parked, done)
    inbox.take()
    inbox.finish(FinishedDelivery(id=parked.id, state=DeliveryState.PARKED, reason="?"))
    with program_transaction(inbox.program_id):
        with pytest.raises(CannotReplay):
            replay_delivery(inbox.program_id, done.id)
        replay_delivery(inbox.program_id, parked.id)
    assert [(taken.id, taken.attempts) for taken in inbox.take()] == [(parked.id, 0)]
    assert inbox.row(parked.id).reason == ""
    inbox.finish(FinishedDelivery(id=parked.id, state=DeliveryState.PARKED, reason="?"))
    with program_transaction(inbox.program_id):
        assert replay_parked_deliveries(inbox.program_id) == 1
    assert inbox.states() == {"new": 1, "done": 1}


def test_old_bytes_are_let_go_of_but_not_of_stuck_ones(inbox: Inbox) -> None:
    names = ("done", "ignored", "parked", "waiting", "new")
    told = {name: delivery(name.encode(), at=AT - timedelta(days=90)) for name in names}
    recent = delivery(b"recent")
    inbox.keep(*[told[name] for name in names[:4]], recent)
    inbox.take()
    inbox.finish(*[FinishedDelivery(id=told[name].id, state=DeliveryState(name)) for name in names[1:4]])
    inbox.keep(told["new"])
    with program_transaction(inbox.program_id):
        assert prune_bodies(inbox.program_id, before=AT - timedelta(days=30)) == 2
        left = set(DeliveryBody.objects.values_list("delivery_id", flat=True))
    assert left == {recent.id, *(told[name].id for name in ("parked", "waiting", "new"))}
    assert sum(inbox.states().values()) == 6


@pytest.mark.parametrize("size", [1, 300])
def test_statements(
    inbox: Inbox, size: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    deliveries = [delivery(str(n).encode()) for n in range(size)]
    for statements in (2, 1):  # the second time nothing is new
        with program_transaction(inbox.program_id), django_assert_num_queries(statements):
            keep_deliveries(inbox.program_id, deliveries)
    with program_transaction(inbox.program_id), django_assert_num_queries(3):
        taken = take_deliveries(inbox.program_id, limit=1000, at=AT)
        ends = [FinishedDelivery(id=one.id, state=DeliveryState.IGNORED) for one in taken]
        end_deliveries(inbox.program_id, ends, at=AT)
    assert inbox.states() == {"ignored": size}
