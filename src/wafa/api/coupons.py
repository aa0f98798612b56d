"""Coupons for stores and tills: what applies to a cart, using it on an order, giving it back, and handing out codes.

Requests that arrive together are decided together (see batching), one after another within the same limits.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from wafa.api.batching import Batcher
from wafa.api.bodies import read_body, read_key
from wafa.api.carts import CartDocument, read_cart
from wafa.api.customers import name_customer
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.api.vouchers import name_asker, refuse_guesser
from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.stores.direct.documents import Customer, Document, Id
from wafa.connectors.stores.direct.translate import translate_customer
from wafa.core.coupons import Verdict
from wafa.core.snapshots import CustomerRef
from wafa.coupons.models import Use
from wafa.coupons.uses import KeptUse
from wafa.flows.hand_out_coupons import Answer as HandedOutOrNot
from wafa.flows.hand_out_coupons import HandOut, NotHandedOut, hand_out_coupons
from wafa.flows.look_up_coupon import CouponStory, look_up_coupon
from wafa.flows.look_up_voucher import TooManyGuesses
from wafa.flows.present_coupons import Basket
from wafa.flows.redeem_coupons import Answer as UsedOrNot
from wafa.flows.redeem_coupons import Checkout, NotUsed, redeem_coupons
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.flows.validate_coupons import validate_coupons
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_of_customers

Codes = Annotated[tuple[Id, ...], Meta(max_length=20)]


class ValidateBody(Document, frozen=True):
    """`customer` is who wants to use them, as an order names one. `asker` names who typed the codes."""

    codes: Codes = ()
    customer: Customer | None = None
    cart: CartDocument | None = None
    asker: Id = ""


class RedeemBody(ValidateBody, frozen=True):
    """`automatic` are the campaigns without a code that the checkout has shown."""

    automatic: Codes = ()


class LookUpBody(Document, frozen=True):
    code: Id
    asker: Id = ""


class HandOutBody(Document, frozen=True):
    """`send`: the customer gets it by e-mail too."""

    campaign: Id
    send: bool = False


class _ToHandOut(Struct, frozen=True):
    customer: str
    campaign: str
    key: str
    send: bool


async def show_coupons(request: Request) -> Answer:
    """Which codes apply to a cart, what each takes off and why not the rest; and what applies by itself."""
    program_id = await check_key(request, scope="read")
    verdicts = await _VALIDATING.submit(program_id, _basket(request, read_body(request, _VALIDATE)))
    return Answer(status=HTTPStatus.OK, content={"coupons": _tell_verdicts(verdicts)})


async def use_coupons(request: Request) -> Answer:
    """Use coupons on an order: all of them or none, and each exactly once, however often it is told."""
    program_id = await check_key(request, scope="write")
    body = read_body(request, _REDEEM)
    basket = _basket(request, body, automatic=body.automatic)
    answer = await _REDEEMING.submit(program_id, Checkout(used_on=_order(request), basket=basket))
    if isinstance(answer, NotUsed):
        told = _tell_verdicts(answer.verdicts)
        reasons = [reason for verdict in answer.verdicts for reason in verdict.refusals]
        message = f"These coupons cannot be used: {', '.join(reason.reason for reason in reasons) or 'none are named'}."
        error = {"code": reasons[0].reason if reasons else "no_coupons", "message": message}
        return Answer(status=HTTPStatus.CONFLICT, content={"error": error, "coupons": told})
    return Answer(status=HTTPStatus.OK, content={"uses": [_tell_use(use) for use in answer.uses]})


async def give_back_coupons(request: Request) -> Answer:
    """Roll back all that is used on an order; told twice, done once."""
    program_id = await check_key(request, scope="write")
    uses = await _ROLLING_BACK.submit(program_id, _order(request))
    return Answer(status=HTTPStatus.OK, content={"uses": [_tell_use(use) for use in uses]})


async def show_coupon(request: Request) -> Answer:
    """A coupon by its code, and what became of it."""
    program_id = await check_key(request, scope="read")
    body = read_body(request, _LOOK_UP)
    story = await in_a_thread(_look_up, program_id, body.code, name_asker(request, body.asker))
    if story is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_code", "No coupon of this program has this code.", field="code")
    return Answer(status=HTTPStatus.OK, content={"coupon": _tell_story(story)})


async def hand_out_coupon(request: Request) -> Answer:
    """Hand a store's customer a code of their own. The header Idempotency-Key names it."""
    program_id = await check_key(request, scope="write")
    customer = name_customer(request)
    body = read_body(request, _HAND_OUT)
    asked = _ToHandOut(customer, body.campaign, read_key(request), body.send)
    answer = await _HANDING_OUT.submit(program_id, asked)
    if isinstance(answer, NotHandedOut):
        reason = answer.refusal.reason
        status = HTTPStatus.NOT_FOUND if reason.startswith("no_such") else HTTPStatus.CONFLICT
        raise Refused(status, reason, f"This cannot be handed out: {reason}.")
    told = {"campaign": answer.campaign, "code": answer.code, "valid_until": answer.valid_until}
    sending = {"unsent": answer.unsent} if body.send else {}
    return Answer(status=HTTPStatus.OK, content={"coupon": told | sending})


def _basket(request: Request, body: ValidateBody, *, automatic: tuple[str, ...] = ()) -> Basket:
    store = request.path["store"]
    return Basket(
        store=store,
        codes=tuple(dict.fromkeys(body.codes)),
        automatic=automatic,
        customer=_customer(body.customer) if body.customer else None,
        cart=read_cart(body.cart, store=store, at=datetime.now(UTC)),
        asker=name_asker(request, body.asker),
    )


def _customer(customer: Customer) -> CustomerRef:
    try:
        return translate_customer(customer, "customer")
    except CannotUnderstand as error:
        message = f"expected {error.expected}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field=error.path) from None


def _order(request: Request) -> str:
    return f"{request.path['store']}:{request.path['order']}"


def _tell_verdicts(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """Raises Refused (429) for who guesses."""
    if any(refusal.reason == "too_many_guesses" for verdict in verdicts for refusal in verdict.refusals):
        raise refuse_guesser()
    return [
        {
            "code": verdict.code,
            "campaign": verdict.campaign,
            "applies": not verdict.refusals,
            "reasons": verdict.refusals,
            "takes_off": verdict.takes_off,
            "units": {"unit": verdict.units.unit, "units": verdict.units.units} if verdict.units else None,
        }
        for verdict in verdicts
    ]


def _tell_use(use: KeptUse | Use) -> dict[str, object]:
    return {
        "id": use.id,
        "order": use.used_on,
        "campaign": use.campaign,
        "version": use.version,
        "member": use.member_id,
        "state": use.state,
        "takes_off": {"minor": use.minor, "currency": use.currency, "exponent": use.exponent} if use.currency else None,
        "units": use.units,
        "beyond": use.beyond,
        "used_at": use.used_at,
    }


def _tell_story(story: CouponStory) -> dict[str, object]:
    handout = story.handout
    return {
        "campaign": story.campaign,
        "code": story.code,
        "is_shared": story.code_id is None,
        "member": handout.member_id if handout else None,
        "valid_until": handout.valid_until if handout else None,
        "uses": [_tell_use(use) for use in story.uses],
    }


def _validate(program_id: UUID, baskets: Sequence[Basket]) -> Sequence[tuple[Verdict, ...]]:
    with program_transaction(program_id):
        return validate_coupons(program_id, baskets, at=datetime.now(UTC))


@retried
def _redeem(program_id: UUID, checkouts: Sequence[Checkout]) -> Sequence[UsedOrNot]:
    with program_transaction(program_id):
        return redeem_coupons(program_id, checkouts, at=datetime.now(UTC))


@retried
def _roll_back(program_id: UUID, orders: Sequence[str]) -> Sequence[list[KeptUse]]:
    with program_transaction(program_id):
        uses = roll_back_coupons(program_id, orders, at=datetime.now(UTC))
    return [uses[order] for order in orders]


def _look_up(program_id: UUID, code: str, who: str) -> CouponStory | None:
    try:
        with program_transaction(program_id):
            return look_up_coupon(program_id, code, who=who, at=datetime.now(UTC))
    except TooManyGuesses:
        raise refuse_guesser() from None


@retried
def _hand_out(program_id: UUID, asked: Sequence[_ToHandOut]) -> Sequence[HandedOutOrNot]:
    with program_transaction(program_id):
        members = find_members_of_customers(program_id, {one.customer for one in asked})
        at = datetime.now(UTC)
        asks = [
            HandOut(
                key=one.key,
                member_id=members.get(one.customer, _NOBODY),
                campaign=one.campaign,
                source="api",
                send_at=at if one.send else None,
            )
            for one in asked
        ]
        return hand_out_coupons(program_id, asks, at=at)


_NOBODY = UUID(int=0)
_VALIDATE = msgspec.json.Decoder(ValidateBody)
_REDEEM = msgspec.json.Decoder(RedeemBody)
_LOOK_UP = msgspec.json.Decoder(LookUpBody)
_HAND_OUT = msgspec.json.Decoder(HandOutBody)
_VALIDATING: Batcher[UUID, Basket, tuple[Verdict, ...]] = Batcher(_validate)
_REDEEMING: Batcher[UUID, Checkout, UsedOrNot] = Batcher(_redeem)
_ROLLING_BACK: Batcher[UUID, str, list[KeptUse]] = Batcher(_roll_back)
_HANDING_OUT: Batcher[UUID, _ToHandOut, HandedOutOrNot] = Batcher(_hand_out)
