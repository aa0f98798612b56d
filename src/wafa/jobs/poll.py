"""Ask stores what changed: the reconciling poll catches what a store never sent."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from wafa.connectors.contract import CannotReach, CannotUnderstand, StoreRefused
from wafa.connectors.registry import get_connector
from wafa.core.snapshots import OrderSnapshot
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Store
from wafa.programs.operations import mark_polled
from wafa.programs.queries import list_stores, read_store_facts

_log = logging.getLogger(__name__)

# Stores show a change in their lists a little after its time; what is read twice derives nothing.
_OVERLAP = timedelta(minutes=5)
_FIRST_LOOK_BACK = timedelta(days=1)
_BATCH = 200


def poll_program(program_id: UUID, *, at: datetime) -> int:
    """Take in every order that changed in the program's stores since the last poll. Returns how many were read.

    A store that cannot be reached is logged and asked again next time from the same moment.
    """
    with program_transaction(program_id):
        stores = [store for store in list_stores(program_id) if store.is_active]
    return sum(_poll_store(program_id, store, at=at) for store in stores)


def _poll_store(program_id: UUID, store: Store, *, at: datetime) -> int:
    fetcher = get_connector(store.connector).fetcher(read_store_facts(store))
    if fetcher is None:
        return 0
    since = (store.polled_until or at - _FIRST_LOOK_BACK) - _OVERLAP
    total = 0
    try:
        for batch in _in_batches(fetcher.poll(since=since, until=at)):
            _take(program_id, store, batch, at=at)
            total += len(batch)
    except (CannotReach, StoreRefused, CannotUnderstand) as error:
        _log.warning("store %s could not be polled: %s", store.code, error)
        return total
    with program_transaction(program_id):
        mark_polled(program_id, store.id, until=at)
    return total


@retried
def _take(program_id: UUID, store: Store, orders: list[OrderSnapshot], *, at: datetime) -> None:
    with program_transaction(program_id):
        take_facts(program_id, [StoreFact(store_id=store.id, store=store.code, fact=order) for order in orders], at=at)


def _in_batches(orders: Iterable[OrderSnapshot]) -> Iterator[list[OrderSnapshot]]:
    reading = iter(orders)
    while batch := list(islice(reading, _BATCH)):
        yield batch
