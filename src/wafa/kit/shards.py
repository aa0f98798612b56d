"""Taking from what all share, exactly and without a row for which all wait.

What there is of a thing is spread over rows, each with a share of it. A batch takes from one row that nobody holds;
only where no such row has enough, it holds all of them, in their order, and takes what is there. The rows count what
was taken, so a new version may state another whole. Things are taken from in the order of their names: nobody waits in
a circle.

A room has its own table, with the columns program_id, the name of the thing, shard and taken.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

_SHARDS = 8

# A row's share of the whole; all shares together are the whole.
_SHARE = "(%(whole)s / %(shards)s + CASE WHEN shard < %(whole)s %% %(shards)s THEN 1 ELSE 0 END)"


class Shards:
    """What is taken of things by their names, in `table`, whose column `of` has the name."""

    def __init__(self, table: str, *, of: str) -> None:
        mine = f"FROM {table} WHERE program_id = %(program)s AND {of} = %(name)s"
        # Rows that went beyond their share (of a whole that was larger once) make the shares of others worth less: then
        # only who holds all rows may take.
        # Materialized, or the planner may look for a free row once for each row of the table, and take several.
        self._any = f"""
WITH free AS MATERIALIZED (
    SELECT shard {mine} AND taken + %(wanted)s <= {_SHARE}
    AND %(whole)s >= (SELECT sum(greatest(taken, {_SHARE})) {mine})
    ORDER BY taken LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS row SET taken = row.taken + %(wanted)s FROM free
WHERE row.program_id = %(program)s AND row.{of} = %(name)s AND row.shard = free.shard"""
        self._all = f"SELECT shard, taken {mine} ORDER BY shard FOR UPDATE"
        self._open = f"""
INSERT INTO {table} (program_id, {of}, shard, taken)
SELECT %(program)s, %(name)s, shard, 0 FROM generate_series(0, %(shards)s - 1) AS shard ORDER BY shard
ON CONFLICT DO NOTHING"""
        self._add = f"""
UPDATE {table} SET taken = taken + %(amount)s
WHERE program_id = %(program)s AND {of} = %(name)s AND shard = %(shard)s"""
        self._sum = f"""
SELECT {of}, sum(taken)::bigint FROM {table} WHERE program_id = %s AND {of} = ANY(%s) GROUP BY {of}"""

    def take(self, program_id: UUID, wanted: Mapping[str, tuple[int, int]]) -> dict[str, int]:
        """Take of things, given as (how much is wanted, the whole of it). Returns how much was taken of each."""
        return {name: self._take(program_id, name, *wanted[name]) for name in sorted(wanted)}

    def give_back(self, program_id: UUID, returned: Mapping[str, int]) -> None:
        """Put back what was taken of things. Those without a whole have no rows, and nothing happens to them."""
        for name in sorted(returned):
            missing = returned[name]
            if missing:
                rows = self._hold_all(program_id, name)
                # The fullest first: an even spread leaves most takers a row of their own.
                for shard, taken in sorted(rows.items(), key=lambda row: -row[1]):
                    amount = min(taken, missing)
                    self._change(program_id, name, shard, -amount)
                    missing -= amount

    def left(self, program_id: UUID, wholes: Mapping[str, int]) -> dict[str, int]:
        """What is left of the whole of each; nothing is held, so it may be gone a moment later."""
        taken = self.taken(program_id, list(wholes))
        return {name: max(whole - taken.get(name, 0), 0) for name, whole in wholes.items()}

    def taken(self, program_id: UUID, names: list[str]) -> dict[str, int]:
        """What was taken of each of which anything was; nothing is held."""
        if not names:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(self._sum, [program_id, names])
            return dict(cursor.fetchall())

    def _take(self, program_id: UUID, name: str, wanted: int, whole: int) -> int:
        parameters: dict[str, Any] = {
            "program": program_id,
            "name": name,
            "wanted": wanted,
            "whole": whole,
            "shards": _SHARDS,
        }
        if self._execute(self._any, parameters):
            return wanted
        rows = self._hold_all(program_id, name) or self._make(program_id, name)
        missing = taking = max(min(wanted, whole - sum(rows.values())), 0)
        for shard, taken in rows.items():
            share = whole // _SHARDS + (shard < whole % _SHARDS)
            amount = min(max(share - taken, 0), missing)
            if amount:
                self._change(program_id, name, shard, amount)
                missing -= amount
        assert not missing, "all shares together are the whole"
        return taking

    def _hold_all(self, program_id: UUID, name: str) -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(self._all, {"program": program_id, "name": name})
            return dict(cursor.fetchall())

    def _make(self, program_id: UUID, name: str) -> dict[int, int]:
        self._execute(self._open, {"program": program_id, "name": name, "shards": _SHARDS})
        return self._hold_all(program_id, name)

    def _change(self, program_id: UUID, name: str, shard: int, amount: int) -> None:
        self._execute(self._add, {"program": program_id, "name": name, "shard": shard, "amount": amount})

    def _execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            changed: int = cursor.rowcount
            return changed
