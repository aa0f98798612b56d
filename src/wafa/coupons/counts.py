"""How often, and how much, is used: by each shopper, and of what a campaign has for all."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.kit.shards import Shards

TAKEN = Shards("coupons_taken", of="thing")
"""What was taken of things: `uses_of` a campaign, or its `budget_of`."""

NO_LIMIT = 10**15
"""How often a campaign without a limit can be used: its uses are counted all the same, for it may get one."""

Tallied = tuple[str, str]
"""A campaign, and who uses it."""


def uses_of(campaign: str) -> str:
    return f"{campaign} uses"


def budget_of(campaign: str) -> str:
    return f"{campaign} budget"


def name_of_member(member_id: UUID) -> str:
    """What a member is called in limits."""
    return f"member {member_id}"


class _TallyRow(Struct, gc=False):
    campaign: str
    who: str
    used: int


_OPEN = f"""
INSERT INTO coupons_tally (program_id, {columns_of(_TallyRow)})
SELECT %s, {columns_of(_TallyRow)} FROM {table_of(_TallyRow, name="told")} ORDER BY campaign, who
ON CONFLICT DO NOTHING"""
_READ = f"""
SELECT tally.campaign, tally.who, tally.used FROM {table_of(_TallyRow, name="told")}
JOIN coupons_tally AS tally ON tally.program_id = %s AND tally.campaign = told.campaign AND tally.who = told.who
ORDER BY tally.campaign, tally.who"""
_SAVE = f"""
UPDATE coupons_tally AS tally SET used = told.used FROM {table_of(_TallyRow, name="told")}
WHERE tally.program_id = %s AND tally.campaign = told.campaign AND tally.who = told.who"""


def list_tallies(program_id: UUID, wanted: Collection[Tallied]) -> dict[Tallied, int]:
    """How often shoppers use campaigns; nothing is held."""
    return _read(_READ, program_id, wanted)


def hold_tallies(program_id: UUID, wanted: Collection[Tallied]) -> dict[Tallied, int]:
    """How often shoppers use campaigns, held in their order until the transaction ends."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [program_id, *_columns(dict.fromkeys(wanted, 0))])
    return _read(f"{_READ} FOR UPDATE OF tally", program_id, wanted)


def save_tallies(program_id: UUID, used: Mapping[Tallied, int]) -> None:
    """Write down how often shoppers use campaigns. The caller holds them."""
    if used:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [*_columns(used), program_id])


def _read(query: str, program_id: UUID, wanted: Collection[Tallied]) -> dict[Tallied, int]:
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(query, [*_columns(dict.fromkeys(wanted, 0)), program_id])
        return {(campaign, who): used for campaign, who, used in cursor.fetchall()}


def _columns(used: Mapping[Tallied, int]) -> list[Any]:
    return as_columns(_TallyRow, [_TallyRow(campaign, who, times) for (campaign, who), times in used.items()])
