"""Where stores deliver: check who it is, keep what came, and book it now or soon.

A connector that answers after the commit has its deliveries booked before the answer, together with whatever else
waits (see batching). The others are answered as soon as their bytes are kept; the inbox is drained by a job.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from msgspec import Struct

from wafa.api.batching import Batcher
from wafa.api.hot import Answer, Refused, Request, read_program
from wafa.api.stores import KnownStore, find_known_store
from wafa.connectors.contract import BadSignature, CannotUnderstand, Delivery, Fact
from wafa.connectors.registry import get_connector
from wafa.core.books import Account, Journal
from wafa.flows.drain_inbox import Taken, take_deliveries_now
from wafa.flows.take_facts import Outcome, OutcomeKind
from wafa.kit.queue import DRAIN_INBOX, start_job
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.relay.operations import NewDelivery, keep_deliveries


class _Arrived(Struct, frozen=True):
    """A verified delivery on its way into the database. `facts` is what it says, where that is booked at once."""

    store: KnownStore
    delivery: NewDelivery
    facts: tuple[Fact, ...] = ()


async def receive(request: Request) -> Answer:
    """Take one delivery of one store. Answers 401 to a bad signature and keeps nothing of it."""
    program_id = read_program(request.path["program"])
    store = await find_known_store(program_id, request.path["store"])
    connector = get_connector(store.connector)
    delivery = Delivery(request.headers, request.body, datetime.now(UTC))
    if connector.is_ping(delivery):
        return Answer(status=HTTPStatus.OK, content={"state": "pong"})
    try:
        connector.verify(delivery, store.secret)
    except BadSignature as error:
        message = f"Expected a delivery that is signed with this store's secret: {error}."
        raise Refused(HTTPStatus.UNAUTHORIZED, "bad_signature", message) from None
    topic = connector.topic(delivery)
    kept = NewDelivery.of(
        store_id=store.id, topic=topic, headers=delivery.headers, body=delivery.body, received_at=delivery.received_at
    )
    if not connector.answers_after_commit:
        await _KEEPING.submit(program_id, kept)
        return Answer(status=HTTPStatus.OK, content={"state": "kept", "delivery": kept.id})
    return _tell(kept.id, await book(program_id, store, kept, delivery))


async def book(program_id: UUID, store: KnownStore, kept: NewDelivery, delivery: Delivery) -> Sequence[Outcome]:
    """Book a verified delivery with whatever else waits. Raises Refused (422) where it cannot be understood."""
    try:
        facts = get_connector(store.connector).translate(delivery, store.facts)
    except CannotUnderstand as error:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", f"expected {error.expected}", field=error.path
        ) from None
    return await _BOOKING.submit(program_id, _Arrived(store, kept, facts))


def _keep(program_id: UUID, arrived: Sequence[NewDelivery]) -> Sequence[None]:
    with program_transaction(program_id):
        keep_deliveries(program_id, arrived)
    start_job(DRAIN_INBOX, program_id=program_id)
    return [None] * len(arrived)


@retried
def _book(program_id: UUID, arrived: Sequence[_Arrived]) -> Sequence[Sequence[Outcome]]:
    taken = [Taken(store_id=one.store.id, store=one.store.facts.code, facts=one.facts) for one in arrived]
    at = max(one.delivery.received_at for one in arrived)
    with program_transaction(program_id):
        return take_deliveries_now(program_id, [one.delivery for one in arrived], taken, at=at)


_KEEPING: Batcher[UUID, NewDelivery, None] = Batcher(_keep)
_BOOKING: Batcher[UUID, _Arrived, Sequence[Outcome]] = Batcher(_book)


def _tell(delivery_id: UUID, outcomes: Sequence[Outcome]) -> Answer:
    """The answer to a sender who waited: what each fact led to, and what was booked because of it."""
    kinds = {outcome.kind for outcome in outcomes}
    if OutcomeKind.REFUSED in kinds:
        reason = "; ".join(outcome.reason for outcome in outcomes if outcome.kind is OutcomeKind.REFUSED)
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", reason)
    waits = OutcomeKind.WAITING in kinds
    content = {
        "delivery": delivery_id,
        "state": "waiting" if waits else "booked",
        "facts": [_told(outcome) for outcome in outcomes],
    }
    return Answer(status=HTTPStatus.ACCEPTED if waits else HTTPStatus.OK, content=content)


def _told(outcome: Outcome) -> dict[str, object]:
    return {
        "state": outcome.kind.value,
        "reason": outcome.reason,
        "member": outcome.member_id,
        "activities": [str(activity.kind) for activity in outcome.activities],
        "journals": [_journal(journal) for journal in outcome.journals],
    }


def _journal(journal: Journal) -> dict[str, object]:
    return {
        "id": journal.id,
        "kind": journal.kind.value,
        "rule": journal.rule,
        "version": journal.version,
        "postings": [
            {
                "unit": posting.unit,
                "from": Account(posting.from_account).name.lower(),
                "to": Account(posting.to_account).name.lower(),
                "amount": posting.amount,
            }
            for posting in journal.postings
        ],
        "why": journal.why,
    }
