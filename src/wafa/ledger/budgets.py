"""Budgets that all members share, each kept in shards so that batches do not wait for each other.

A shard is dealt a `share` of what is left, and nobody takes more of it than that. Whoever holds all shards of a budget
deals anew what is left in all of them. Why it is exact: docs/decisions/0021.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of

SHARDS = 16


class ShardRow(Struct, gc=False):
    """One shard of `budget`, which holds `most` in all shards: `used` of its `share` is promised."""

    budget: str
    shard: int
    most: int
    share: int
    used: int


class HeldBudgets(Struct, frozen=True, kw_only=True):
    """Shards that nobody else takes from before this transaction ends.

    `spent` is what was promised of each budget in all its shards; where others are at it, it may be more already.
    `shards` are those held of each budget: one of them, or all.
    """

    spent: Mapping[str, int]
    shards: Mapping[str, list[ShardRow]]

    def suffice(self, spent: Mapping[str, int]) -> bool:
        """Whether what is to be promised in all, `spent`, can be taken from the shards that are held."""
        return all(
            spent[budget] - before <= sum(shard.share - shard.used for shard in self.shards[budget])
            for budget, before in self.spent.items()
            if spent[budget] > before
        )


# A shard that somebody holds is passed over. The sum is that of the statement's snapshot and can only have grown since:
# what was promised is never given back.
_HOLD_FREE = f"""
SELECT wanted.budget, coalesce(total.used, 0)::bigint, free.*
FROM unnest(%(budgets)s::text[], %(mosts)s::bigint[]) AS wanted (budget, most)
LEFT JOIN LATERAL (
    SELECT sum(used) AS used FROM ledger_budgetshard AS shard
    WHERE shard.program_id = %(program)s AND shard.budget = wanted.budget
) AS total ON TRUE
LEFT JOIN LATERAL (
    SELECT {columns_of(ShardRow)} FROM ledger_budgetshard AS shard
    WHERE shard.program_id = %(program)s AND shard.budget = wanted.budget AND shard.most = wanted.most
    AND shard.used < shard.share
    ORDER BY shard.share - shard.used DESC, shard.shard LIMIT 1 FOR UPDATE SKIP LOCKED
) AS free ON TRUE
ORDER BY wanted.budget"""


def hold_free_shards(program_id: UUID, budgets: Mapping[str, int]) -> HeldBudgets:
    """Hold one shard of each budget, given by its name and by what it holds in all; none where none is free.

    Waits for nobody.
    """
    spent: dict[str, int] = {}
    shards: dict[str, list[ShardRow]] = {}
    for budget, used, *row in _rows(_HOLD_FREE, program_id, budgets):
        spent[budget] = used
        shards[budget] = [ShardRow(*row)] if row[0] is not None else []
    return HeldBudgets(spent=spent, shards=shards)


_SPENT = """
SELECT wanted.budget, coalesce(sum(shard.used), 0)::bigint
FROM unnest(%(budgets)s::text[], %(mosts)s::bigint[]) AS wanted (budget, most)
LEFT JOIN ledger_budgetshard AS shard ON shard.program_id = %(program)s AND shard.budget = wanted.budget
GROUP BY wanted.budget"""


def read_spent(program_id: UUID, budgets: Mapping[str, int]) -> dict[str, int]:
    """What was promised of each budget so far, held by nobody: to foretell, never to decide."""
    return dict(_rows(_SPENT, program_id, budgets)) if budgets else {}


_OPEN = f"""
INSERT INTO ledger_budgetshard (program_id, {columns_of(ShardRow)})
SELECT %(program)s, wanted.budget, place, wanted.most, 0, 0
FROM unnest(%(budgets)s::text[], %(mosts)s::bigint[]) AS wanted (budget, most)
CROSS JOIN generate_series(0, {SHARDS - 1}) AS place
WHERE NOT EXISTS (
    SELECT FROM ledger_budgetshard AS shard WHERE shard.program_id = %(program)s AND shard.budget = wanted.budget
)
ORDER BY wanted.budget, place ON CONFLICT DO NOTHING"""

_HOLD_ALL = f"""
SELECT {columns_of(ShardRow)} FROM ledger_budgetshard
WHERE program_id = %(program)s AND budget = ANY(%(budgets)s::text[])
ORDER BY budget, shard FOR UPDATE"""


def hold_all_shards(program_id: UUID, budgets: Mapping[str, int]) -> HeldBudgets:
    """Hold every shard of these budgets, in order, with what is left in all of them; opens those that are new.

    Whoever calls it must hold no shard: two could wait for each other's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, _parameters(program_id, budgets))
    shards: dict[str, list[ShardRow]] = {budget: [] for budget in budgets}
    for row in _rows(_HOLD_ALL, program_id, budgets):
        shard = ShardRow(*row)
        shards[shard.budget].append(shard)
    for budget, held in shards.items():
        _deal(held, most=budgets[budget])
    return HeldBudgets(spent={budget: sum(shard.used for shard in shards[budget]) for budget in budgets}, shards=shards)


def _deal(shards: list[ShardRow], *, most: int) -> None:
    """Deal what is left of `most` evenly; nothing is left where more than that was promised under another version."""
    left = max(most - sum(shard.used for shard in shards), 0)
    for place, shard in enumerate(shards):
        shard.most = most
        shard.share = shard.used + left // len(shards) + (place < left % len(shards))


_TAKE = f"""
UPDATE ledger_budgetshard AS shard SET most = told.most, share = told.share, used = told.used
FROM {table_of(ShardRow, name="told")}
WHERE shard.program_id = %s AND shard.budget = told.budget AND shard.shard = told.shard"""


def take_from_budgets(program_id: UUID, held: HeldBudgets, spent: Mapping[str, int]) -> None:
    """Write what has been promised by now, `spent`, into the shards that are held. They have to suffice."""
    for budget, shards in held.shards.items():
        more = spent.get(budget, 0) - held.spent[budget]
        for shard in shards:
            taken = min(more, shard.share - shard.used)
            shard.used += taken
            more -= taken
        assert more == 0, f"more was promised of {budget} than is held"
        if len(shards) == SHARDS:
            _deal(shards, most=shards[0].most)
    rows = [shard for shards in held.shards.values() for shard in shards]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [*as_columns(ShardRow, rows), program_id])


def _parameters(program_id: UUID, budgets: Mapping[str, int]) -> dict[str, Any]:
    return {"program": program_id, "budgets": list(budgets), "mosts": list(budgets.values())}


def _rows(query: str, program_id: UUID, budgets: Mapping[str, int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, _parameters(program_id, budgets))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
