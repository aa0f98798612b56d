"""Rewards for stores and tills: what a customer could have, holding it, and having it.

Requests that arrive together are decided together (see batching), one after another on the same balance.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.api.batching import Batcher
from wafa.api.bodies import read_body, read_id, read_key
from wafa.api.carts import CartDocument, read_cart
from wafa.api.customers import name_customer, no_such_customer
from wafa.api.hot import Answer, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Id
from wafa.core.qualify import Cart, Offer, Refusal
from wafa.core.why import GiveBackCause
from wafa.flows.capture_holds import capture_holds
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.offer_rewards import Asker, offer_rewards
from wafa.flows.redeem_rewards import Answer as Decided
from wafa.flows.redeem_rewards import Ask, Had, NotHad, redeem_rewards
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_of_customers
from wafa.rewards.redemptions import Kept, find_by_ids
from wafa.rewards.vouchers import find_vouchers


class QualifyBody(Document, frozen=True):
    cart: CartDocument | None = None


class RedeemBody(Document, frozen=True):
    """`hold` reserves the reward for a checkout, which captures or releases it."""

    reward: Id
    units: int | None = None
    choice: str = ""
    hold: bool = False
    cart: CartDocument | None = None


class _Customer(Struct, frozen=True):
    """A store's customer who asks for something."""

    name: str
    cart: Cart | None
    ask: RedeemBody | None = None
    key: str = ""


class Told(Struct, frozen=True):
    """A redemption as the API tells it, with its code once it is issued."""

    decided: Decided
    code: str | None = None


async def list_offers(request: Request) -> Answer:
    """Every reward as it stands for a store's customer, perhaps on a cart, and why not those that cannot be had."""
    program_id = await check_key(request, scope="read")
    body = read_body(request, _QUALIFY)
    offers = await _OFFERING.submit(program_id, _Customer(name_customer(request), _cart(request, body.cart)))
    if offers is None:
        raise no_such_customer()
    return Answer(status=HTTPStatus.OK, content={"rewards": offers})


async def redeem_reward(request: Request) -> Answer:
    """Let a store's customer have a reward, at once or by a hold. The header Idempotency-Key names the redemption."""
    program_id = await check_key(request, scope="write")
    key = read_key(request)
    body = read_body(request, _REDEEM)
    asked = _Customer(name_customer(request), _cart(request, body.cart), body, key)
    return tell(await _REDEEMING.submit(program_id, asked))


async def show_redemption(request: Request) -> Answer:
    """A redemption as it is now."""
    program_id = await check_key(request, scope="read")
    redemption_id = read_id(request.path["redemption"], field="redemption")
    return tell(await in_a_thread(_find, program_id, redemption_id))


async def change_redemption(request: Request) -> Answer:
    """Capture or release a hold, or cancel a redemption; told twice, done once."""
    program_id = await check_key(request, scope="write")
    redemption_id = read_id(request.path["redemption"], field="redemption")
    return tell(await _CHANGING[request.path["change"]].submit(program_id, redemption_id))


def tell(told: Told) -> Answer:
    """What became of a request. What cannot be had is 409, and says everything that is in the way."""
    if isinstance(told.decided, NotHad):
        reasons = told.decided.refusals
        missing = reasons[0].reason in ("no_such_member", "no_such_reward", "no_such_redemption", "no_such_voucher")
        message = f"This cannot be done: {', '.join(refusal.reason for refusal in reasons)}."
        status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.CONFLICT
        content = {"error": {"code": reasons[0].reason, "message": message, "reasons": reasons}}
        return Answer(status=status, content=content)
    one = told.decided.redemption
    return Answer(status=HTTPStatus.OK, content={"redemption": describe_redemption(one, told.code)})


def with_codes(program_id: UUID, answers: Sequence[Decided]) -> list[Told]:
    """Answers with the codes of what is issued: those that the answers do not tell are looked up."""
    had = [answer for answer in answers if isinstance(answer, Had)]
    codes = {answer.redemption.id: answer.code for answer in had if answer.code is not None}
    if missing := [answer.redemption.id for answer in had if answer.redemption.id not in codes]:
        codes |= {id_: voucher.code for id_, voucher in find_vouchers(program_id, missing).items()}
    return [Told(answer, codes.get(answer.redemption.id) if isinstance(answer, Had) else None) for answer in answers]


def describe_redemption(one: Kept, code: str | None) -> dict[str, object]:
    """A redemption in the API's words."""
    return {
        "id": one.id,
        "member": one.member_id,
        "reward": one.reward,
        "version": one.version,
        "unit": one.unit,
        "units": one.units,
        "choice": one.choice,
        "state": one.state,
        "fulfilment": one.fulfilment,
        "reason": one.reason,
        "until": one.due_at,
        "code": code,
    }


def _cart(request: Request, document: CartDocument | None) -> Cart | None:
    return read_cart(document, store=request.path["store"], at=datetime.now(UTC))


def _offer(program_id: UUID, asked: Sequence[_Customer]) -> Sequence[tuple[Offer, ...] | None]:
    with program_transaction(program_id):
        members = find_members_of_customers(program_id, {one.name for one in asked})
        known = [one for one in asked if one.name in members]
        askers = [Asker(member_id=members[one.name], cart=one.cart) for one in known]
        offers = dict(zip(map(id, known), offer_rewards(program_id, askers, at=datetime.now(UTC)), strict=True))
    return [offers.get(id(one)) for one in asked]


def _find(program_id: UUID, redemption_id: UUID) -> Told:
    with program_transaction(program_id):
        found = find_by_ids(program_id, [redemption_id]).get(redemption_id)
        return with_codes(program_id, [Had(redemption=found, is_new=False) if found else _NOT_FOUND])[0]


@retried
def _redeem(program_id: UUID, asked: Sequence[_Customer]) -> Sequence[Told]:
    with program_transaction(program_id):
        members = find_members_of_customers(program_id, {one.name for one in asked})
        asks = [
            Ask(
                key=one.key,
                member_id=members.get(one.name, _NOBODY),
                reward=one.ask.reward,
                source="api",
                units=one.ask.units,
                choice=one.ask.choice,
                hold=one.ask.hold,
                cart=one.cart,
            )
            for one in asked
            if one.ask is not None
        ]
        return with_codes(program_id, redeem_rewards(program_id, asks, at=datetime.now(UTC)))


@retried
def _capture(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Told]:
    with program_transaction(program_id):
        return with_codes(program_id, capture_holds(program_id, redemption_ids, at=datetime.now(UTC)))


def _giving_back(cause: GiveBackCause) -> Callable[[UUID, Sequence[UUID]], Sequence[Told]]:
    @retried
    def give_back(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Told]:
        with program_transaction(program_id):
            answers = give_back_rewards(program_id, redemption_ids, cause, at=datetime.now(UTC))
            return with_codes(program_id, answers)

    return give_back


_NOBODY = UUID(int=0)
_NOT_FOUND = NotHad(refusals=(Refusal(reason="no_such_redemption"),))
_QUALIFY = msgspec.json.Decoder(QualifyBody)
_REDEEM = msgspec.json.Decoder(RedeemBody)
_OFFERING: Batcher[UUID, _Customer, tuple[Offer, ...] | None] = Batcher(_offer)
_REDEEMING: Batcher[UUID, _Customer, Told] = Batcher(_redeem)
_CHANGING: dict[str, Batcher[UUID, UUID, Told]] = {
    "capture": Batcher(_capture),
    "release": Batcher(_giving_back("released")),
    "cancel": Batcher(_giving_back("cancelled")),
}
