"""The statement: the history of one member in one unit, where each line tells its reason and the balance after it."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.books import JournalKind, Posting
from wafa.core.why import Why
from wafa.ledger.effects import EFFECTS


class Pockets(Struct, frozen=True, kw_only=True):
    """What a member sees of a balance; as a change of it, signed."""

    claimable: int
    pending: int
    available: int
    held: int
    debt: int


class StatementLine(Struct, frozen=True, kw_only=True):
    """One journal, as far as it is about one unit: its reason, its postings, the pockets' change and state after it."""

    journal_id: UUID
    kind: JournalKind
    key: str
    occurred_at: datetime
    booked_at: datetime
    why: Why
    postings: tuple[Posting, ...]
    change: Pockets
    after: Pockets
    version: int | None = None
    rule: str | None = None
    cause_id: UUID | None = None


def statement(
    program_id: UUID, member_id: UUID, unit: str, *, limit: int, before: UUID | None = None
) -> list[StatementLine]:
    """Lines by when they happened in the world, newest first. `before` is the `journal_id` of the last line seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {"program": program_id, "member": member_id, "unit": unit, "limit": limit, "before": before},
        )
        return [_line.decode(text) for (text,) in cursor.fetchall()]


_line = msgspec.json.Decoder(StatementLine)

_POCKETS = Pockets.__struct_fields__
_CHANGES = ", ".join(f"sum(posting.amount * effect.{pocket})::bigint AS {pocket}" for pocket in _POCKETS)
_AFTERS = ", ".join(f"sum({pocket}) OVER history AS {pocket}_after" for pocket in _POCKETS)
_CHANGE = ", ".join(f"'{pocket}', line.{pocket}" for pocket in _POCKETS)
_AFTER = ", ".join(f"'{pocket}', line.{pocket}_after" for pocket in _POCKETS)

# The ids of journals sort by when they happened, and within a moment by what gives before what takes.
_STATEMENT = f"""
WITH moved AS (
    SELECT posting.journal_id, json_agg(posting ORDER BY posting.line) AS postings, {_CHANGES}
    FROM ledger_posting AS posting JOIN {EFFECTS} USING (from_account, to_account)
    WHERE posting.program_id = %(program)s AND posting.member_id = %(member)s AND posting.unit = %(unit)s
    GROUP BY posting.journal_id
), history AS (
    SELECT *, {_AFTERS} FROM moved WINDOW history AS (ORDER BY journal_id)
)
SELECT json_build_object(
    'journal_id', journal.id, 'kind', journal.kind, 'key', journal.key, 'occurred_at', journal.occurred_at,
    'booked_at', journal.booked_at, 'why', journal.why, 'version', journal.version, 'rule', journal.rule,
    'cause_id', journal.cause_id, 'postings', line.postings,
    'change', json_build_object({_CHANGE}), 'after', json_build_object({_AFTER})
)::text
FROM history AS line
JOIN ledger_journal AS journal ON journal.program_id = %(program)s AND journal.id = line.journal_id
WHERE %(before)s::uuid IS NULL OR line.journal_id < %(before)s::uuid
ORDER BY line.journal_id DESC LIMIT %(limit)s"""
