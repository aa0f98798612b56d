"""Writes to uses: a campaign on an order, once, under the lock of that order."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of


class KeptUse(Struct, frozen=True, kw_only=True):
    """A use as its row has it (`models.Use`)."""

    id: UUID
    used_on: str
    campaign: str
    version: int
    code_id: UUID | None
    member_id: UUID | None
    who: str
    state: str
    minor: int
    currency: str
    exponent: int | None
    budget_minor: int
    units: int
    source: str
    beyond: str
    used_at: datetime
    changed_at: datetime


# Checkouts ask before there is an order to hold, so its name is held.
_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM (
    SELECT %(program)s::text || ' ' || used_on AS name FROM unnest(%(orders)s::text[]) AS used_on ORDER BY 1
) AS named"""

_kept = msgspec.json.Decoder(KeptUse)
_FIND = """
SELECT row_to_json(used)::text FROM coupons_use AS used WHERE program_id = %s AND used_on = ANY(%s) ORDER BY id"""


def lock_uses(program_id: UUID, orders: Collection[str]) -> dict[str, list[KeptUse]]:
    """Hold what is used on orders until the transaction ends, in the order of their names, and read it."""
    if not orders:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"program": program_id, "orders": sorted(set(orders))})
    return find_uses(program_id, orders)


def find_uses(program_id: UUID, orders: Collection[str]) -> dict[str, list[KeptUse]]:
    """What is, or was, used on orders; nothing is held."""
    found: dict[str, list[KeptUse]] = {}
    for use in _read(_FIND, [program_id, list(orders)]):
        found.setdefault(use.used_on, []).append(use)
    return found


_FIND_BY_ID = """
SELECT row_to_json(used)::text FROM coupons_use AS used WHERE program_id = %s AND id = ANY(%s::uuid[]) ORDER BY id"""


def find_uses_by_id(program_id: UUID, use_ids: Collection[UUID]) -> list[KeptUse]:
    """Uses by their ids; nothing is held."""
    return _read(_FIND_BY_ID, [program_id, list(use_ids)]) if use_ids else []


_CHANGING = [column for column in KeptUse.__struct_fields__ if column not in ("id", "used_on", "campaign")]
_PUT = f"""
INSERT INTO coupons_use (program_id, {columns_of(KeptUse)})
SELECT %s, {columns_of(KeptUse)} FROM {table_of(KeptUse, name="told")} ORDER BY used_on, campaign
ON CONFLICT (program_id, used_on, campaign) DO UPDATE SET
{", ".join(f"{column} = excluded.{column}" for column in _CHANGING)}"""


def put_uses(program_id: UUID, uses: Sequence[KeptUse]) -> None:
    """Write down uses, new ones and what became of others. The caller holds their orders."""
    if uses:
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [program_id, *as_columns(KeptUse, uses)])


def _read(query: str, parameters: list[Any]) -> list[KeptUse]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [_kept.decode(text) for (text,) in cursor.fetchall()]
