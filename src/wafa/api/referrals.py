"""Referrals for stores and apps: a member's code and friends, codes that friends type, invitations, and the review."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal, get_args
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from msgspec import Meta

from wafa.api.bodies import read_body, read_id
from wafa.api.customers import find_customer, name_customer, no_such_customer
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Email, Id, Phone
from wafa.core.referrals.record import Given, Referral, State
from wafa.flows.follow_advocate import CannotFollow, Follow, follow_advocate
from wafa.flows.invite_friend import Language, invite_friend
from wafa.flows.rule_referral import rule_referral
from wafa.kit.paging import BadCursor
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_of_customers
from wafa.programs.queries import get_program
from wafa.referrals.links import friend_link
from wafa.referrals.operations import make_code
from wafa.referrals.queries import find_referrals, list_brought, list_referrals, load_given

_MOST = 200


class FollowBody(Document, frozen=True):
    """Who typed the code: `customer` is the store's own id of them, where there is one already."""

    code: Id
    customer: Id = ""
    email: Email | None = None
    phone: Phone | None = None


class InviteBody(Document, frozen=True):
    email: Email
    language: Language = "en"


class RuleBody(Document, frozen=True):
    """Who decides, and why: both are kept with the referral."""

    by: Annotated[str, Meta(min_length=1, max_length=254)]
    note: Annotated[str, Meta(min_length=1, max_length=500)]


async def show_member_referrals(request: Request) -> Answer:
    """The code and the link of a store's customer, and what became of the friends who came by them."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, name_customer(request))


async def follow_code(request: Request) -> Answer:
    """Somebody typed a member's code, at sign-up or before an order: they are that member's friend."""
    program_id = await check_key(request, scope="write")
    body = read_body(request, _FOLLOW)
    if not (body.customer or body.email or body.phone):
        message = "expected `customer`, `email` or `phone`: somebody typed the code"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="customer")
    return await in_a_thread(_follow, program_id, request.path["store"], body)


async def invite(request: Request) -> Answer:
    """A store's customer invites somebody by e-mail."""
    program_id = await check_key(request, scope="write")
    return await in_a_thread(_invite, program_id, name_customer(request), read_body(request, _INVITE))


async def list_waiting(request: Request) -> Answer:
    """Referrals in a `state`, the latest first; `cursor` goes on where a page ended."""
    program_id = await check_key(request, scope="read")
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    state = next((state for state in get_args(State) if state == asked.get("state", "qualified")), None)
    if state is None:
        message = f"expected one of {', '.join(get_args(State))}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="state")
    return await in_a_thread(_list, program_id, state, asked.get("cursor", ""))


async def rule(request: Request) -> Answer:
    """Approve or block a referral, whatever speaks against it."""
    program_id = await check_key(request, scope="write")
    referral_id = read_id(request.path["referral"], field="referral")
    ruling: Literal["approve", "block"] = "approve" if request.path["ruling"] == "approve" else "block"
    return await in_a_thread(_rule, program_id, referral_id, ruling, read_body(request, _RULE))


def _show(program_id: UUID, customer: str) -> Answer:
    with program_transaction(program_id):
        member_id = find_customer(program_id, customer)
        code = make_code(program_id, member_id, at=datetime.now(UTC))
        friends = list_brought(program_id, member_id, limit=_MOST)
        given = load_given(program_id, [one.id for one in friends])
    content = {
        "code": code,
        "link": friend_link(get_program(program_id).slug, code),
        "friends": [_tell(one, given.get(one.id, ())) for one in friends],
    }
    return Answer(status=HTTPStatus.OK, content=content)


@retried
def _follow(program_id: UUID, store: str, body: FollowBody) -> Answer:
    with program_transaction(program_id):
        name = f"{store}:{body.customer}"
        member_id = find_members_of_customers(program_id, [name]).get(name) if body.customer else None
        if member_id is None and not (body.email or body.phone):
            raise no_such_customer()
        follow = Follow(
            code=body.code, source="code", email=body.email or "", phone=body.phone or "", member_id=member_id
        )
        try:
            follow_advocate(program_id, follow, at=datetime.now(UTC))
        except CannotFollow as error:
            raise _cannot_follow(error) from None
    return Answer(status=HTTPStatus.OK, content={"followed": True})


@retried
def _invite(program_id: UUID, customer: str, body: InviteBody) -> Answer:
    with program_transaction(program_id):
        member_id = find_customer(program_id, customer)
        try:
            is_new = invite_friend(program_id, member_id, body.email, language=body.language, at=datetime.now(UTC))
        except CannotFollow as error:
            raise _cannot_follow(error) from None
    return Answer(status=HTTPStatus.OK, content={"invited": is_new})


def _list(program_id: UUID, state: State, cursor: str) -> Answer:
    try:
        with program_transaction(program_id):
            page = list_referrals(program_id, states=[state], cursor=cursor, limit=_MOST)
            ids = [row.id for row in page.rows]
            found, given = find_referrals(program_id, ids), load_given(program_id, ids)
    except BadCursor:
        message = "expected the cursor of an answer"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="cursor") from None
    told = [_tell(found[id_], given.get(id_, ())) for id_ in ids]
    return Answer(status=HTTPStatus.OK, content={"referrals": told, "next": page.next})


@retried
def _rule(program_id: UUID, referral_id: UUID, ruling: Literal["approve", "block"], body: RuleBody) -> Answer:
    with program_transaction(program_id):
        rule_referral(program_id, referral_id, ruling, by=body.by, note=body.note, at=datetime.now(UTC))
        found = find_referrals(program_id, [referral_id]).get(referral_id)
        given = load_given(program_id, [referral_id]).get(referral_id, ())
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_referral", "This program has no such referral.", field="referral")
    return Answer(status=HTTPStatus.OK, content={"referral": _tell(found, given)})


def _tell(referral: Referral, given: tuple[Given, ...]) -> dict[str, object]:
    return {
        "id": referral.id,
        "advocate": referral.advocate_id,
        "friend": referral.friend_id,
        "source": referral.source,
        "claimed_at": referral.claimed_at,
        "until": referral.until,
        "state": referral.state,
        "since": referral.since,
        "signals": referral.signals,
        "ruling": referral.ruling,
        "counted": referral.counted_at is not None,
        "given": [
            {
                "member": one.member_id,
                "side": one.side,
                "unit": one.unit,
                "units": one.units,
                "reward": one.reward,
                "stands": one.stands,
            }
            for one in given
            if one.side != "completed"
        ],
    }


def _cannot_follow(error: CannotFollow) -> Refused:
    messages = {
        "no_referrals": "In this program members bring no friends.",
        "no_such_code": "This is no code of a member.",
        "too_many": "Too many followed or were invited within a short time.",
        "own_address": "Nobody invites themselves.",
    }
    status = HTTPStatus.NOT_FOUND if error.reason == "no_such_code" else HTTPStatus.CONFLICT
    return Refused(status, error.reason, messages[error.reason])


_FOLLOW = msgspec.json.Decoder(FollowBody)
_INVITE = msgspec.json.Decoder(InviteBody)
_RULE = msgspec.json.Decoder(RuleBody)
