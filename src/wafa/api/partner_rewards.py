"""A partner's own rewards, for members of its stores: what they could have, having it, and the codes of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body, read_id, read_key
from wafa.api.carts import CartDocument, read_cart
from wafa.api.hot import Answer, Request
from wafa.api.partners import Reach, Who, find_member, reach_of
from wafa.api.rewards import Told, describe_redemption, tell, with_codes
from wafa.api.threads import in_a_thread
from wafa.api.vouchers import UseBody, name_asker, refuse_guesser
from wafa.connectors.stores.direct.documents import Id
from wafa.core.program import Program
from wafa.core.qualify import Refusal
from wafa.flows.capture_holds import capture_holds
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.look_up_voucher import TooManyGuesses, look_up_voucher
from wafa.flows.offer_rewards import Asker, offer_rewards
from wafa.flows.redeem_rewards import Answer as Decided
from wafa.flows.redeem_rewards import Ask, Had, NotHad, redeem_rewards
from wafa.flows.use_vouchers import Use, use_vouchers
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.rewards.redemptions import Kept, find_by_ids


class OfferBody(Who, frozen=True, kw_only=True):
    cart: CartDocument | None = None


class RedeemBody(Who, frozen=True, kw_only=True):
    """`hold` reserves the reward for a checkout, which captures or releases it."""

    reward: Id
    units: int | None = None
    choice: str = ""
    hold: bool = False
    cart: CartDocument | None = None


async def list_partner_offers(request: Request) -> Answer:
    """Every reward of the partner as it stands for a member of its stores, perhaps on a cart."""
    reach = await reach_of(request)
    return await in_a_thread(_offer, reach, read_body(request, _OFFER))


async def redeem_partner_reward(request: Request) -> Answer:
    """Let a member of the partner's stores have a reward of the partner. Idempotency-Key names the redemption."""
    reach = await reach_of(request)
    key = f"partner:{reach.partner.id}:{read_key(request)}"
    return _conceal(await in_a_thread(_redeem, reach, read_body(request, _REDEEM), key))


async def change_partner_redemption(request: Request) -> Answer:
    """Capture or release a hold on a reward of the partner, or cancel its redemption."""
    reach = await reach_of(request)
    redemption_id = read_id(request.path["redemption"], field="redemption")
    return _conceal(await in_a_thread(_change, reach, redemption_id, _CHANGES[request.path["change"]]))


async def show_partner_redemption(request: Request) -> Answer:
    """A redemption of a reward of the partner as it is now."""
    reach = await reach_of(request)
    return _conceal(await in_a_thread(_change, reach, read_id(request.path["redemption"], field="redemption"), _show))


async def use_partner_voucher(request: Request) -> Answer:
    """A voucher for a reward of the partner was used on an order: exactly once, however many say so."""
    reach = await reach_of(request)
    return _conceal(await in_a_thread(_use, reach, request, read_body(request, _USE)))


def _is_theirs(reach: Reach, one: Kept) -> bool:
    return reach.program.reward(one.reward, version=one.version).partner == reach.partner.id


def _rewards_of(reach: Reach, program: Program) -> frozenset[str]:
    version = program.in_force(datetime.now(UTC))
    return frozenset(r.id for r in version.spec.rewards if r.partner == reach.partner.id) if version else frozenset()


def _offer(reach: Reach, body: OfferBody) -> Answer:
    at = datetime.now(UTC)
    cart = read_cart(body.cart, store=_store(reach, body), at=at)
    with program_transaction(reach.program_id):
        asker = Asker(member_id=find_member(reach, body), cart=cart)
        offers = offer_rewards(reach.program_id, [asker], at=at)[0]
    theirs = _rewards_of(reach, reach.program)
    return Answer(status=HTTPStatus.OK, content={"rewards": [offer for offer in offers if offer.reward in theirs]})


@retried
def _redeem(reach: Reach, body: RedeemBody, key: str) -> Told:
    at = datetime.now(UTC)
    if body.reward not in _rewards_of(reach, reach.program):
        return Told(NotHad(refusals=(Refusal(reason="no_such_reward"),)))
    with program_transaction(reach.program_id):
        ask = Ask(
            key=key,
            member_id=find_member(reach, body),
            reward=body.reward,
            source="api",
            units=body.units,
            choice=body.choice,
            hold=body.hold,
            cart=read_cart(body.cart, store=_store(reach, body), at=at),
        )
        return with_codes(reach.program_id, redeem_rewards(reach.program_id, [ask], at=at))[0]


def _store(reach: Reach, who: Who) -> str:
    """Where the cart is: in the store that is named, else in the partner's first."""
    return who.store if who.store in reach.partner.stores else reach.partner.stores[0]


_Change = Callable[[UUID, Sequence[UUID]], Sequence[Decided]]


@retried
def _change(reach: Reach, redemption_id: UUID, change: _Change) -> Told:
    with program_transaction(reach.program_id):
        found = find_by_ids(reach.program_id, [redemption_id]).get(redemption_id)
        if found is None or not _is_theirs(reach, found):
            return Told(NotHad(refusals=(Refusal(reason="no_such_redemption"),)))
        return with_codes(reach.program_id, change(reach.program_id, [redemption_id]))[0]


def _show(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Decided]:
    found = find_by_ids(program_id, redemption_ids)
    return [Had(redemption=found[one], is_new=False) for one in redemption_ids]


def _capture(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Decided]:
    return capture_holds(program_id, redemption_ids, at=datetime.now(UTC))


def _release(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Decided]:
    return give_back_rewards(program_id, redemption_ids, "released", at=datetime.now(UTC))


def _cancel(program_id: UUID, redemption_ids: Sequence[UUID]) -> Sequence[Decided]:
    return give_back_rewards(program_id, redemption_ids, "cancelled", at=datetime.now(UTC))


@retried
def _use(reach: Reach, request: Request, body: UseBody) -> Told:
    """A code of another reward is no code here, and counts as a guess."""
    at = datetime.now(UTC)
    who = name_asker(request, body.asker)
    try:
        with program_transaction(reach.program_id):
            shown = look_up_voucher(
                reach.program_id, body.code, who=who, at=at, is_meant=lambda one: _is_theirs(reach, one)
            )
            if shown is None:
                return Told(NotHad(refusals=(Refusal(reason="no_such_voucher"),)))
            answers = use_vouchers(reach.program_id, [Use(code=body.code, used_on=body.order)], at=at)
            return with_codes(reach.program_id, answers)[0]
    except TooManyGuesses:
        raise refuse_guesser() from None


def _conceal(told: Told) -> Answer:
    """What became of it, without our id of the member."""
    if isinstance(told.decided, NotHad):
        return tell(told)
    described = describe_redemption(told.decided.redemption, told.code)
    return Answer(status=HTTPStatus.OK, content={"redemption": {k: v for k, v in described.items() if k != "member"}})


_OFFER = msgspec.json.Decoder(OfferBody)
_REDEEM = msgspec.json.Decoder(RedeemBody)
_USE = msgspec.json.Decoder(UseBody)
_CHANGES: Mapping[str, _Change] = {"capture": _capture, "release": _release, "cancel": _cancel}
