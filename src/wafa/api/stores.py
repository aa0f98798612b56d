"""The stores that deliver here, remembered for a few seconds: every delivery asks for one."""

from http import HTTPStatus
from threading import Lock
from time import monotonic
from uuid import UUID

from msgspec import Struct

from wafa.api.hot import Refused
from wafa.connectors.contract import StoreFacts
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_store, read_store_facts, read_store_secret

_REMEMBERED_SECONDS = 5.0


class KnownStore(Struct, frozen=True, kw_only=True):
    """An active store with its secret opened. Never logged: it has no readable form."""

    id: UUID
    connector: str
    secret: str
    facts: StoreFacts

    def __repr__(self) -> str:
        return f"KnownStore({self.id})"


_remembered: dict[tuple[UUID, str], tuple[float, KnownStore | None]] = {}
_lock = Lock()


def find_known_store(program_id: UUID, code: str) -> KnownStore:
    """The active store with this code. Raises Refused (404) where there is none; a change shows within seconds."""
    now = monotonic()
    read_at, store = _remembered.get((program_id, code), (None, None))
    if read_at is None or now - read_at > _REMEMBERED_SECONDS:
        store = _read(program_id, code)
        with _lock:
            if len(_remembered) > 10_000:  # addresses that were guessed must not fill the memory
                _remembered.clear()
            _remembered[program_id, code] = (now, store)
    if store is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_store", "No active store has this address.", field="store")
    return store


def _read(program_id: UUID, code: str) -> KnownStore | None:
    with program_transaction(program_id):
        row = find_store(program_id, code=code)
        if row is None or not row.is_active:
            return None
        return KnownStore(
            id=row.id, connector=row.connector, secret=read_store_secret(row), facts=read_store_facts(row)
        )
