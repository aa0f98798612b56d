"""A backtest over a history equals the books that the same history made by really happening, to the unit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.histories import Happening, histories
from tests.core.programs import programs
from tests.core.strategies import START, lives, specs
from tests.examples import examples
from tests.flows.living import ENDED, begin, live_through
from tests.world import World
from wafa.activities.history import count_history, read_history
from wafa.core.backtest import Backtest, Outcome, Past, since_ever
from wafa.core.backtest.run import Side
from wafa.core.books import Balance
from wafa.core.compare import Seen
from wafa.core.program import Program
from wafa.core.snapshots import CustomerRef, OrderSnapshot, RefundNotice
from wafa.core.spec import ProgramSpec
from wafa.flows.take_facts import OutcomeKind
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import list_balances
from wafa.members.standings import load_tier_records
from wafa.programs.queries import get_program_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MEMBERS = 4


def happened_at(seen: Seen) -> datetime:
    return seen.refund.at if isinstance(seen, RefundNotice) else seen.as_of


def whose(seen: Seen, number: int, *, joined_at: datetime) -> Seen:
    """The same fact about an order of this customer, who had no account before they joined."""
    if not isinstance(seen, OrderSnapshot) or seen.customer is None:
        return seen
    account = f"c{number}" if joined_at <= seen.as_of else None
    return replace(seen, customer=CustomerRef(external_id=account, email=f"c{number}@example.com"))


@st.composite
def changing_orders(draw: st.DrawFn) -> list[Seen]:
    """The lives of two orders of each of some people, in the order in which they happened.

    Some are members, some guests, and some join with what is told of their orders later: those edit none, for of an
    order that had granted a guest nothing nobody keeps whose it was (trials.md).
    """
    told: list[Seen] = []
    for number in range(MEMBERS):
        joined_at = draw(st.sampled_from([START, ENDED, START + timedelta(days=draw(st.integers(1, 100)))]))
        joins_later = START < joined_at < ENDED
        for order in ("A", "B"):
            life = draw(lives(f"{number}{order}", changes=3, edited=not joins_later))
            told += [whose(seen, number, joined_at=joined_at) for seen in life]
    return sorted(told, key=happened_at)


def really_run(spec: ProgramSpec, history: Sequence[Seen], *, clock_at: int) -> World:
    """What is told too early is tried again at the end, as the inbox does."""
    world = World(spec.model_dump(mode="json"), began=START - timedelta(days=30))
    half = len(history) // 2
    for facts, days in ((history[:half], clock_at), (history[half:], 200)):
        at = START + timedelta(days=days)
        outcomes = world.take(*facts, at=at)
        early = [fact for fact, told in zip(facts, outcomes, strict=True) if told.kind is OutcomeKind.WAITING]
        world.take(*early, at=at)
        world.turn_clock(at)
    world.turn_clock(ENDED)
    return world


def in_the_end(balance: Balance) -> dict[str, int]:
    """A balance; what was issued and taken back as the difference, for both tell of the path as well."""
    columns = {name: getattr(balance, name) for name in Balance.__struct_fields__}
    columns["earned"] = columns.pop("issued") - columns.pop("clawed_back")
    return {name: amount for name, amount in columns.items() if amount}


def by_unit(balances: Mapping[str, Balance]) -> dict[str, dict[str, int]]:
    return {unit: told for unit, balance in sorted(balances.items()) if (told := in_the_end(balance))}


def tried(program: Program, past: Iterable[Past], *, by_member: bool = False) -> Outcome:
    trial = Backtest(program, until=ENDED, by_member=by_member)
    for order in past:
        trial.take(order)
    return trial.close().draft


@examples(12)
@given(spec=specs(), history=changing_orders(), clock_at=st.integers(0, 90))
def test_a_backtest_equals_the_books_however_orders_changed(
    spec: ProgramSpec, history: list[Seen], clock_at: int
) -> None:
    world = really_run(spec, history, clock_at=clock_at)
    with program_transaction(world.program_id):
        program = get_program_rules(world.program_id)
        past = list(read_history(world.program_id, {world.store_id: world.store}, until=ENDED))
        assert count_history(world.program_id, until=ENDED) == len(past)
        booked = list_balances(world.program_id, {UUID(order.member) for order in past})

    for member in {order.member for order in past}:
        outcome = tried(program, [order for order in past if order.member == member])
        assert by_unit(outcome.balances) == by_unit(booked.get(UUID(member), {}))
    by_time = sorted(past, key=lambda told: (told.at or START, str(told)))
    assert tried(program, by_time) == tried(program, past, by_member=True)


@examples(12)
@given(spec=programs(), history=histories())
def test_a_backtest_equals_the_books_of_every_member(spec: ProgramSpec, history: list[Happening]) -> None:
    world = begin(spec)
    live_through(world, history)
    with program_transaction(world.program_id):
        stores = {world.store_id: world.store}
        past = list(read_history(world.program_id, stores, until=ENDED, by_member=False))
        assert count_history(world.program_id, until=ENDED) == len(past)
        members = {UUID(told.member) for told in past}
        booked = list_balances(world.program_id, members)
        tiers = load_tier_records(world.program_id, members)

    side = Side(since_ever(spec))
    for told in past:
        assert told.at is not None
        side.take(told, at=told.at)
    side.end(ENDED)
    for member in members:
        account = side.accounts[str(member)]
        tried = {unit: account.balance(unit) for unit in (unit.code for unit in spec.units)}
        assert (by_unit(tried), account.tier) == (by_unit(booked.get(member, {})), tiers[member].tier)
    assert world.differences() == []
