"""Erase what deliveries and files say of a member who was erased: piece by piece, for there may be many of them.

What is looked for is known to nobody else any more. It is sealed in the promise to do this, and let go of at the end.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.connectors.contract import CannotUnderstand, Delivery, Fact, StoreFacts
from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.kit.ids import new_id
from wafa.kit.secrets import seal, unseal
from wafa.members.models import IdentityKind
from wafa.members.plan import Identifier, identify
from wafa.programs.queries import list_stores, read_store_facts
from wafa.relay.erasing import KeptBody, erase_bodies, list_kept_bodies, list_open_bodies
from wafa.relay.operations import NewCommand, put_commands

ERASE_TRACES = "erase_traces"

PIECE = 500
"""How many deliveries are read in one transaction."""

_TELLING = (IdentityKind.EMAIL, IdentityKind.PHONE)
"""Those that tell by themselves who somebody is."""


class Traces(Struct, frozen=True, kw_only=True):
    """By what somebody is recognised in what was kept before `until` (an id): `orders` are their stores and numbers."""

    identities: tuple[Identifier, ...]
    orders: tuple[tuple[UUID, str], ...]
    until: UUID

    @property
    def texts(self) -> list[str]:
        """What says by itself who it was, wherever it is written."""
        return [value for kind, value in self.identities if kind in _TELLING]


def traces_of(identities: Collection[Identifier], orders: Collection[tuple[UUID, str]]) -> Traces:
    """What is to be looked for in all that is kept by now."""
    return Traces(identities=tuple(sorted(identities)), orders=tuple(sorted(orders)), until=new_id())


def promise_to_erase(program_id: UUID, member_id: UUID, traces: Traces, *, at: datetime) -> None:
    """Promise to erase what is kept, beside what is erased at once."""
    payload = {"member": str(member_id), "traces": seal(msgspec.json.encode(traces).decode())}
    put_commands(program_id, [NewCommand(kind=ERASE_TRACES, key=f"{ERASE_TRACES}:{member_id}", payload=payload)], at=at)


def read_traces(sealed: str) -> Traces:
    """What was promised to be erased. Raises CannotUnseal."""
    return msgspec.json.decode(unseal(sealed), type=Traces)


def erase_open_deliveries(program_id: UUID, traces: Traces, *, at: datetime) -> None:
    """Erase deliveries that are still to be taken: taken later, they would tell of somebody whom nobody knows."""
    speaks = _reader(program_id, traces)
    after: UUID | None = UUID(int=0)
    while after is not None:
        bodies = list_open_bodies(program_id, after=after, limit=PIECE)
        after = _erase(program_id, bodies, speaks, at=at)


def erase_deliveries(program_id: UUID, traces: Traces, *, after: UUID, at: datetime) -> UUID | None:
    """Erase the next deliveries after this one that speak of them. Returns the last that was read; None at the end."""
    bodies = list_kept_bodies(program_id, after=after, until=traces.until, limit=PIECE)
    return _erase(program_id, bodies, _reader(program_id, traces), at=at)


def _erase(
    program_id: UUID, bodies: Sequence[KeptBody], speaks: Callable[[KeptBody], bool], *, at: datetime
) -> UUID | None:
    erase_bodies(program_id, [body.delivery_id for body in bodies if speaks(body)], at=at)
    return bodies[-1].delivery_id if bodies else None


def _reader(program_id: UUID, traces: Traces) -> Callable[[KeptBody], bool]:
    """Says of a delivery whether it names one of the identities or orders, as we read it or as it is written."""
    texts = [text.lower().encode() for text in traces.texts]
    identities, orders = frozenset(traces.identities), frozenset(traces.orders)
    stores = {store.id: (store.connector, read_store_facts(store)) for store in list_stores(program_id)}

    def is_about(fact: Fact, store_id: UUID, store: StoreFacts) -> bool:
        if (store_id, getattr(fact, "external_id", "")) in orders:
            return True
        customer = getattr(fact, "customer", None)
        return customer is not None and not identities.isdisjoint(identify(store.code, customer))

    def speaks(kept: KeptBody) -> bool:
        written = kept.body.lower()
        if any(text in written for text in texts):
            return True
        if kept.store_id not in stores:
            return False
        connector, store = stores[kept.store_id]
        try:
            facts = get_connector(connector).translate(Delivery(kept.headers, kept.body, kept.received_at), store)
        except (CannotUnderstand, UnknownConnector):
            return False
        return any(is_about(fact, kept.store_id, store) for fact in facts)

    return speaks
