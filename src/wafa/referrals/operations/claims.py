"""Writing down who follows an advocate before anybody knows who they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.referrals.record import Source
from wafa.kit.ids import new_id
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.kit.secrets import keyed_hash
from wafa.members.operations import keep_there
from wafa.referrals.models import Claim


class NewClaim(Struct, frozen=True, kw_only=True):
    """Somebody called `who` (`queries.who_of`) follows an advocate until then."""

    who: str
    advocate_id: UUID
    source: Source
    claimed_at: datetime
    until: datetime
    own_browser: bool = False


class _Row(Struct):
    id: UUID
    who_hash: bytes
    advocate_id: UUID
    source: str
    claimed_at: datetime
    until: datetime
    own_browser: bool


# Followed again, it is the newer time; where it was once the advocate's own browser, that is remembered.
_PUT = f"""
INSERT INTO referrals_claim AS claim (program_id, {columns_of(_Row)})
SELECT %s, {columns_of(_Row)} FROM {table_of(_Row, name="told")} ORDER BY who_hash, advocate_id
ON CONFLICT (program_id, who_hash, advocate_id) DO UPDATE SET
    source = excluded.source, claimed_at = excluded.claimed_at, until = excluded.until,
    own_browser = claim.own_browser OR excluded.own_browser"""


def put_claims(program_id: UUID, claims: Sequence[NewClaim]) -> None:
    """Keep claims. Who they are about is hashed here, and nothing else of it is kept. Nobody follows who is gone."""
    there = keep_there(program_id, {claim.advocate_id for claim in claims})
    told = {(claim.who, claim.advocate_id): claim for claim in claims if claim.advocate_id in there}
    rows = [
        _Row(new_id(), keyed_hash(c.who), c.advocate_id, c.source, c.claimed_at, c.until, c.own_browser)
        for c in told.values()
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [program_id, *as_columns(_Row, rows)])


def drop_ended_claims(program_id: UUID, *, before: datetime) -> int:
    """Forget claims that ended before then. Returns how many."""
    gone, _ = Claim.objects.filter(program_id=program_id, until__lt=before).delete()
    return gone
