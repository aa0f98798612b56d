"""Two programs in the same tables: one for the hand-written SQL, one for the product. Each with members and a store."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from bench.orders import SECRET, STORE, customer_of
from bench.program import PROGRAM
from wafa.core.snapshots import CustomerSnapshot
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import lock_members
from wafa.programs.operations import connect_store, create_api_key, create_program, publish_version

MEMBERS = 100_000
_AT_ONCE = 5_000


class Side(Struct, frozen=True, kw_only=True):
    """One of the two programs, and what opens its API."""

    program_id: UUID
    store_id: UUID
    api_key: str


def make_side(slug: str, *, members: int) -> Side:
    """A program with its store and its members, each of whom joined and holds an empty balance."""
    at = datetime.now(UTC) - timedelta(days=1)
    program_id = create_program(slug=slug, name="Benchmark", currency="SAR", at=at)
    with program_transaction(program_id):
        publish_version(program_id, PROGRAM, published_by="the benchmark", at=at)
        store_id = connect_store(
            program_id, code=STORE, connector="direct", name="Shop", currency="SAR", secret=SECRET, at=at
        )
        key = create_api_key(program_id, name="Benchmark", scopes=["read", "write"], at=at)
    _make_members(program_id, store_id, members, at)
    return Side(program_id=program_id, store_id=store_id, api_key=key.token)


def _make_members(program_id: UUID, store_id: UUID, members: int, at: datetime) -> None:
    for start in range(1, members + 1, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, members + 1))
        with program_transaction(program_id):
            accounts = [CustomerSnapshot(customer=customer_of(number), created_at=at, as_of=at) for number in numbers]
            told = [StoreFact(store_id=store_id, store=STORE, fact=account) for account in accounts]
            outcomes = take_facts(program_id, told, at=at)
            lock_members(program_id, [outcome.member_id for outcome in outcomes if outcome.member_id])
