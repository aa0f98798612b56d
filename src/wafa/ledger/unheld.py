"""Standings of members who are not held, for what only adds (docs/decisions/0052).

What an order earns depends on no other lot, and on balances only where somebody owes. So whoever owes nothing need not
be held while it is decided: writing the balance holds them, and then it is asked whether all is still as it was read.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.standing import Standing
from wafa.kit.ids import in_order
from wafa.kit.retries import Again
from wafa.kit.rows import as_column
from wafa.ledger.standings import EXCEPTIONS, exceptional_standing
from wafa.members.models import MemberState

_OWES = "owes"


class Unheld(Struct, frozen=True):
    """Members who owe nothing, as they were read. `exceptions` are the rows of those who are no plain members."""

    standings: dict[UUID, Standing]
    members: Any
    exceptions: list[tuple[Any, ...]]


def read_unheld(program_id: UUID, member_ids: Collection[UUID]) -> Unheld | None:
    """The standings of members, as far as an accrual asks for them; None where one of them owes something.

    Raises Again where somebody was merged into another meanwhile.
    """
    members = in_order(member_ids)
    named = as_column(members)
    exceptions = _read_exceptions(program_id, named)
    states = {state for _, state, _, _ in exceptions}
    if MemberState.MERGED in states:
        raise Again
    if _OWES in states:
        return None
    standings = {member_id: Standing(member_id=member_id) for member_id in members}
    standings |= {row[0]: exceptional_standing(*row, balances={}) for row in exceptions}
    return Unheld(standings, named, exceptions)


def check_unheld(program_id: UUID, unheld: Unheld) -> None:
    """Raise Again unless all is as it was read. Only once their balances are written, which holds them."""
    if _read_exceptions(program_id, unheld.members) != unheld.exceptions:
        raise Again


_READ = f"""
{EXCEPTIONS}
UNION ALL
SELECT DISTINCT member_id, '{_OWES}', NULL::timestamptz, NULL FROM ledger_balance
WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND debt > 0
ORDER BY 1, 2"""


def _read_exceptions(program_id: UUID, members: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [program_id, members, program_id, members])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
