"""Segments in SQL: the same members as the core finds one by one, counted, listed, and parted into fifths."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import make_spec
from tests.core.programs import PROFILE, answers
from tests.core.rules import COLLECTIONS, PRODUCTS
from tests.core.strategies import START, orders, refunds
from tests.examples import examples
from tests.world import BEGAN, World, order
from wafa.activities.queries import load_histories
from wafa.core.know import describe_member
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderDeletion, OrderStatus
from wafa.core.spec import ProgramSpec, read_spec
from wafa.core.tiers.follow import tier_at
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity, Member, MemberState
from wafa.members.operations import add_to_list
from wafa.members.queries import load_profiles
from wafa.members.standings import load_tier_records
from wafa.programs.queries import get_program_rules
from wafa.reports.segments import count_segments, list_segment, propose_scale

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
LISTS = ["press", "friends"]
SEGMENTS = 6


@st.composite
def bounds(draw: st.DrawFn, numbers: Sequence[int], suffix: str = "") -> dict[str, int]:
    """From one number to another, or open on a side."""
    least, most = sorted((draw(st.sampled_from(numbers)), draw(st.sampled_from(numbers))))
    both = {f"at_least{suffix}": least, f"at_most{suffix}": most}
    left_out = draw(st.sampled_from([None, *both]))
    return {name: number for name, number in both.items() if name != left_out}


def kind(name: str, **changes: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(name), **changes})


def merged(one: st.SearchStrategy[dict[str, Any]], other: st.SearchStrategy[dict[str, Any]]) -> Any:
    return st.builds(lambda left, right: {**left, **right}, one, other)


COUNTS, DAYS, AMOUNTS = [0, 1, 2, 3], [0, 1, 4, 9, 20, 400], [0, 50, 2_000, 5_000, 10_000, 25_000, 80_000]
SOMETIMES = st.sampled_from([{}, {}, {"within_days": 4}, {"within_days": 9}])
SCORES = bounds([1, 2, 3, 4, 5])
SELECTIONS = st.sampled_from(
    [{"products": [PRODUCTS[0]]}, {"collections": [COLLECTIONS[1]], "products": ["none"]}, {"tags": ["gift"]}]
)
LEAVES = st.one_of(
    merged(kind("orders"), merged(bounds(COUNTS), SOMETIMES)),
    merged(kind("spend"), merged(bounds(AMOUNTS, "_minor"), SOMETIMES)),
    merged(kind("average_order"), merged(bounds(AMOUNTS, "_minor"), SOMETIMES)),
    merged(kind("bought", selection=SELECTIONS), SOMETIMES),
    merged(kind("days_since_last_order"), bounds(DAYS)),
    merged(kind("days_since_joining"), bounds(DAYS)),
    kind("rfm", recency=SCORES, frequency=SCORES, monetary=SCORES),
    st.sampled_from([{"kind": "joined"}, {"kind": "joined", "since": "2026-03-03", "until": "2026-03-05T08:00"}]),
    kind("language", languages=st.sampled_from([["ar"], ["fa", "en"]])),
    kind("details", told=st.sampled_from([["email"], ["name", "phone"], ["roast", "email"], ["size"]])),
    merged(
        kind("profile", field=st.just("size")),
        st.sampled_from([{}, {"at_least": 40}, {"at_most": 39}, {"any_of": [40, 45]}]),
    ),
    kind("profile", field=st.just("roast"), any_of=st.sampled_from([[], ["dark"], ["light", "dark"]])),
    kind("profile", field=st.just("news"), any_of=st.sampled_from([[True], [False], [True, False]])),
    kind("segment", segments=st.sampled_from([["press"], LISTS])),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        kind("all", of=st.lists(inner, min_size=1, max_size=2))
        | kind("any", of=st.lists(inner, min_size=1, max_size=2))
        | kind("none", of=st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=3,
)


LADDER = {
    "ladder": [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 1}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"match": "any", "orders": 3, "spend_minor": 15_000}},
    ],
    "window": {"kind": "rolling", "months": 1},
}
BY_TIER = kind("tier", tiers=st.sampled_from([["silver"], ["gold"], ["silver", "gold"]]))


@st.composite
def specs(draw: st.DrawFn, *, by_tier: bool = False) -> ProgramSpec:
    conditions = draw(st.lists(CONDITIONS, min_size=SEGMENTS, max_size=SEGMENTS))
    if by_tier:
        tiers = [draw(BY_TIER | kind("none", of=st.lists(BY_TIER, min_size=1, max_size=1))) for _ in conditions]
        both = zip(tiers, conditions, strict=True)
        conditions = [{"kind": draw(st.sampled_from(["all", "any"])), "of": [tier, each]} for tier, each in both]
    segments: list[dict[str, Any]] = [{"id": name, "name": {"en": name}} for name in LISTS]
    segments += [{"id": f"s{n}", "name": {"en": "S"}, "conditions": [rule]} for n, rule in enumerate(conditions)]
    scale = {"recency_days": [1, 3, 6, 9], "frequency": [1, 2, 3, 4], "monetary_minor": [100, 9_000, 20_000, 60_000]}
    return make_spec(
        segments=segments,
        profile=PROFILE,
        tiers=LADDER,
        rfm=scale | draw(SOMETIMES),
        currency=draw(st.sampled_from(["SAR", "KWD", "JPY"])),
        time_zone=draw(st.sampled_from(["UTC", "Asia/Tehran"])),
        rates=draw(st.sampled_from([{}, {"USD": "3.7505", "SAR": "0.0816", "KWD": "12.2"}])),
    )


@st.composite
def told_orders(draw: st.DrawFn) -> list[Any]:
    """What a store says of the orders of three members and a guest, some of them gone again."""
    told: list[Any] = []
    for number in range(draw(st.integers(2, 9))):
        sold = draw(orders(external_id=f"O{number}"))
        name = draw(st.sampled_from(["c1", "c2", "c3", ""]))
        customer = CustomerRef(
            external_id=name or None,
            email=f"{name or 'guest'}@example.com",
            name=draw(st.sampled_from(["", "Noura"])),
            phone="+966500000001" if name == "c2" else None,
            locale=draw(st.sampled_from([None, "ar-SA", "fa_IR"])),
        )
        at = sold.as_of + draw(st.sampled_from([1, 30, 90])) * timedelta(hours=1)
        match draw(st.sampled_from(["kept", "kept", "refunded", "cancelled", "deleted"])):
            case "refunded":
                sold = replace(sold, refunds=(draw(refunds(sold, "R1", at)),), as_of=at)
            case "cancelled":
                sold = replace(sold, status=OrderStatus.CANCELLED, as_of=at)
            case "deleted":
                told.append(OrderDeletion(external_id=sold.external_id, as_of=at))
        told.append(replace(sold, customer=customer))
        if customer.external_id and draw(st.booleans()):
            said = draw(answers())
            told.append(CustomerSnapshot(customer=customer, created_at=START, as_of=at, answers=said))
    return told


@examples(40)
@given(spec=specs(), told=told_orders(), listed=st.sets(st.sampled_from(["c1", "c2"])), hours=st.integers(60, 300))
def test_sql_finds_whom_the_core_finds(spec: ProgramSpec, told: list[Any], listed: set[str], hours: int) -> None:
    compare_segments(spec, told, listed, at=START + timedelta(hours=hours))


@examples(20)
@given(spec=specs(by_tier=True), told=told_orders(), days=st.sampled_from([20, 30, 200]))
def test_sql_finds_whom_the_core_finds_by_tier(spec: ProgramSpec, told: list[Any], days: int) -> None:
    compare_segments(spec, told, {"c1"}, at=START + days * DAY)


def compare_segments(spec: ProgramSpec, told: list[Any], listed: set[str], *, at: datetime) -> None:
    """Compare segments of `spec` among the members of a program with the same ladder, who ordered as was told."""
    lived = make_spec(guests=None, rates={"USD": "1", "KWD": "1"}, tiers=LADDER, profile=PROFILE)
    world = World(lived.model_dump(mode="json"), began=START - DAY)
    world.take(*told, at=START + 3 * DAY)
    world.turn_clock(at)
    with program_transaction(world.program_id):
        add_to_list(world.program_id, "press", members_called(world, listed), at=START)
        members = set(Member.objects.filter(program_id=world.program_id).values_list("id", flat=True))
        profiles = load_profiles(world.program_id, members)
        histories = load_histories(world.program_id, members)
        records = load_tier_records(world.program_id, members)
        program = get_program_rules(world.program_id)
        known = {
            member: describe_member(spec, profiles[member], histories.get(member, {}), at=at).with_tier(
                tier_at(program, records[member], at)
            )
            for member in members
        }
        for segment in spec.segments:
            found = list(list_segment(world.program_id, spec, segment, at=at))
            assert found == sorted(member for member in members if segment.id in known[member].segments)
        counts = count_segments(world.program_id, spec, at=at)

    names = [name for facts in known.values() for name in facts.segments]
    assert counts == {segment.id: names.count(segment.id) for segment in spec.segments}


def members_called(world: World, names: set[str]) -> list[Any]:
    wanted = [f"{world.store}:{name}" for name in names]
    return list(
        Identity.objects.filter(program_id=world.program_id, value__in=wanted).values_list("member_id", flat=True)
    )


def test_nobody_is_found_in_another_program_or_after_being_erased() -> None:
    asked = read_spec(
        make_spec().model_dump(mode="json")
        | {"segments": [{"id": "all", "name": {"en": "All"}, "conditions": [{"kind": "orders", "at_least": 0}]}]}
    )
    world, other = World(), World()
    world.take(order("O1", 10_00), order("O2", 10_00, customer="c2"))
    other.take(order("O1", 10_00))

    with program_transaction(world.program_id):
        Member.objects.filter(program_id=world.program_id, id=members_called(world, {"c2"})[0]).update(
            state=MemberState.ERASED
        )
        assert count_segments(world.program_id, asked, at=BEGAN + 9 * DAY) == {"all": 1}


def test_a_scale_parts_the_buyers_into_fifths() -> None:
    world = World()
    spent = {f"c{n}": n for n in range(1, 11)}
    world.take(
        *(
            order(f"{customer}-{n}", 10_00 * n, customer=customer, day=100 - n * 3)
            for customer, most in spent.items()
            for n in range(1, most + 1)
        )
    )

    with program_transaction(world.program_id):
        scale = propose_scale(world.program_id, make_spec(), at=noon(100), within_days=365)
        nothing = propose_scale(world.program_id, make_spec(), at=BEGAN, within_days=365)

    assert nothing is None
    assert scale is not None
    # Two of the ten are in each fifth: with 1 and 2 orders, with 3 and 4, …
    assert scale.frequency == (3, 5, 7, 9)
    assert scale.monetary_minor == (30_01, 100_01, 210_01, 360_01)
    # All of them bought last on the same day: the limits can only grow.
    assert scale.recency_days == (3, 4, 5, 6)


def noon(day: int) -> datetime:
    return BEGAN + day * DAY + timedelta(hours=12)
