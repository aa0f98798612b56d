"""What is in the books already, by the keys of its causes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.books import Balance, Posting
from wafa.core.why import Limited, Why
from wafa.ledger.effects import EFFECTS, SUMS
from wafa.ledger.models import Journal

_postings = msgspec.json.Decoder(tuple[Posting, ...])

_OF_KEYS = """
SELECT journal.key, json_agg(posting ORDER BY posting.line)::text
FROM ledger_journal AS journal JOIN ledger_posting AS posting
    ON posting.program_id = journal.program_id AND posting.member_id = journal.member_id
    AND posting.journal_id = journal.id
WHERE journal.program_id = %s AND journal.key = ANY(%s) GROUP BY journal.key"""


_MOVED_BY = f"""
SELECT posting.unit, {SUMS} FROM ledger_posting AS posting JOIN {EFFECTS} USING (from_account, to_account)
JOIN ledger_journal AS journal ON journal.program_id = posting.program_id AND journal.id = posting.journal_id
WHERE posting.program_id = %s AND posting.member_id = %s
AND journal.booked_at >= %s AND (journal.cause_id = ANY(%s::uuid[]) OR (
    journal.kind = 'undoing' AND EXISTS (
        SELECT FROM jsonb_array_elements(journal.grants) AS change WHERE (change ->> 'lot_id')::uuid = ANY(%s::uuid[])
    )
)) GROUP BY posting.unit"""


def list_moved_by(
    program_id: UUID, member_id: UUID, cause_ids: Collection[UUID], *, lot_ids: Collection[UUID], since: datetime
) -> dict[str, Balance]:
    """What was booked since then because of these causes, as signed differences of a member's balances by unit.

    With that, what undoing an import took of these lots: what was brought by one has no cause.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_BY, [program_id, member_id, since, list(cause_ids), list(lot_ids)])
        return {unit: Balance(*sums) for unit, *sums in cursor.fetchall()}


def list_booked_keys(program_id: UUID, keys: Collection[str]) -> set[str]:
    """Those of the keys under which a journal was booked. Ask under the members' locks, or somebody may be first."""
    return set(Journal.objects.filter(program_id=program_id, key__in=keys).values_list("key", flat=True))


class Booked(Struct, frozen=True, kw_only=True):
    """What a journal in the books says: whose it is, and why."""

    member_id: UUID
    why: Why


_why = msgspec.json.Decoder(Why)


def find_booked(program_id: UUID, keys: Collection[str]) -> dict[str, Booked]:
    """The journals that were booked under these keys. Ask under the members' locks, or somebody may be first."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, member_id, why::text FROM ledger_journal WHERE program_id = %s AND key = ANY(%s)",
            [program_id, list(keys)],
        )
        return {key: Booked(member_id=member, why=_why.decode(why)) for key, member, why in cursor.fetchall()}


def list_postings_of_keys(program_id: UUID, keys: Collection[str]) -> dict[str, tuple[Posting, ...]]:
    """The postings of the journals with these keys, in the order in which they were told."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_KEYS, [program_id, list(keys)])
        return {key: _postings.decode(text) for key, text in cursor.fetchall()}


_limited = msgspec.json.Decoder(Limited)

_LIMITED = """
SELECT DISTINCT journal.cause_id, journal.rule, journal.why ->> 'limited'
FROM ledger_posting AS posting JOIN ledger_journal AS journal
    ON journal.program_id = posting.program_id AND journal.id = posting.journal_id
WHERE posting.program_id = %s AND posting.member_id = %s AND journal.cause_id IS NOT NULL
AND journal.why ->> 'limited' IS NOT NULL"""


def list_limited(program_id: UUID, member_id: UUID) -> list[tuple[UUID, str, Limited]]:
    """What limits and budgets cut of a member's grants, as (cause, rule, what cut it)."""
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED, [program_id, member_id])
        return [(cause_id, rule, _limited.decode(text)) for cause_id, rule, text in cursor.fetchall()]
