"""Turn kept deliveries into booked facts, a batch at a time."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from msgspec import Struct

from wafa.connectors.contract import CannotUnderstand, Delivery, Fact, FetchOrder, Ignored, StoreFacts
from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.flows.take_facts import Outcome, OutcomeKind, StoreFact, take_facts
from wafa.kit.retries import Again, is_outage
from wafa.programs.queries import load_store_facts
from wafa.relay.models import DeliveryState
from wafa.relay.operations import (
    FinishedDelivery,
    KeptDelivery,
    NewCommand,
    NewDelivery,
    end_deliveries,
    keep_deliveries,
    put_commands,
    take_deliveries,
)
from wafa.relay.retries import wait_after

_log = logging.getLogger(__name__)

FETCH_ORDER = "fetch_order"

_FIRST_RETRY = timedelta(seconds=30)
_LAST_RETRY = timedelta(hours=6)
_DOUBLINGS = 10  # by then the wait is the last one; an order that never comes is waited for much longer


class Taken(Struct, frozen=True, kw_only=True, gc=False):
    """One delivery understood: which store sent it and what it says."""

    store_id: UUID
    store: str
    facts: tuple[Fact, ...]


def drain_inbox(program_id: UUID, *, at: datetime, limit: int = 500) -> int:
    """Book up to `limit` deliveries of a program. Returns how many were taken: 0 means that nothing is due.

    What cannot be understood is parked with its reason, what comes too early waits, and the others are booked.
    """
    deliveries = take_deliveries(program_id, limit=limit, at=at)
    if deliveries:
        end_deliveries(program_id, _drain(program_id, deliveries, at=at), at=at)
    return len(deliveries)


def drain_one(program_id: UUID, *, at: datetime) -> int:
    """Book the delivery that waits longest. Returns 0 when nothing is due.

    For a batch that failed as a whole: whichever is at fault must not keep the others waiting for ever. It is tried
    again later, for the fault may be ours and be mended, and parked in the end.
    """
    deliveries = take_deliveries(program_id, limit=1, at=at)
    for delivery in deliveries:
        try:
            with transaction.atomic():
                ends = _drain(program_id, [delivery], at=at)
        except Again:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            # Without what the error says: it may repeat what was delivered.
            kind, where = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            _log.error("delivery %s cannot be booked: %s\n%s", delivery.id, kind, where)
            ends = [_postpone(delivery, reason=f"booking it failed: {kind}", at=at)]
        end_deliveries(program_id, ends, at=at)
    return len(deliveries)


def _postpone(delivery: KeptDelivery, *, reason: str, at: datetime) -> FinishedDelivery:
    wait = wait_after(delivery.attempts + 1)
    if wait is None:
        return FinishedDelivery(id=delivery.id, state=DeliveryState.PARKED, reason=reason)
    return FinishedDelivery(id=delivery.id, state=DeliveryState.WAITING, reason=reason, next_attempt_at=at + wait)


def _drain(program_id: UUID, deliveries: Sequence[KeptDelivery], *, at: datetime) -> list[FinishedDelivery]:
    stores = load_store_facts(program_id)
    understood: list[tuple[KeptDelivery, Taken]] = []
    finished: list[FinishedDelivery] = []
    for delivery in deliveries:
        try:
            understood.append((delivery, _understand(delivery, stores)))
        except (CannotUnderstand, UnknownConnector) as error:
            finished.append(FinishedDelivery(id=delivery.id, state=DeliveryState.PARKED, reason=str(error)))
    outcomes = _book(program_id, [taken for _, taken in understood], at=at)
    for (delivery, taken), results in zip(understood, outcomes, strict=True):
        finished.append(_finish(delivery.id, taken, results, attempts=delivery.attempts, at=at))
    return finished


def take_deliveries_now(
    program_id: UUID, deliveries: Sequence[NewDelivery], taken: Sequence[Taken], *, at: datetime
) -> list[list[Outcome]]:
    """Book deliveries whose senders wait for the answer, and keep their bytes with what became of them."""
    outcomes = _book(program_id, taken, at=at)
    ended = [
        delivery.ended(_finish(delivery.id, one, results, attempts=0, at=at))
        for delivery, one, results in zip(deliveries, taken, outcomes, strict=True)
    ]
    keep_deliveries(program_id, ended)
    return outcomes


def _understand(delivery: KeptDelivery, stores: Mapping[UUID, tuple[str, StoreFacts]]) -> Taken:
    told_by = stores.get(delivery.store_id)
    if told_by is None:
        raise CannotUnderstand("store", "a store that is still connected")
    connector, store = told_by
    came = Delivery(delivery.headers, delivery.body, delivery.received_at)
    return Taken(store_id=delivery.store_id, store=store.code, facts=get_connector(connector).translate(came, store))


def _book(program_id: UUID, taken: Sequence[Taken], *, at: datetime) -> list[list[Outcome]]:
    """Take all facts of all deliveries as one batch. Returns the outcomes of each delivery's facts."""
    facts: list[StoreFact] = []
    owners: list[int] = []
    fetches: list[NewCommand] = []
    for position, one in enumerate(taken):
        for fact in one.facts:
            if isinstance(fact, FetchOrder):
                fetches.append(fetch_command(one.store_id, one.store, fact.external_id, as_of=fact.as_of))
                continue
            if isinstance(fact, Ignored):
                continue
            facts.append(StoreFact(store_id=one.store_id, store=one.store, fact=fact))
            owners.append(position)
    outcomes: list[list[Outcome]] = [[] for _ in taken]
    if facts:
        for position, outcome in zip(owners, take_facts(program_id, facts, at=at), strict=True):
            outcomes[position].append(outcome)
    if fetches:
        put_commands(program_id, fetches, at=at)
    return outcomes


def fetch_command(store_id: UUID, store: str, external_id: str, *, as_of: datetime) -> NewCommand:
    """To ask a store for an order that changed `as_of`: one state of it is asked for once."""
    return NewCommand(
        kind=FETCH_ORDER,
        key=f"{FETCH_ORDER}:{store}:{external_id}:{as_of.isoformat()}",
        payload={"store_id": str(store_id), "external_id": external_id},
    )


def _finish(
    delivery_id: UUID, taken: Taken, outcomes: Sequence[Outcome], *, attempts: int, at: datetime
) -> FinishedDelivery:
    untaken = [outcome for outcome in outcomes if outcome.kind is not OutcomeKind.TAKEN]
    if outcomes and not untaken:
        return FinishedDelivery(id=delivery_id, state=DeliveryState.DONE)
    reasons = "; ".join(outcome.reason for outcome in untaken if outcome.reason)
    kinds = {outcome.kind for outcome in untaken}
    if OutcomeKind.REFUSED in kinds:
        return FinishedDelivery(id=delivery_id, state=DeliveryState.PARKED, reason=reasons)
    if OutcomeKind.WAITING in kinds:
        wait = min(_FIRST_RETRY * 2 ** min(attempts, _DOUBLINGS), _LAST_RETRY)
        return FinishedDelivery(id=delivery_id, state=DeliveryState.WAITING, reason=reasons, next_attempt_at=at + wait)
    ignored = [fact for fact in taken.facts if isinstance(fact, Ignored)]
    if ignored and not outcomes:
        return FinishedDelivery(id=delivery_id, state=DeliveryState.IGNORED, reason=ignored[0].reason.value)
    return FinishedDelivery(id=delivery_id, state=DeliveryState.DONE)
