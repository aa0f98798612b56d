"""Vouchers for whoever is shown one: what it is good for, and that it was used."""

from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body
from wafa.api.carts import CartDocument, read_cart
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.rewards import Told, tell, with_codes
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Id
from wafa.core.qualify import Refusal
from wafa.flows.look_up_voucher import TooManyGuesses, look_up_voucher
from wafa.flows.redeem_rewards import Had, NotHad
from wafa.flows.use_vouchers import Use, use_vouchers
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction


class LookUpBody(Document, frozen=True):
    """`asker` names who typed the code (a shopper's session, a till), so that one who guesses stops no other."""

    code: Id
    asker: Id = ""
    store: str = ""
    cart: CartDocument | None = None


class UseBody(Document, frozen=True):
    """`order` names the order on which it is used: told again for the same, it is the same use."""

    code: Id
    order: Id
    asker: Id = ""


async def show_voucher(request: Request) -> Answer:
    """A voucher by its code, and what it takes off a cart."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, request, read_body(request, _LOOK_UP))


async def use_voucher(request: Request) -> Answer:
    """A voucher was used on an order: exactly once, however many say so."""
    program_id = await check_key(request, scope="write")
    return await in_a_thread(_use, program_id, request, read_body(request, _USE))


def _show(program_id: UUID, request: Request, body: LookUpBody) -> Answer:
    at = datetime.now(UTC)
    cart = read_cart(body.cart, store=body.store, at=at)
    try:
        with program_transaction(program_id):
            shown = look_up_voucher(program_id, body.code, who=name_asker(request, body.asker), at=at, cart=cart)
    except TooManyGuesses:
        raise refuse_guesser() from None
    if shown is None:
        return tell(_NO_VOUCHER)
    answer = tell(Told(Had(redemption=shown.redemption, is_new=False), shown.voucher.code))
    assert isinstance(answer.content, dict)
    voucher = {"used_at": shown.voucher.used_at, "used_on": shown.voucher.used_on, "on_cart": shown.on_cart}
    return Answer(status=answer.status, content={**answer.content, "voucher": voucher})


@retried
def _use(program_id: UUID, request: Request, body: UseBody) -> Answer:
    at = datetime.now(UTC)
    try:
        with program_transaction(program_id):
            who = name_asker(request, body.asker)
            if look_up_voucher(program_id, body.code, who=who, at=at) is None:
                return tell(_NO_VOUCHER)
            answers = use_vouchers(program_id, [Use(code=body.code, used_on=body.order)], at=at)
            return tell(with_codes(program_id, answers)[0])
    except TooManyGuesses:
        raise refuse_guesser() from None


def name_asker(request: Request, asker: str) -> str:
    """Whose misses are counted: the named asker's, each apart for every key."""
    key = sha256(request.headers.get("authorization", "").encode()).hexdigest()[:16]
    return f"{key} {asker}"


def refuse_guesser() -> Refused:
    """The answer to who missed too often."""
    message = "Too many codes that are none. Wait ten minutes, or name the `asker` if it was somebody else."
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many_guesses", message)


_LOOK_UP = msgspec.json.Decoder(LookUpBody)
_USE = msgspec.json.Decoder(UseBody)
_NO_VOUCHER = Told(NotHad(refusals=(Refusal(reason="no_such_voucher"),)))
