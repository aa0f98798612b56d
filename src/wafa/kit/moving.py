"""Rows of one member that become another's, remembered by their keys, so that the same ones can go back."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection


def move_rows(
    table: str,
    program_id: UUID,
    *,
    sender: UUID,
    recipient: UUID,
    only: Collection[UUID] | None = None,
    key: str = "id",
) -> list[UUID]:
    """Give the sender's rows of `table` to the recipient. Returns their keys, in order.

    `only` names those that move, where not all of them do. Rows are held in the order of their keys, so that two moves
    wait for each other and never in a circle.
    """
    named = f"AND {key} = ANY(%(only)s::uuid[])" if only is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH held AS MATERIALIZED (SELECT {key} FROM {table} WHERE program_id = %(program)s "
            f"AND member_id = %(sender)s {named} ORDER BY {key} FOR UPDATE) "
            f"UPDATE {table} AS row SET member_id = %(recipient)s FROM held "
            f"WHERE row.program_id = %(program)s AND row.member_id = %(sender)s AND row.{key} = held.{key} "
            f"RETURNING row.{key}",
            {"program": program_id, "sender": sender, "recipient": recipient, "only": list(only or ())},
        )
        return sorted(row_key for (row_key,) in cursor.fetchall())
