"""The stores that deliver here."""

from http import HTTPStatus
from uuid import UUID

from msgspec import Struct

from wafa.api.hot import Refused
from wafa.api.remembering import Remembered
from wafa.connectors.contract import StoreFacts
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_store, read_store_facts, read_store_secret


class KnownStore(Struct, frozen=True, kw_only=True):
    """An active store with its secret opened. Never logged: it has no readable form."""

    id: UUID
    connector: str
    secret: str
    facts: StoreFacts

    def __repr__(self) -> str:
        return f"KnownStore({self.id})"


async def find_known_store(program_id: UUID, code: str) -> KnownStore:
    """The active store with this code. Raises Refused (404) where there is none; a change shows within seconds."""
    store = await _STORES.get((program_id, code))
    if store is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_store", "No active store has this address.", field="store")
    return store


async def expect_store(program_id: UUID, code: str) -> None:
    """Raise Refused (404) where no store of the program, active or not, has this code."""
    if not await _CODES.get((program_id, code)):
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_store", "This program has no such store.", field="store")


def _is_there(address: tuple[UUID, str]) -> bool:
    program_id, code = address
    with program_transaction(program_id):
        return find_store(program_id, code=code) is not None


def _read(address: tuple[UUID, str]) -> KnownStore | None:
    program_id, code = address
    with program_transaction(program_id):
        row = find_store(program_id, code=code)
        if row is None or not row.is_active:
            return None
        return KnownStore(
            id=row.id, connector=row.connector, secret=read_store_secret(row), facts=read_store_facts(row)
        )


_STORES = Remembered(_read)
_CODES = Remembered(_is_there)
