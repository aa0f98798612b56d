"""What a delivery said, and what the program made of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from wafa.activities.models import Order
from wafa.activities.queries import find_order
from wafa.connectors.contract import CannotUnderstand, Fact, Ignored
from wafa.connectors.contract import Delivery as Came
from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.core.activities import ActivityNotice
from wafa.core.books import Lot
from wafa.core.snapshots import CustomerSnapshot
from wafa.ledger.queries import list_lots
from wafa.members.models import Member
from wafa.members.queries import find_member_of_customer
from wafa.programs.models import Store
from wafa.programs.queries import read_store_facts
from wafa.relay.models import Delivery, DeliveryBody


@dataclass(frozen=True, slots=True)
class TracedOrder:
    """An order a delivery spoke of, as it is now, and the lots it granted. `order` is None where none is recorded."""

    external_id: str
    order: Order | None
    lots: tuple[Lot, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """What a delivery led to. It shows what is so now: later deliveries of the same order had a part in it."""

    orders: tuple[TracedOrder, ...] = ()
    members: tuple[Member, ...] = ()


def trace_delivery(store: Store, delivery: Delivery, kept: DeliveryBody) -> Trace:
    """The orders and members that a delivery speaks of. One that cannot be understood speaks of none."""
    came = Came(kept.headers, bytes(kept.body), delivery.received_at)
    try:
        facts = get_connector(store.connector).translate(came, read_store_facts(store))
    except (CannotUnderstand, UnknownConnector):
        return Trace()
    return Trace(orders=tuple(_trace_orders(store, facts)), members=tuple(_trace_members(store, facts)))


def _trace_orders(store: Store, facts: tuple[Fact, ...]) -> Iterator[TracedOrder]:
    # The same order may be told of twice in one delivery; a dictionary keeps the first and the order.
    others = CustomerSnapshot | ActivityNotice | Ignored
    named = {fact.external_id: None for fact in facts if not isinstance(fact, others)}
    for external_id in named:
        order = find_order(store.program_id, store_id=store.id, external_id=external_id)
        lots: tuple[Lot, ...] = ()
        if order is not None and order.member_id is not None:
            lots = tuple(lot for lot in list_lots(store.program_id, order.member_id) if lot.cause_id == order.id)
        yield TracedOrder(external_id, order, lots)


def _trace_members(store: Store, facts: tuple[Fact, ...]) -> Iterator[Member]:
    for fact in facts:
        if isinstance(fact, CustomerSnapshot | ActivityNotice) and fact.customer.external_id:
            member = find_member_of_customer(store.program_id, store=store.code, external_id=fact.customer.external_id)
            if member is not None:
                yield member
