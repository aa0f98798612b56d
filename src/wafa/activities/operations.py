"""Writes to recorded orders and activities. The caller has opened the program's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection
from msgspec import Struct
from psycopg.errors import UniqueViolation

from wafa.core.activities import MemberActivity
from wafa.core.member import MemberFacts
from wafa.core.snapshots import OrderSnapshot
from wafa.kit.ids import new_id
from wafa.kit.moving import move_rows
from wafa.kit.retries import Again, is_another_try
from wafa.kit.rows import as_column, as_columns, columns_of, read_in_binary, table_of

Key = tuple[UUID, str]
"""A store's id and its own id of the order."""


class OrderRow(Struct, kw_only=True, gc=False):
    """An order as it is kept: `snapshot` is the JSON of an OrderSnapshot, the rest repeats what is looked for.

    `decided_at` is now where it is decided now, again or for the first time.
    """

    member_id: UUID | None
    number: str
    status: str
    currency: str
    total_minor: int
    refunded_minor: int
    placed_at: datetime
    paid_at: datetime | None
    as_of: datetime
    snapshot: msgspec.Raw
    decided_at: datetime | None = None


class LockedOrder(Struct, gc=False):
    """An order held until the transaction ends, as it was recorded; its snapshot is None for one that was not known."""

    id: UUID
    snapshot: OrderSnapshot | None
    member_id: UUID | None


_snapshots = msgspec.json.Decoder(OrderSnapshot)


class _Id(Struct):
    id: UUID


class _Key(Struct):
    store_id: UUID
    external_id: str


_WRITE = f"""
INSERT INTO activities_order (program_id, first_seen_at, last_seen_at, {columns_of(_Id, _Key, OrderRow)})
SELECT %s, %s, %s, {columns_of(_Id, _Key, OrderRow)} FROM {table_of(_Id, _Key, OrderRow, name="told")}"""

# In the order of keys, so that two batches with orders in common wait for each other and never in a circle.
_WRITE_NEW = f"""{_WRITE}
WHERE (store_id, external_id) NOT IN (
    SELECT known.store_id, known.external_id FROM activities_order AS known
    WHERE known.program_id = %s AND known.store_id = ANY(%s::uuid[]) AND known.external_id = ANY(%s::text[])
)
ORDER BY store_id, external_id RETURNING id"""

# To be ready for a conflict costs a tenth more: that is for whoever has met one.
_WRITE_NEW_OF_MANY = f"""{_WRITE}
ORDER BY store_id, external_id ON CONFLICT (program_id, store_id, external_id) DO NOTHING RETURNING id"""


def lock_orders(
    program_id: UUID, orders: Mapping[Key, OrderRow], *, at: datetime, is_history: bool = False
) -> dict[Key, LockedOrder]:
    """Write the orders that are not known, hold those that are in the order of their keys, and return what was known.

    They are seen `at` this moment, also where nothing is new, unless it is a history that tells of them.
    One statement, and another where some were known: what was just written need not be read back. Raises Again, once,
    where somebody else has just written one of the new ones.
    """
    if not orders:
        return {}
    ids = [new_id() for _ in orders]
    stores, names = as_column([store_id for store_id, _ in orders]), as_column([name for _, name in orders], str)
    told = [program_id, at, at, as_column(ids), stores, names, *as_columns(OrderRow, list(orders.values()))]
    with connection.cursor() as cursor:
        read_in_binary(cursor)
        try:
            if is_another_try():
                cursor.execute(_WRITE_NEW_OF_MANY, told)
            else:
                cursor.execute(_WRITE_NEW, [*told, program_id, stores, names])
        except IntegrityError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise Again from error
            raise
        written = None if cursor.rowcount == len(ids) else {order_id for (order_id,) in cursor.fetchall()}
    new = zip(ids, orders.items(), strict=True)
    locked = {key: LockedOrder(order_id, None, row.member_id) for order_id, (key, row) in new}
    if written is not None:
        known = [key for key, order in locked.items() if order.id not in written]
        locked |= lock_known_orders(program_id, known, at=None if is_history else at)
    return locked


_LOCK_KNOWN = f"""
WITH held AS MATERIALIZED (
    SELECT known.id FROM activities_order AS known
    JOIN {table_of(_Key, name="told")} ON known.store_id = told.store_id AND known.external_id = told.external_id
    WHERE known.program_id = %s ORDER BY known.store_id, known.external_id FOR UPDATE OF known
)
UPDATE activities_order AS known SET last_seen_at = coalesce(%s, known.last_seen_at)
FROM held WHERE known.program_id = %s AND known.id = held.id
RETURNING known.store_id, known.external_id, known.id, known.snapshot, known.member_id"""


def lock_known_orders(program_id: UUID, keys: Collection[Key], *, at: datetime | None) -> dict[Key, LockedOrder]:
    """Hold those of the orders that are known and return them. They are seen `at` this moment, if one is given."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        named = as_columns(_Key, [_Key(*key) for key in sorted(keys)])
        cursor.execute(_LOCK_KNOWN, [*named, program_id, at, program_id])
        return {
            (store_id, external_id): LockedOrder(order_id, _snapshots.decode(snapshot), member_id)
            for store_id, external_id, order_id, snapshot, member_id in cursor.fetchall()
        }


_SAVED = ", ".join(f"{column} = told.{column}" for column in OrderRow.__struct_fields__ if column != "decided_at")

_SAVE = f"""
UPDATE activities_order AS known
SET last_seen_at = %s, {_SAVED},
    decided_at = CASE WHEN told.member_id IS NOT NULL THEN coalesce(known.decided_at, told.decided_at) END
FROM {table_of(_Id, OrderRow, name="told")} WHERE known.program_id = %s AND known.id = told.id"""


def save_orders(program_id: UUID, changed: Sequence[tuple[UUID, OrderRow]], *, at: datetime) -> None:
    """Write what is newer of orders that are held, given as (id, row)."""
    if changed:
        told = [as_column([order_id for order_id, _ in changed]), *as_columns(OrderRow, [row for _, row in changed])]
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [at, *told, program_id])
            assert cursor.rowcount == len(changed), "an order was saved that nobody holds"


class ToldOrder(Struct, frozen=True, kw_only=True):
    """An order that is held, and whether no store told of it since it was first seen."""

    id: UUID
    snapshot: str
    member_id: UUID | None
    first_seen_at: datetime
    is_untouched: bool


def hold_orders(program_id: UUID, order_ids: Collection[UUID]) -> list[ToldOrder]:
    """Hold orders by their ids, in the order of their keys, until the transaction ends."""
    if not order_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, snapshot::text, member_id, first_seen_at, first_seen_at = last_seen_at FROM activities_order "
            "WHERE program_id = %s AND id = ANY(%s::uuid[]) ORDER BY store_id, external_id FOR UPDATE",
            [program_id, list(order_ids)],
        )
        return [
            ToldOrder(id=order_id, snapshot=snapshot, member_id=member_id, first_seen_at=seen, is_untouched=untouched)
            for order_id, snapshot, member_id, seen, untouched in cursor.fetchall()
        ]


def mark_first_seen(program_id: UUID, order_ids: Collection[UUID], *, at: datetime) -> None:
    """Count orders as told for the first time at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE activities_order SET first_seen_at = %s WHERE program_id = %s AND id = ANY(%s::uuid[]) "
            "AND first_seen_at <> %s",
            [at, program_id, as_column(order_ids), at],
        )


def remove_orders(program_id: UUID, order_ids: Collection[UUID]) -> None:
    """Delete orders that are held, and of which nothing is in the books."""
    if order_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM activities_order WHERE program_id = %s AND id = ANY(%s::uuid[])",
                [program_id, list(order_ids)],
            )


def lock_orders_of(program_id: UUID, member_id: UUID) -> None:
    """Hold all orders of a member until the transaction ends, in the order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM activities_order WHERE program_id = %s AND member_id = %s "
            "ORDER BY store_id, external_id FOR UPDATE",
            [program_id, member_id],
        )


def move_orders(program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None) -> list[UUID]:
    """Let orders of one member, which are held, be another's: whatever is told of them later finds that one."""
    return move_rows("activities_order", program_id, sender=sender, recipient=recipient, only=only)


def move_activities(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let what one member did beside ordering be another's."""
    return move_rows("activities_activity", program_id, sender=sender, recipient=recipient, only=only)


def erase_orders(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget whom these members' orders name: they are nobody's who could be told (`core.snapshots.NOBODY`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE activities_order SET snapshot = jsonb_set(snapshot, '{customer}', '{}') "
            "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND snapshot ? 'customer'",
            [program_id, list(member_ids)],
        )


# Numbers and truths may have decided what was granted; words may say who somebody is.
_WITHOUT_WORDS = """
UPDATE activities_activity SET told = jsonb_set(told, '{properties}', (
    SELECT coalesce(jsonb_object_agg(property.key, property.value), '{}')
    FROM jsonb_each(told -> 'properties') AS property WHERE jsonb_typeof(property.value) <> 'string'
)) WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND told ? 'properties'"""


def erase_activities(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what was told in words of what these members did beside ordering."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_WORDS, [program_id, list(member_ids)])


class _FactsRow(Struct):
    id: UUID
    member_facts: msgspec.Raw


_SAVE_FACTS = f"""
UPDATE activities_order AS known SET member_facts = told.member_facts
FROM {table_of(_FactsRow, name="told")} WHERE known.program_id = %s AND known.id = told.id"""


def save_member_facts(program_id: UUID, facts: Mapping[UUID, MemberFacts]) -> None:
    """Keep with orders that are held, by their ids, what was known of their members when they were decided."""
    if facts:
        rows = [_FactsRow(order_id, msgspec.Raw(msgspec.json.encode(known))) for order_id, known in facts.items()]
        with connection.cursor() as cursor:
            cursor.execute(_SAVE_FACTS, [*as_columns(_FactsRow, rows), program_id])
            assert cursor.rowcount == len(rows), "facts were kept with an order that is not there"


class _ActivityRow(Struct):
    id: UUID
    member_id: UUID
    store: str
    kind: str
    key: str
    occurred_at: datetime
    told: msgspec.Raw


# In the order of keys, so that two batches with activities in common wait for each other and never in a circle.
_KEEP = f"""
INSERT INTO activities_activity (program_id, received_at, {columns_of(_ActivityRow)})
SELECT %s, %s, {columns_of(_ActivityRow)} FROM {table_of(_ActivityRow, name="told")} ORDER BY store, kind, key
ON CONFLICT DO NOTHING RETURNING id"""


def keep_activities(program_id: UUID, done: Sequence[tuple[UUID, MemberActivity]], *, at: datetime) -> frozenset[UUID]:
    """Write activities, given as (member, activity), that are not known. Returns the ids of those that were not."""
    if not done:
        return frozenset()
    rows = [
        _ActivityRow(
            activity.cause_id,
            member_id,
            activity.store,
            activity.kind,
            activity.key,
            activity.occurred_at,
            msgspec.Raw(msgspec.json.encode(activity)),
        )
        for member_id, activity in done
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [program_id, at, *as_columns(_ActivityRow, rows)])
        return frozenset(activity_id for (activity_id,) in cursor.fetchall())


def save_celebrated_day(program_id: UUID, day: date, *, at: datetime) -> None:
    """Remember that all birthdays and membership anniversaries of the day are recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO activities_celebratedday (program_id, day, celebrated_at) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [program_id, day, at],
        )
