"""Questions about recorded orders and activities. The caller has opened the program's transaction."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, Max, Sum

from wafa.activities.models import Activity, CelebratedDay, Order
from wafa.core.activities import MemberActivity
from wafa.core.history import History, PaidOrder, paid_order
from wafa.core.keep import NO_CURRENCY
from wafa.core.member import MemberFacts
from wafa.core.snapshots import OrderSnapshot, OrderStatus
from wafa.kit.rows import as_column


def find_order(program_id: UUID, *, store_id: UUID, external_id: str) -> Order | None:
    """The order a store knows by this id."""
    return Order.objects.filter(program_id=program_id, store_id=store_id, external_id=external_id).first()


def list_known_orders(program_id: UUID, *, store_id: UUID, external_ids: Collection[str]) -> set[str]:
    """Those of a store's orders of which something was told that was not taken back."""
    found = _rows(
        "SELECT external_id FROM activities_order "
        "WHERE program_id = %s AND store_id = %s AND external_id = ANY(%s::text[]) AND currency <> %s",
        [program_id, store_id, as_column(external_ids, str), NO_CURRENCY],
    )
    return {external_id for (external_id,) in found}


def list_orders_seen_at(
    program_id: UUID, *, store_id: UUID, external_ids: Collection[str], at: datetime
) -> dict[str, UUID]:
    """Our ids of those of a store's orders that were last told at exactly this moment, by its own."""
    found = _rows(
        "SELECT external_id, id FROM activities_order "
        "WHERE program_id = %s AND store_id = %s AND external_id = ANY(%s::text[]) AND last_seen_at = %s",
        [program_id, store_id, as_column(external_ids, str), at],
    )
    return dict(found)


def list_members_with_orders(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Those of the members of whom an order or another activity is recorded."""
    members = list(member_ids)
    orders = Order.objects.filter(program_id=program_id, member_id__in=members).values_list("member_id", flat=True)
    others = Activity.objects.filter(program_id=program_id, member_id__in=members).values_list("member_id", flat=True)
    return {member_id for member_id in orders if member_id} | set(others)


def list_order_keys(program_id: UUID, member_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """The orders of these members, as (the store, its own id of the order)."""
    found = Order.objects.filter(program_id=program_id, member_id__in=member_ids)
    return list(found.values_list("store_id", "external_id"))


def list_order_numbers(program_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers by which people know these orders; a store's own id where it gives none."""
    if not order_ids:
        return {}
    orders = Order.objects.filter(program_id=program_id, id__in=order_ids)
    return {order_id: number or own for order_id, number, own in orders.values_list("id", "number", "external_id")}


def list_orders_of_member(
    program_id: UUID, member_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[Order]:
    """A member's orders, the newest first. `before` is (placed_at, id) of the last one seen."""
    found = Order.objects.filter(program_id=program_id, member_id=member_id)
    if before is not None:
        placed_at, order_id = before
        found = found.filter(placed_at__lte=placed_at).exclude(placed_at=placed_at, id__gte=order_id)
    return list(found.order_by("-placed_at", "-id")[:limit])


def has_ordered_in(program_id: UUID, member_id: UUID, store_ids: Collection[UUID]) -> bool:
    """Whether the member has an order in any of these stores."""
    return Order.objects.filter(program_id=program_id, member_id=member_id, store_id__in=store_ids).exists()


_OF_GUESTS = """
SELECT bought.id FROM activities_order AS bought
JOIN members_member AS member ON member.program_id = bought.program_id AND member.id = bought.member_id
WHERE bought.program_id = %s AND bought.id = ANY(%s::uuid[])
    AND (member.joined_at IS NULL OR member.joined_at > greatest(bought.first_seen_at, bought.paid_at))"""


def find_orders_of_guests(program_id: UUID, order_ids: Collection[UUID]) -> set[UUID]:
    """Those of these orders whose buyers had joined neither when they paid, nor when we first heard of the order.

    Joining is noticed with whatever names an account, often the first order, so that counts as a member's.
    """
    return {order_id for (order_id,) in _rows(_OF_GUESTS, [program_id, list(order_ids)])}


def load_member_facts(program_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, MemberFacts]:
    """What was known of members when these orders were decided, by order; without those for which nobody asked."""
    found = _rows(
        "SELECT id, member_facts::text FROM activities_order "
        "WHERE program_id = %s AND id = ANY(%s::uuid[]) AND member_facts IS NOT NULL",
        [program_id, list(order_ids)],
    )
    return {order_id: _facts.decode(facts) for order_id, facts in found}


def load_histories(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, History]:
    """The histories of members, of all their orders that are paid. Whoever has none is left out."""
    found = _rows(
        "SELECT member_id, id, snapshot::text FROM activities_order "
        "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND paid_at IS NOT NULL",
        [program_id, list(member_ids)],
    )
    histories: dict[UUID, dict[UUID, PaidOrder]] = {}
    for member_id, order_id, snapshot in found:
        histories.setdefault(member_id, {})[order_id] = paid_order(_snapshots.decode(snapshot))
    return dict(histories)


def load_fingerprints(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """What orders of these members showed of who had placed them. Whoever left nothing is left out."""
    found = _rows(
        "SELECT DISTINCT member_id, jsonb_array_elements_text(snapshot -> 'fingerprints') FROM activities_order "
        "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND snapshot ? 'fingerprints'",
        [program_id, list(member_ids)],
    )
    fingerprints: dict[UUID, set[str]] = {}
    for member_id, fingerprint in found:
        fingerprints.setdefault(member_id, set()).add(fingerprint)
    return {member_id: frozenset(kept) for member_id, kept in fingerprints.items()}


_facts = msgspec.json.Decoder(MemberFacts)
_snapshots = msgspec.json.Decoder(OrderSnapshot)


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def read_snapshot(order: Order) -> OrderSnapshot:
    """The whole of what the store last told of an order."""
    return msgspec.convert(order.snapshot, OrderSnapshot)


def list_activities_of_member(program_id: UUID, member_id: UUID) -> list[MemberActivity]:
    """What a member did beside ordering, the latest first."""
    kept = Activity.objects.filter(program_id=program_id, member_id=member_id).order_by("-occurred_at", "-id")
    return [msgspec.convert(activity.told, MemberActivity) for activity in kept]


def has_done(program_id: UUID, member_id: UUID, kind: str) -> bool:
    """Whether the member ever did something of this kind."""
    return Activity.objects.filter(program_id=program_id, member_id=member_id, kind=kind).exists()


def find_average_order(program_id: UUID, *, currency: str, since: datetime) -> int | None:
    """What an order paid since then comes to on average, in minor units; None where there is none.

    Orders in other currencies, or in other decimals than those of ISO 4217, are left out, and so are cancelled ones.
    """
    paid = Order.objects.filter(program_id=program_id, currency=currency, paid_at__gte=since, status=OrderStatus.OPEN)
    usual = paid.exclude(snapshot__has_key="exponent").aggregate(total=Sum("total_minor"), count=Count("id"))
    return usual["total"] // usual["count"] if usual["count"] else None


def find_last_celebrated_day(program_id: UUID) -> date | None:
    """The last day whose birthdays and membership anniversaries are all recorded."""
    found: date | None = CelebratedDay.objects.filter(program_id=program_id).aggregate(last=Max("day"))["last"]
    return found
