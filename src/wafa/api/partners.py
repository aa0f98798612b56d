"""What a partner may do with its key: know and book what happens in its own stores, and nothing else.

A member is in a partner's reach once one of its stores has told of them. Of a member a partner sees what they have in
units that it settles: no name, no history, nothing from elsewhere.
"""

from datetime import UTC, date, datetime
from http import HTTPStatus
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.activities.queries import has_ordered_in
from wafa.api.bodies import read_body
from wafa.api.deliveries import book
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_partner_key
from wafa.api.stores import find_known_store
from wafa.api.threads import in_a_thread
from wafa.connectors.contract import Delivery
from wafa.connectors.registry import get_connector
from wafa.connectors.stores.direct.documents import Document, Email, Id, Phone
from wafa.core.calendars import OutsideCalendar
from wafa.core.program import Program
from wafa.core.spec import Partner
from wafa.flows.take_facts import Outcome, OutcomeKind
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import Movement, list_accounts
from wafa.ledger.queries import list_balances
from wafa.members.models import IdentityKind
from wafa.members.plan import normal_card, normal_email
from wafa.members.queries import find_member_by, is_customer_of
from wafa.programs.queries import get_program_rules, list_stores
from wafa.relay.operations import NewDelivery
from wafa.reports.partners import day_of, minor_of, month_around


class Who(Document, frozen=True):
    """A member, as one of the partner's stores knows them: by its own `customer` id there, an e-mail, a phone, or the
    card that they show.
    """

    store: Id | None = None
    customer: Id | None = None
    email: Email | None = None
    phone: Phone | None = None
    card: Id | None = None


class Reach(Struct, frozen=True, kw_only=True):
    """A partner by the version that decides now: what its key reaches."""

    program_id: UUID
    program: Program
    partner: Partner

    @property
    def units(self) -> frozenset[str]:
        return frozenset(rate.unit for rate in self.partner.rates)


async def reach_of(request: Request) -> Reach:
    """What the key of the request reaches. Raises Refused (403) for a key that is not a partner's."""
    program_id, partner_id = await check_partner_key(request)
    program = await in_a_thread(_rules, program_id)
    version = program.in_force(datetime.now(UTC))
    partner = version.spec.partner_by_id.get(partner_id) if version else None
    if partner is None:
        raise Refused(HTTPStatus.FORBIDDEN, "not_allowed", "this partner is not in the program now")
    return Reach(program_id=program_id, program=program, partner=partner)


def _rules(program_id: UUID) -> Program:
    with program_transaction(program_id):
        return get_program_rules(program_id)


async def show_member(request: Request) -> Answer:
    """What a member of the partner's stores has."""
    reach = await reach_of(request)
    return await in_a_thread(_show_member, reach, read_body(request, _WHO))


async def take_delivery(request: Request) -> Answer:
    """What happened in one of the partner's stores, as the direct connector tells it. Answered once it is booked."""
    reach = await reach_of(request)
    if request.path["store"] not in reach.partner.stores:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_store", "This partner has no such store.", field="store")
    store = await find_known_store(reach.program_id, request.path["store"])
    connector = get_connector(store.connector)
    if not connector.answers_after_commit:
        message = f"This store is connected by {connector.name}, which tells of its orders itself."
        raise Refused(HTTPStatus.CONFLICT, "told_otherwise", message, field="store")
    # Without the key, which the inbox has no use for.
    delivery = Delivery({"content-type": "application/json"}, request.body, datetime.now(UTC))
    kept = NewDelivery.of(
        store_id=store.id,
        topic=connector.topic(delivery),
        headers=delivery.headers,
        body=delivery.body,
        received_at=delivery.received_at,
    )
    outcomes = await book(reach.program_id, store, kept, delivery)
    if faults := [outcome.reason for outcome in outcomes if outcome.kind is OutcomeKind.REFUSED]:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "; ".join(faults))
    return Answer(status=HTTPStatus.OK, content={"facts": [_tell_outcome(outcome) for outcome in outcomes]})


async def show_statement(request: Request) -> Answer:
    """The partner's account in the month of a `day`, of today unless given. What the partner owes is positive."""
    reach = await reach_of(request)
    asked = parse_qs(request.query).get("day", [""])[0]
    try:
        day = date.fromisoformat(asked) if asked else day_of(datetime.now(UTC), reach.program)
    except ValueError:
        message = "expected a day such as 2026-03-31"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="day") from None
    return await in_a_thread(_show_statement, reach, day)


def find_member(reach: Reach, who: Who) -> UUID:
    """The member who is meant. Raises Refused (404) for everybody whom none of the partner's stores has told of."""
    ways = [
        (IdentityKind.STORE_CUSTOMER, f"{who.store}:{who.customer}" if who.store in reach.partner.stores else None),
        (IdentityKind.EMAIL, normal_email(who.email or "")),
        (IdentityKind.PHONE, who.phone),
        (IdentityKind.CARD, normal_card(who.card or "")),
    ]
    for kind, value in ways:
        member_id = find_member_by(reach.program_id, [(kind, value)]) if value else None
        if member_id is not None and _is_in_reach(reach, member_id):
            return member_id
    message = "None of this partner's stores has told of such a member."
    raise Refused(HTTPStatus.NOT_FOUND, "no_such_member", message)


def _is_in_reach(reach: Reach, member_id: UUID) -> bool:
    if is_customer_of(reach.program_id, member_id, reach.partner.stores):
        return True
    store_ids = [store.id for store in list_stores(reach.program_id) if store.code in reach.partner.stores]
    return has_ordered_in(reach.program_id, member_id, store_ids)


def _show_member(reach: Reach, who: Who) -> Answer:
    with program_transaction(reach.program_id):
        member_id = find_member(reach, who)
        balances = list_balances(reach.program_id, [member_id]).get(member_id, {})
    told = {
        unit: {"available": balance.available, "pending": balance.pending}
        for unit, balance in balances.items()
        if unit in reach.units
    }
    return Answer(status=HTTPStatus.OK, content={"balances": told})


def _tell_outcome(outcome: Outcome) -> dict[str, object]:
    """What the partner's own rules granted, and nothing else that followed."""
    earned = [
        {"rule": lot.rule, "unit": lot.unit, "units": lot.granted, "matures_at": lot.matures_at}
        for journal in outcome.journals
        if journal.obligations
        for lot in journal.lots
    ]
    return {"state": outcome.kind.value, "reason": outcome.reason, "earned": earned}


def _show_statement(reach: Reach, day: date) -> Answer:
    at = datetime.now(UTC)
    try:
        month = month_around(reach.program, day, at=at)
    except OutsideCalendar as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", str(error), field="day") from None
    with program_transaction(reach.program_id):
        accounts = list_accounts(reach.program_id, begins=month.begins, ends=month.ends)
    content = {
        "begins": month.begins,
        "ends": month.ends,
        "is_final": month.is_final,
        "accounts": [
            {
                "currency": account.currency,
                "opening_minor": account.opening_minor,
                "movements": [_tell_movement(reach, moved) for moved in account.movements],
                "closing_minor": account.closing_minor,
            }
            for account in accounts
            if account.partner == reach.partner.id
        ],
    }
    return Answer(status=HTTPStatus.OK, content=content)


def _tell_movement(reach: Reach, moved: Movement) -> dict[str, object]:
    rate = None
    if moved.unit is not None and moved.version is not None:
        agreed = reach.program.numbered(moved.version).spec.partner_by_id[reach.partner.id].rate(moved.unit)
        rate = {"minor": minor_of(moved.kind, agreed), "units": agreed.units}
    told = {"kind": moved.kind, "unit": moved.unit, "units": moved.units, "amount_minor": moved.amount_minor}
    return told | {"rate": rate}


_WHO = msgspec.json.Decoder(Who)
