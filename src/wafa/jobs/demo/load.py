"""Load a history through the flows that serve live stores, day by day, with all that the clock does each morning."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec import Struct

from wafa.core.snapshots import CustomerRef
from wafa.core.spec import Free, Reward, VariableCost
from wafa.flows.enroll_members import enroll_members
from wafa.flows.redeem_rewards import Ask, Had, redeem_rewards
from wafa.flows.take_facts import OutcomeKind, StoreFact, take_facts
from wafa.flows.use_vouchers import Use, use_vouchers
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.found_program import DemoProgram
from wafa.jobs.demo.history import History, Wish
from wafa.jobs.demo.lives import Told
from wafa.jobs.turn_clock import celebrate, expire_idle, turn_clock
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.rewards.vouchers import find_vouchers

_DAY = timedelta(days=1)
_BATCH = 500
_UNUSED = 5  # one voucher in so many stays in its owner's pocket


class ShopDay(Struct, frozen=True, kw_only=True):
    """What happened from `since` (UTC) to `until`, a day later."""

    since: datetime
    told: tuple[Told, ...]
    wishes: tuple[Wish, ...]

    @property
    def until(self) -> datetime:
        return self.since + _DAY


def list_days(history: History) -> list[ShopDay]:
    """The history cut into days, without those on which nothing happened."""
    first = history.told[0].at
    told = {day: tuple(group) for day, group in groupby(history.told, lambda told: (told.at - first) // _DAY)}
    wishes = {day: tuple(group) for day, group in groupby(history.wishes, lambda wish: (wish.at - first) // _DAY)}
    return [
        ShopDay(since=first + day * _DAY, told=told.get(day, ()), wishes=wishes.get(day, ()))
        for day in sorted({*told, *wishes})
    ]


def load_day(program: DemoProgram, day: ShopDay) -> None:
    """Book all that was due by that morning, then what was told, and redeem what was wished for.

    A day that was loaded before changes nothing. Raises DemoFailed.
    """
    pass_time(program, at=day.since)
    for batch in _batches(day.told):
        _take(program, batch)
    if day.wishes:
        _redeem(program, day.wishes, at=max([told.at for told in day.told] + [wish.at for wish in day.wishes]))


def pass_time(program: DemoProgram, *, at: datetime) -> None:
    """Everything that time does by then. Birthdays come before idleness: whoever celebrates is not idle."""
    turn_clock(program.id, at=at)
    celebrate(program.id, at=at)
    expire_idle(program.id, at=at)


def _batches(told: Sequence[Told]) -> Iterator[Sequence[Told]]:
    for start in range(0, len(told), _BATCH):
        yield told[start : start + _BATCH]


@retried
def _take(program: DemoProgram, batch: Sequence[Told]) -> None:
    shop = program.shop
    facts = [StoreFact(store_id=shop.id, store=shop.code, fact=told.fact) for told in batch]
    with program_transaction(program.id):
        outcomes = take_facts(program.id, facts, at=batch[-1].at)
        for outcome in outcomes:
            if outcome.kind is not OutcomeKind.TAKEN:
                raise DemoFailed(f"a fact of the history was not booked: {outcome.reason}")


def _redeem(program: DemoProgram, wishes: Sequence[Wish], *, at: datetime) -> None:
    """Exchange the units of whoever has enough of them; the others go on saving. Most vouchers are used at once."""
    reward = _find_reward(program, at=at)
    if reward is None:
        return
    people = [(program.shop.code, CustomerRef(external_id=wish.customer), wish.at) for wish in wishes]
    with program_transaction(program.id):
        members = enroll_members(program.id, get_program_rules(program.id), people, at=at)
        asks = [
            Ask(
                key=f"demo:{wish.customer}:{wish.at:%Y%m%d%H%M%S}",
                member_id=member.member_id,
                reward=reward.id,
                units=wish.units if isinstance(reward.cost, VariableCost) else None,
                source="api",
            )
            for wish, member in zip(wishes, members, strict=True)
            if member is not None
        ]
        answers = redeem_rewards(program.id, asks, at=at)
        had = [answer.redemption.id for answer in answers if isinstance(answer, Had) and answer.is_new]
        codes = [voucher.code for voucher in find_vouchers(program.id, had).values()]
        used = [code for place, code in enumerate(sorted(codes)) if (at.day + place) % _UNUSED]
        use_vouchers(program.id, [Use(code=code, used_on=f"demo-{code}") for code in used], at=at)


def _find_reward(program: DemoProgram, *, at: datetime) -> Reward | None:
    """The first reward that the demo's units buy; a program without one lets them be saved."""
    with program_transaction(program.id):
        version = get_program_rules(program.id).in_force(at)
    rewards = version.spec.rewards if version else ()
    return next((one for one in rewards if not isinstance(one.cost, Free) and one.cost.unit == program.unit), None)
