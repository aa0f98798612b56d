"""Two programs in the same tables: one for the hand-written SQL, one for the product. Each with members and a store."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from msgspec import Struct

from bench.orders import SECRET, STORE
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import connect_store, create_api_key, create_program, publish_version

MEMBERS = 100_000

_PROGRAM = {
    "name": {"en": "Benchmark"},
    "currency": "SAR",
    "time_zone": "Asia/Riyadh",
    "units": [
        {
            "code": "points",
            "name": {"en": {"one": "point", "other": "points"}},
            "maturity": {"kind": "after_days", "days": 14},
            "expiry": {"kind": "after_months", "months": 12},
        }
    ],
    "earning": [
        {
            "id": "orders",
            "name": {"en": "Orders"},
            "unit": "points",
            "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
        }
    ],
}


class Side(Struct, frozen=True, kw_only=True):
    """One of the two programs, and what opens its API."""

    program_id: UUID
    store_id: UUID
    api_key: str


def make_side(slug: str) -> Side:
    """A program with its store and its members, each of whom joined and holds an empty balance."""
    at = datetime.now(UTC) - timedelta(days=1)
    program_id = create_program(slug=slug, name="Benchmark", currency="SAR", at=at)
    with program_transaction(program_id):
        publish_version(program_id, _PROGRAM, published_by="the benchmark", at=at)
        store_id = connect_store(
            program_id, code=STORE, connector="direct", name="Shop", currency="SAR", secret=SECRET, at=at
        )
        key = create_api_key(program_id, name="Benchmark", scopes=["read"], at=at)
        _make_members(program_id, at)
    return Side(program_id=program_id, store_id=store_id, api_key=key.token)


_MAKE_MEMBERS = """
WITH numbered AS MATERIALIZED (
    SELECT number, uuidv7() AS id, 'shopper-' || number || '@example.com' AS email
    FROM generate_series(1, %(members)s) AS number
), member AS (
    INSERT INTO members_member (program_id, id, state, name, email, phone, locale, search_name, search_email, joined_at,
        created_at)
    SELECT %(program)s, id, 'member', 'Shopper ' || number, email, '', 'ar', 'shopper ' || number, email, %(at)s, %(at)s
    FROM numbered
), identity AS (
    INSERT INTO members_identity (program_id, id, kind, value, member_id, added_at)
    SELECT %(program)s, uuidv7(), kind, value, numbered.id, %(at)s FROM numbered,
        LATERAL (VALUES ('store_customer', 'shop:' || number), ('email', email)) AS named (kind, value)
)
INSERT INTO ledger_balance (program_id, member_id, unit, claimable, pending, available, held, debt, issued, redeemed,
    breakage, clawed_back)
SELECT %(program)s, id, 'points', 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM numbered"""


def _make_members(program_id: UUID, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_MEMBERS, {"program": program_id, "members": MEMBERS, "at": at})
