"""Joining by agreeing to terms, other consents, and cards, for stores, apps and tills."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body
from wafa.api.customers import no_such_member, read_customer
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.members import tell_member
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Id
from wafa.flows.accept_terms import CannotAccept, accept_terms, give_consent
from wafa.flows.link_card import hand_card
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.cards import find_member_of_card
from wafa.members.queries import get_member


class TermsBody(Document, frozen=True):
    """`version` is that of the terms which were shown; none where the program has none."""

    version: int | None = None


class ConsentBody(Document, frozen=True):
    kind: Id
    given: bool


class CardBody(Document, frozen=True):
    card: Id


async def join(request: Request) -> Answer:
    """A store's customer agrees to the terms, and is a member from now on."""
    program_id = await check_key(request, scope="write")
    body = read_body(request, _TERMS)

    def accept(member_id: UUID, at: datetime) -> None:
        accept_terms(program_id, member_id, version=body.version, source="api", at=at)

    return await in_a_thread(_change, program_id, request, accept)


async def consent(request: Request) -> Answer:
    """A store's customer agrees to something else, or does no more."""
    program_id = await check_key(request, scope="write")
    body = read_body(request, _CONSENT)

    def give(member_id: UUID, at: datetime) -> None:
        give_consent(program_id, member_id, body.kind, given=body.given, source="api", at=at)

    return await in_a_thread(_change, program_id, request, give)


async def add_card(request: Request) -> Answer:
    """Hand a card to a store's customer."""
    program_id = await check_key(request, scope="write")
    body = read_body(request, _CARD)
    return await in_a_thread(_add_card, program_id, request, body.card)


async def show_card(request: Request) -> Answer:
    """Whose card a till has scanned."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show_card, program_id, request.path["card"])


@retried
def _change(program_id: UUID, request: Request, change: Callable[[UUID, datetime], None]) -> Answer:
    try:
        with program_transaction(program_id):
            member_id = read_customer(program_id, request)
            change(member_id, datetime.now(UTC))
            return tell_member(get_member(program_id, member_id))
    except CannotAccept as error:
        raise Refused(HTTPStatus.CONFLICT, "cannot_be_done", str(error)) from None


@retried
def _add_card(program_id: UUID, request: Request, card: str) -> Answer:
    with program_transaction(program_id):
        member_id = read_customer(program_id, request)
        is_theirs = hand_card(program_id, member_id, card, at=datetime.now(UTC))
        member = get_member(program_id, member_id)
    if not is_theirs:
        message = "This card is another member's. Whether they are one person is for staff to say."
        raise Refused(HTTPStatus.CONFLICT, "card_taken", message, field="card")
    return tell_member(member)


def _show_card(program_id: UUID, card: str) -> Answer:
    with program_transaction(program_id):
        member = find_member_of_card(program_id, card)
    if member is None:
        raise no_such_member("card")
    return tell_member(member)


_TERMS = msgspec.json.Decoder(TermsBody)
_CONSENT = msgspec.json.Decoder(ConsentBody)
_CARD = msgspec.json.Decoder(CardBody)
