"""The inbox: deliveries as they came, each kept once, taken in batches, finished with a reason."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct
from msgspec.structs import replace

from wafa.kit.ids import new_id
from wafa.kit.rows import as_column, as_columns, columns_of, read_in_binary, table_of
from wafa.relay.models import DeliveryState

# Headers that let somebody in, or tell who somebody is, are not kept; a signature only proves what was checked already.
_NOT_KEPT = ("authorization", "cookie", "proxy-authorization", "x-forwarded-for", "forwarded", "x-real-ip")
_PENDING = (DeliveryState.NEW, DeliveryState.WAITING)


class FinishedDelivery(Struct, frozen=True, kw_only=True, gc=False):
    """What became of a delivery. `id` is None where it is about one that is only now kept."""

    id: UUID | None
    state: DeliveryState
    reason: str = ""
    next_attempt_at: datetime | None = None


class NewDelivery(Struct, frozen=True, kw_only=True):
    """Bytes that came from a store and were found to be its own. Made with `of`."""

    id: UUID
    store_id: UUID
    topic: str
    digest: bytes
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    end: FinishedDelivery | None = None

    @classmethod
    def of(
        cls, *, store_id: UUID, topic: str, headers: Mapping[str, str], body: bytes, received_at: datetime
    ) -> "NewDelivery":
        """Names the delivery, and drops headers that are nobody's business later."""
        kept = {name: text for name, text in headers.items() if name.lower() not in _NOT_KEPT}
        digest = hashlib.sha256(topic.encode() + b"\0" + body).digest()
        return cls(
            id=new_id(),
            store_id=store_id,
            topic=topic,
            digest=digest,
            headers=kept,
            body=body,
            received_at=received_at,
        )

    def ended(self, end: FinishedDelivery) -> "NewDelivery":
        """The delivery, to be kept with what has become of it already."""
        return replace(self, end=end)


class KeptDelivery(Struct, frozen=True, kw_only=True, gc=False):
    """A delivery taken from the inbox. `attempts` is how often it was taken before."""

    id: UUID
    store_id: UUID
    topic: str
    received_at: datetime
    attempts: int
    headers: Mapping[str, str]
    body: bytes


class _DeliveryRow(Struct):
    id: UUID
    store_id: UUID
    topic: str
    digest: bytes
    state: str
    pending: bool
    reason: str
    attempts: int
    received_at: datetime
    next_attempt_at: datetime | None
    drained_at: datetime | None


class _BodyRow(Struct):
    delivery_id: UUID
    headers: str
    body: bytes


# In the order of keys, so that two batches with deliveries in common wait for each other and never in a circle.
_KEEP = f"""
INSERT INTO relay_delivery (program_id, {columns_of(_DeliveryRow)})
SELECT %s, {columns_of(_DeliveryRow)} FROM {table_of(_DeliveryRow, name="told")} ORDER BY store_id, digest
ON CONFLICT (program_id, store_id, digest) DO NOTHING RETURNING id"""

_KEEP_BODIES = f"""
INSERT INTO relay_deliverybody (program_id, {columns_of(_BodyRow)})
SELECT %s, {columns_of(_BodyRow)} FROM {table_of(_BodyRow, name="told")}"""


def keep_deliveries(program_id: UUID, deliveries: Sequence[NewDelivery]) -> list[UUID]:
    """Keep what was not kept before. Returns the ids of those: the same bytes on the same topic are kept once."""
    if not deliveries:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP, [program_id, *as_columns(_DeliveryRow, [_delivery_row(delivery) for delivery in deliveries])]
        )
        new = {delivery_id for (delivery_id,) in cursor.fetchall()}
        kept = [delivery for delivery in deliveries if delivery.id in new]
        if kept:
            bodies = [_body_row(delivery) for delivery in kept]
            cursor.execute(_KEEP_BODIES, [program_id, *as_columns(_BodyRow, bodies)])
    return [delivery.id for delivery in kept]


def _body_row(delivery: NewDelivery) -> _BodyRow:
    return _BodyRow(delivery.id, msgspec.json.encode(delivery.headers).decode(), delivery.body)


def _delivery_row(delivery: NewDelivery) -> _DeliveryRow:
    end = delivery.end or FinishedDelivery(id=delivery.id, state=DeliveryState.NEW)
    pending = end.state in _PENDING
    return _DeliveryRow(
        id=delivery.id,
        store_id=delivery.store_id,
        topic=delivery.topic,
        digest=delivery.digest,
        state=end.state.value,
        pending=pending,
        reason=end.reason,
        attempts=0 if delivery.end is None else 1,
        received_at=delivery.received_at,
        next_attempt_at=end.next_attempt_at,
        drained_at=None if pending else delivery.received_at,
    )


# By their keys, which lie side by side: joins may read all of a table, where statistics are older than these rows.
_TAKE = """
UPDATE relay_delivery SET state = %(state)s, pending = FALSE, reason = '', attempts = attempts + 1,
    next_attempt_at = NULL, drained_at = %(at)s
WHERE program_id = %(program)s AND id = ANY(ARRAY(
    SELECT id FROM relay_delivery
    WHERE program_id = %(program)s AND pending AND (next_attempt_at IS NULL OR next_attempt_at <= %(at)s)
    ORDER BY received_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
))
RETURNING id, store_id, topic, received_at::text, attempts - 1"""

_READ_BODIES = """
SELECT delivery_id, headers, body FROM relay_deliverybody
WHERE program_id = %s AND delivery_id = ANY(%s::uuid[])"""


def take_deliveries(program_id: UUID, *, limit: int, at: datetime) -> list[KeptDelivery]:
    """Up to `limit` deliveries that are due at `at`, the oldest first, held until the transaction ends.

    They count as done, unless `end_deliveries` says what else became of one. Those that another worker holds are
    passed over. A worker that dies lets go of its own.
    """
    with connection.cursor() as cursor:
        read_in_binary(cursor)
        cursor.execute(_TAKE, {"program": program_id, "at": at, "limit": limit, "state": DeliveryState.DONE.value})
        taken = cursor.fetchall()
        if not taken:
            return []
        cursor.execute(_READ_BODIES, [program_id, as_column([delivery_id for delivery_id, *_ in taken])])
        kept = {delivery_id: (headers, body) for delivery_id, headers, body in cursor.fetchall()}
    deliveries = []
    for delivery_id, store_id, topic, received_at, attempts in taken:
        headers, body = kept[delivery_id]
        deliveries.append(
            KeptDelivery(
                id=delivery_id,
                store_id=store_id,
                topic=topic,
                # The driver takes ten times as long to read a time.
                received_at=datetime.fromisoformat(received_at),
                attempts=attempts,
                headers=_headers.decode(headers),
                body=body,
            )
        )
    return sorted(deliveries, key=_by_age)


_by_age = attrgetter("received_at", "id.int")
_headers = msgspec.json.Decoder(dict[str, str])


_END = """
UPDATE relay_delivery SET state = %s, pending = %s, reason = %s, next_attempt_at = %s, drained_at = %s
WHERE program_id = %s AND id = ANY(%s::uuid[])"""


def end_deliveries(program_id: UUID, ends: Sequence[FinishedDelivery], *, at: datetime) -> None:
    """Write down what became of deliveries that were taken and are not done: one statement for all that ended alike."""
    alike: dict[tuple[DeliveryState, str, datetime | None], list[UUID]] = {}
    for end in ends:
        if end.id is not None and end.state is not DeliveryState.DONE:
            alike.setdefault((end.state, end.reason, end.next_attempt_at), []).append(end.id)
    with connection.cursor() as cursor:
        for (state, reason, next_attempt_at), ids in alike.items():
            pending = state in _PENDING
            drained_at = None if pending else at
            cursor.execute(
                _END, [state.value, pending, reason, next_attempt_at, drained_at, program_id, as_column(ids)]
            )


class CannotReplay(Exception):
    """A delivery that is not stuck, or whose bytes are no longer there."""


_REPLAY = """
UPDATE relay_delivery AS delivery
SET state = %s, pending = TRUE, reason = '', attempts = 0, next_attempt_at = NULL, drained_at = NULL
WHERE program_id = %s AND state = ANY(%s) AND (%s::uuid IS NULL OR id = %s) AND EXISTS (
    SELECT FROM relay_deliverybody AS kept
    WHERE kept.program_id = delivery.program_id AND kept.delivery_id = delivery.id
)"""


def replay_delivery(program_id: UUID, delivery_id: UUID) -> None:
    """Put a parked or waiting delivery back as if it had just come. Raises CannotReplay where it is neither."""
    if _replay(program_id, (DeliveryState.PARKED, DeliveryState.WAITING), delivery_id) == 0:
        raise CannotReplay(f"delivery {delivery_id}: expected one that is parked or waiting, with its body kept")


def replay_parked_deliveries(program_id: UUID) -> int:
    """Put every parked delivery back as if it had just come. Returns how many there were."""
    return _replay(program_id, (DeliveryState.PARKED,), None)


def _replay(program_id: UUID, states: Sequence[DeliveryState], delivery_id: UUID | None) -> int:
    named = [state.value for state in states]
    with connection.cursor() as cursor:
        cursor.execute(_REPLAY, [DeliveryState.NEW, program_id, named, delivery_id, delivery_id])
        count: int = cursor.rowcount
        return count


_PRUNE = """
DELETE FROM relay_deliverybody AS kept USING relay_delivery AS delivery
WHERE kept.program_id = %s AND delivery.program_id = %s AND delivery.id = kept.delivery_id
AND delivery.state = ANY(%s) AND delivery.received_at < %s"""


def prune_bodies(program_id: UUID, *, before: datetime) -> int:
    """Delete the bytes of deliveries that came before, and were understood. Parked ones stay. Returns how many went."""
    finished = [DeliveryState.DONE.value, DeliveryState.IGNORED.value]
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [program_id, program_id, finished, before])
        count: int = cursor.rowcount
        return count
