"""Taking from the stock of a reward, exactly and without a row for which all wait.

The stock is spread over rows, each with a share of it. A batch takes one row that nobody holds; only where no such row
has enough, it holds all of them, in their order, and takes what is there. The rows count what was taken, so a new
version may state another stock. Rewards are taken from in the order of their ids: nobody waits in a circle.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

_SHARDS = 8


def take_stock(program_id: UUID, wanted: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Take of rewards, given as (how many are wanted, their whole stock). Returns how many were taken of each."""
    return {reward: _take(program_id, reward, *wanted[reward]) for reward in sorted(wanted)}


def return_stock(program_id: UUID, returned: Mapping[str, int]) -> None:
    """Put back what was taken of rewards. Those without a stock have no rows, and nothing happens to them."""
    for reward in sorted(returned):
        missing = returned[reward]
        if missing:
            rows = _hold_all(program_id, reward)
            # The fullest first: an even spread leaves most takers a row of their own.
            for shard, taken in sorted(rows.items(), key=lambda row: -row[1]):
                amount = min(taken, missing)
                _add(program_id, reward, shard, -amount)
                missing -= amount


def left_of(program_id: UUID, stocks: Mapping[str, int]) -> dict[str, int]:
    """What is left of the whole stock of each reward; nothing is held, so it may be gone a moment later."""
    if not stocks:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reward, sum(taken)::bigint FROM rewards_stock "
            "WHERE program_id = %s AND reward = ANY(%s) GROUP BY reward",
            [program_id, list(stocks)],
        )
        taken = dict(cursor.fetchall())
    return {reward: max(stock - taken.get(reward, 0), 0) for reward, stock in stocks.items()}


# A row's share of the stock; all shares together are the stock.
_SHARE = "(%(stock)s / %(shards)s + CASE WHEN shard < %(stock)s %% %(shards)s THEN 1 ELSE 0 END)"

# Rows that went beyond their share (of a stock that was larger once) make the shares of others worth less: then only
# who holds all rows may take.
# Materialized, or the planner may look for a free row once for each row of the table, and take several.
_ANY = f"""
WITH free AS MATERIALIZED (
    SELECT shard FROM rewards_stock
    WHERE program_id = %(program)s AND reward = %(reward)s AND taken + %(wanted)s <= {_SHARE}
    AND %(stock)s >= (
        SELECT sum(greatest(taken, {_SHARE})) FROM rewards_stock
        WHERE program_id = %(program)s AND reward = %(reward)s
    )
    ORDER BY taken LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE rewards_stock AS stock SET taken = stock.taken + %(wanted)s FROM free
WHERE stock.program_id = %(program)s AND stock.reward = %(reward)s AND stock.shard = free.shard"""


def _take(program_id: UUID, reward: str, wanted: int, stock: int) -> int:
    parameters: dict[str, Any] = {
        "program": program_id,
        "reward": reward,
        "wanted": wanted,
        "stock": stock,
        "shards": _SHARDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANY, parameters)
        if cursor.rowcount:
            return wanted
    rows = _hold_all(program_id, reward) or _make(program_id, reward)
    missing = taking = max(min(wanted, stock - sum(rows.values())), 0)
    for shard, taken in rows.items():
        share = stock // _SHARDS + (shard < stock % _SHARDS)
        amount = min(max(share - taken, 0), missing)
        if amount:
            _add(program_id, reward, shard, amount)
            missing -= amount
    assert not missing, "all shares together are the stock"
    return taking


def _hold_all(program_id: UUID, reward: str) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard, taken FROM rewards_stock WHERE program_id = %s AND reward = %s ORDER BY shard FOR UPDATE",
            [program_id, reward],
        )
        return dict(cursor.fetchall())


def _make(program_id: UUID, reward: str) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_stock (program_id, reward, shard, taken) "
            "SELECT %s, %s, shard, 0 FROM generate_series(0, %s) AS shard ORDER BY shard ON CONFLICT DO NOTHING",
            [program_id, reward, _SHARDS - 1],
        )
    return _hold_all(program_id, reward)


def _add(program_id: UUID, reward: str, shard: int, amount: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rewards_stock SET taken = taken + %s WHERE program_id = %s AND reward = %s AND shard = %s",
            [amount, program_id, reward, shard],
        )
