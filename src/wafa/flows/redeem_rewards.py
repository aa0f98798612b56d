"""Let members have rewards: at once, or by way of a hold that a checkout captures or releases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal
from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.partners import owe_for_reward
from wafa.core.program import Program
from wafa.core.qualify import Cart, Circumstances, Refusal, find_refusals, least_units
from wafa.core.redeem import hold, redeem
from wafa.core.spec import Free, FreeProduct, Reward, Version
from wafa.core.standing import Standing
from wafa.flows.issue_vouchers import Issued, issue_vouchers
from wafa.flows.know_members import describe_members
from wafa.flows.reserve_rewards import Reserve, reserve_rewards
from wafa.kit.ids import new_id
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import Kept, find_by_keys, list_had, put_redemptions

Source = Literal["api", "page", "staff"]


class Ask(Struct, frozen=True, kw_only=True):
    """Somebody asks for a reward. `key` names the redemption: asked again, it is had once.

    `units` are what the member puts in where the price is theirs to choose; the lowest price unless told. `choice` is
    one of the products of a free product. `hold` reserves it for a checkout. `cart` is what it is to be used on.
    """

    key: str
    member_id: UUID
    reward: str
    source: Source
    units: int | None = None
    choice: str = ""
    hold: bool = False
    cart: Cart | None = None


class Had(Struct, frozen=True, kw_only=True):
    """The redemption as it is now, whether it is new or was had before by the same key.

    `code` is that of one which was issued a moment ago.
    """

    redemption: Kept
    is_new: bool
    code: str | None = None


class NotHad(Struct, frozen=True, kw_only=True):
    """Why not; nothing was changed.

    Beside those of `core.qualify` reasons are no_such_member, no_such_reward, no_such_choice, and key_taken: the key
    names another redemption.
    """

    refusals: tuple[Refusal, ...]


Answer = Had | NotHad


def redeem_rewards(program_id: UUID, asks: Sequence[Ask], *, at: datetime) -> list[Answer]:
    """Decide a batch in order: each stands on what those before it took of the same balance, stock and pool."""
    loaded = _load(program_id, asks, at=at)
    answers: list[Answer] = []
    journals: list[Journal] = []
    new: list[Kept] = []
    for ask in asks:
        answer = _decide(loaded, ask, at=at)
        if isinstance(answer, Had) and answer.is_new:
            redemption, standing = answer.redemption, loaded.standings[ask.member_id]
            taken = _take(loaded, standing, redemption, at=at)
            loaded.standings[ask.member_id] = standing.after(taken)
            loaded.known[ask.key] = redemption
            loaded.had.setdefault(ask.member_id, {}).setdefault(ask.reward, []).append(at)
            loaded.reserve.give(loaded.rewards[ask.reward], redemption.id)
            journals += taken
            new.append(redemption)
        answers.append(answer)
    post(program_id, journals, booked_at=at)
    loaded.reserve.close()
    at_once = [one for one in new if one.due_at is None]
    issued = issue_vouchers(program_id, loaded.program, loaded.standings, at_once, booked=journals, at=at)
    put_redemptions(program_id, [issued.redemptions.get(one.id, one) for one in new])
    return [_as_issued(answer, issued) for answer in answers]


class _Loaded(Struct, frozen=True, kw_only=True):
    """What a batch is decided on. What each decision changes of it is changed in its dictionaries."""

    program: Program
    version: Version | None
    rewards: dict[str, Reward]
    standings: dict[UUID, Standing]
    known: dict[str, Kept]
    had: dict[UUID, dict[str, list[datetime]]]
    reserve: Reserve
    members: dict[UUID, MemberFacts]


def _load(program_id: UUID, asks: Sequence[Ask], *, at: datetime) -> _Loaded:
    """Members are held first: whatever else is read is read under their locks."""
    program = get_program_rules(program_id)
    version = program.in_force(at)
    rewards = {reward.id: reward for reward in version.spec.rewards} if version else {}
    standings = load_standings(program_id, {ask.member_id for ask in asks}, lock=True, with_lots=True)
    known = find_by_keys(program_id, [ask.key for ask in asks])
    wanted = [rewards[ask.reward] for ask in asks if ask.key not in known and ask.reward in rewards]
    members: dict[UUID, MemberFacts] = {}
    if version is not None and any(reward.asks_about_member for reward in wanted):
        members = describe_members(program_id, program, version.spec, standings, at=at)
    return _Loaded(
        program=program,
        version=version,
        rewards=rewards,
        standings=standings,
        known=known,
        had=list_had(program_id, standings, {reward.id for reward in wanted if reward.is_rationed}),
        reserve=reserve_rewards(program_id, wanted),
        members=members,
    )


def _decide(loaded: _Loaded, ask: Ask, *, at: datetime) -> Answer:
    reward, standing = loaded.rewards.get(ask.reward), loaded.standings.get(ask.member_id)
    if (before := loaded.known.get(ask.key)) is not None:
        return _again(ask, before, reward)
    if standing is None:
        return NotHad(refusals=(Refusal(reason="no_such_member"),))
    if loaded.version is None or reward is None:
        return NotHad(refusals=(Refusal(reason="no_such_reward"),))
    now = Circumstances(
        at=at,
        had=loaded.had.get(ask.member_id, {}),
        left=loaded.reserve.left(reward),
        cart=ask.cart,
        member=loaded.members.get(ask.member_id, UNKNOWN),
    )
    refusals = find_refusals(loaded.program, loaded.version, reward, standing, now, units=_units(ask, reward))
    choices = reward.gives.products if isinstance(reward.gives, FreeProduct) else ("",)
    if ask.choice not in choices and (ask.choice or len(choices) > 1):
        refusals += (Refusal(reason="no_such_choice"),)
    if refusals:
        return NotHad(refusals=refusals)
    return Had(redemption=_redemption(ask, reward, loaded.version, at=at), is_new=True)


def _again(ask: Ask, before: Kept, reward: Reward | None) -> Answer:
    """The same asked again gets what it had; a key that names something else is refused."""
    units = least_units(reward) if ask.units is None and reward is not None else ask.units
    same = (ask.member_id, ask.reward) == (before.member_id, before.reward)
    if not same or ask.choice not in ("", before.choice) or units not in (None, before.units):
        return NotHad(refusals=(Refusal(reason="key_taken"),))
    return Had(redemption=before, is_new=False)


def _units(ask: Ask, reward: Reward) -> int:
    return least_units(reward) if ask.units is None else ask.units


def _redemption(ask: Ask, reward: Reward, version: Version, *, at: datetime) -> Kept:
    """Every redemption begins as a hold; one that is had at once is issued before it is put down."""
    choice = ask.choice
    if isinstance(reward.gives, FreeProduct):
        choice = choice or reward.gives.products[0]
    return Kept(
        id=new_id(),
        member_id=ask.member_id,
        key=ask.key,
        reward=reward.id,
        version=version.number,
        unit=None if isinstance(reward.cost, Free) else reward.cost.unit,
        units=_units(ask, reward),
        choice=choice,
        state=RedemptionState.HELD,
        fulfilment=Fulfilment.NONE,
        source=ask.source,
        by="",
        note="",
        reason="",
        due_at=at + timedelta(minutes=reward.hold_minutes) if ask.hold else None,
        created_at=at,
        changed_at=at,
    )


def _take(loaded: _Loaded, standing: Standing, redemption: Kept, *, at: datetime) -> list[Journal]:
    """What it costs, out of the books: held where it has until when. Nothing for a gift."""
    if redemption.unit is None:
        return []
    cost: dict[str, Any] = {
        "key": str(redemption.id),
        "unit": redemption.unit,
        "units": redemption.units,
        "reward": redemption.reward,
        "version": redemption.version,
        "cause_id": redemption.id,
    }
    if redemption.due_at is None:
        owed = owe_for_reward(loaded.program, redemption.reward, redemption.units, version=redemption.version)
        return [redeem(standing, at=at, obligations=owed, **cost)]
    return [hold(standing, at=at, until=redemption.due_at, **cost)]


def _as_issued(answer: Answer, issued: Issued) -> Answer:
    if isinstance(answer, Had) and (redemption := issued.redemptions.get(answer.redemption.id)):
        return Had(redemption=redemption, is_new=answer.is_new, code=issued.codes.get(redemption.id))
    return answer
