"""Conversions for stores and apps: a customer exchanges one unit for another."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.api.batching import Batcher
from wafa.api.bodies import read_body, read_key
from wafa.api.customers import name_customer
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.connectors.stores.direct.documents import Document, Id
from wafa.flows.convert_units import ConversionAsk, Converted, NotConverted, convert_units
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_of_customers


class ConversionBody(Document, frozen=True):
    """`units` of what the conversion takes: whole steps of it."""

    conversion: Id
    units: int


class _Asked(Struct, frozen=True):
    customer: str
    key: str
    body: ConversionBody


async def convert(request: Request) -> Answer:
    """Let a store's customer convert units. The header Idempotency-Key names the conversion."""
    program_id = await check_key(request, scope="write")
    customer = name_customer(request)
    asked = _Asked(customer, read_key(request), read_body(request, _BODY))
    answer = await _CONVERTING.submit(program_id, asked)
    if isinstance(answer, Converted):
        return Answer(status=HTTPStatus.OK, content={"converted": {"units": answer.units, "granted": answer.granted}})
    missing = answer.reason in ("no_such_member", "no_such_conversion")
    status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.CONFLICT
    raise Refused(status, answer.reason, f"This cannot be done: {answer.reason}.")


@retried
def _convert(program_id: UUID, asked: Sequence[_Asked]) -> Sequence[Converted | NotConverted]:
    with program_transaction(program_id):
        members = find_members_of_customers(program_id, {one.customer for one in asked})
        asks = [
            ConversionAsk(
                key=one.key,
                member_id=members.get(one.customer, _NOBODY),
                conversion=one.body.conversion,
                units=one.body.units,
            )
            for one in asked
        ]
        return convert_units(program_id, asks, at=datetime.now(UTC))


_NOBODY = UUID(int=0)
_BODY = msgspec.json.Decoder(ConversionBody)
_CONVERTING: Batcher[UUID, _Asked, Converted | NotConverted] = Batcher(_convert)
