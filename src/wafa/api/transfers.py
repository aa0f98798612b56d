"""Transfers for stores and apps: a customer gives units to another member."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.api.batching import Batcher
from wafa.api.bodies import read_body, read_key
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.connectors.stores.direct.documents import Document, Email, Id, Phone
from wafa.core.snapshots import CustomerRef
from wafa.flows.transfer_units import Gift, Given, NotGiven, transfer_units
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.plan import identify
from wafa.members.queries import find_member_by, find_members_of_customers


class Recipient(Document, frozen=True):
    """Whom to give to: by the store's own id, an e-mail or a phone."""

    id: Id | None = None
    email: Email | None = None
    phone: Phone | None = None


class TransferBody(Document, frozen=True):
    to: Recipient
    unit: Id
    units: int


class _Asked(Struct, frozen=True):
    store: str
    customer: str
    key: str
    body: TransferBody


async def give_units(request: Request) -> Answer:
    """Let a store's customer give units to another member. The header Idempotency-Key names the transfer."""
    program_id = await check_key(request, scope="write")
    key = read_key(request)
    body = read_body(request, _BODY)
    if not (body.to.id or body.to.email or body.to.phone):
        message = "expected an id, an e-mail or a phone"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="to")
    asked = _Asked(request.path["store"], request.path["customer"], key, body)
    return _tell(await _GIVING.submit(program_id, asked))


def _tell(answer: Given | NotGiven) -> Answer:
    if isinstance(answer, Given):
        return Answer(status=HTTPStatus.OK, content={"transfer": {"id": answer.id, "units": answer.units}})
    reasons = answer.refusals
    message = f"This cannot be done: {', '.join(refusal.reason for refusal in reasons)}."
    missing = reasons[0].reason in ("no_such_member", "no_such_recipient", "no_such_unit")
    status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.CONFLICT
    return Answer(status=status, content={"error": {"code": reasons[0].reason, "message": message, "reasons": reasons}})


@retried
def _give(program_id: UUID, asked: Sequence[_Asked]) -> Sequence[Given | NotGiven]:
    at = datetime.now(UTC)
    with program_transaction(program_id):
        givers = find_members_of_customers(program_id, {f"{one.store}:{one.customer}" for one in asked})
        gifts = [
            Gift(
                key=one.key,
                giver_id=givers.get(f"{one.store}:{one.customer}", _NOBODY),
                recipient_id=_recipient(program_id, one),
                unit=one.body.unit,
                units=one.body.units,
            )
            for one in asked
        ]
        return transfer_units(program_id, gifts, at=at)


def _recipient(program_id: UUID, one: _Asked) -> UUID | None:
    to = CustomerRef(external_id=one.body.to.id, email=one.body.to.email, phone=one.body.to.phone)
    return find_member_by(program_id, identify(one.store, to))


_NOBODY = UUID(int=0)
_BODY = msgspec.json.Decoder(TransferBody)
_GIVING: Batcher[UUID, _Asked, Given | NotGiven] = Batcher(_give)
