"""What members gave to each other, in the books themselves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from wafa.core.books import Account, JournalKind
from wafa.core.ids import first_id
from wafa.core.why import TransferWhy

_why = msgspec.json.Decoder(TransferWhy)

_GIVEN = f"""
SELECT coalesce(sum(posting.amount), 0)::bigint FROM ledger_posting AS posting
JOIN ledger_journal AS journal ON journal.program_id = posting.program_id AND journal.id = posting.journal_id
WHERE posting.program_id = %(program)s AND posting.member_id = %(member)s AND posting.journal_id >= %(first)s
AND posting.unit = %(unit)s AND posting.to_account = {int(Account.TRANSFERRED)}
AND journal.kind = '{JournalKind.TRANSFER_OUT.value}'"""


def sum_given(program_id: UUID, member_id: UUID, unit: str, *, since: datetime | None) -> int:
    """How many units a member gave to others since then, or ever. Ask under the member's lock."""
    first = first_id(since) if since else UUID(int=0)
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, {"program": program_id, "member": member_id, "unit": unit, "first": first})
        row: tuple[int] = cursor.fetchone()
        return row[0]


def list_transfers(program_id: UUID, keys: Collection[str]) -> dict[str, tuple[UUID, str, TransferWhy]]:
    """The transfers that left their givers under these keys, as (its id, the unit, what it was)."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_KEYS, [program_id, list(keys)])
        return {key: (cause_id, unit, _why.decode(why)) for key, cause_id, unit, why in cursor.fetchall()}


_OF_KEYS = """
SELECT journal.key, journal.cause_id, posting.unit, journal.why::text
FROM ledger_journal AS journal JOIN ledger_posting AS posting
    ON posting.program_id = journal.program_id AND posting.member_id = journal.member_id
    AND posting.journal_id = journal.id AND posting.line = 1
WHERE journal.program_id = %s AND journal.key = ANY(%s)"""
