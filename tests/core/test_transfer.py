"""Giving units to another member: what may be given, which lots go, and with what dates."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import make_spec
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.lots import NotEnough
from wafa.core.spec import Fault, Unit, read_spec
from wafa.core.standing import Standing
from wafa.core.transfer import counts_since, refuse_transfer, transfer
from wafa.core.why import AdjustmentWhy

GIVER, RECIPIENT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def unit_of(**transfer: Any) -> Unit:
    return Unit.model_validate({"code": "points", "name": {"en": {"other": "points"}}, "transfer": transfer})


def lot(number: int, units: int, *, ends: int | None = None, pocket: Account = Account.AVAILABLE) -> Lot:
    return Lot(
        id=UUID(int=100 + number),
        member_id=GIVER,
        unit="points",
        rule="orders",
        version=3,
        granted=units,
        remaining=units,
        pocket=pocket,
        occurred_at=NOW - timedelta(days=30 - number),
        cause_id=UUID(int=number),
        expires_at=NOW + timedelta(days=ends) if ends is not None else None,
    )


def having(*lots: Lot, joined: bool = True) -> Standing:
    """The giver, with these lots granted."""
    key = "grants"
    journal = Journal(
        id=journal_id(JournalKind.ADJUSTMENT, key, at=NOW),
        kind=JournalKind.ADJUSTMENT,
        key=key,
        member_id=GIVER,
        occurred_at=NOW,
        why=AdjustmentWhy(units=1, reason="r", by="b"),
        postings=tuple(Posting("points", Account.ISSUED, each.pocket, each.granted, each.id) for each in lots),
        lots=lots,
    )
    return Standing(member_id=GIVER, joined=joined).after([journal] if lots else [])


NOBODY_YET = Standing(member_id=RECIPIENT)


def refused(unit: Unit | None, giver: Standing, recipient: Standing | None, units: int, given: int = 0) -> list[str]:
    return [one.reason for one in refuse_transfer(unit, giver, recipient, units=units, given=given, at=NOW)]


def test_everything_in_the_way_is_named() -> None:
    rich = having(lot(1, 100))
    assert refused(unit_of(), rich, NOBODY_YET, 100) == []
    assert refused(None, rich, NOBODY_YET, 1) == ["no_such_unit"]
    assert refused(unit_of(), rich, None, 1) == ["no_such_recipient"]
    no_rule = Unit.model_validate({"code": "points", "name": {"en": {"other": "points"}}})
    assert refused(no_rule, rich, NOBODY_YET, 1) == ["not_transferable"]
    assert refused(unit_of(), rich, rich, 1) == ["same_member"]
    assert refused(unit_of(), rich, Standing(member_id=RECIPIENT, joined=False), 1) == ["guests_do_not_transfer"]
    assert refused(unit_of(), having(lot(1, 100), joined=False), NOBODY_YET, 1) == ["guests_do_not_transfer"]
    assert refused(unit_of(), rich, replace(NOBODY_YET, suspended_at=NOW), 1) == ["suspended"]
    assert refused(unit_of(), replace(rich, suspended_at=NOW), NOBODY_YET, 1) == ["suspended"]
    assert refused(unit_of(least=20, most=50), rich, NOBODY_YET, 19) == ["below_least"]
    assert refused(unit_of(least=20, most=50), rich, NOBODY_YET, 20, given=31) == ["above_most"]
    assert refused(unit_of(least=20, most=50), rich, NOBODY_YET, 20, given=30) == []
    assert refused(unit_of(least=2), having(), NOBODY_YET, 1) == ["below_least", "not_enough"]


@pytest.mark.parametrize("pocket", [Account.PENDING, Account.CLAIMABLE])
def test_only_what_is_available_and_has_not_ended_is_given(pocket: Account) -> None:
    giver = having(lot(1, 100, pocket=pocket), lot(2, 100, ends=0), lot(3, 5))
    assert refused(unit_of(), giver, NOBODY_YET, 6) == ["not_enough"]
    with pytest.raises(NotEnough):
        transfer(giver, NOBODY_YET, key="k", unit="points", units=6, at=NOW)
    assert refused(unit_of(), giver, NOBODY_YET, 5) == []


def test_each_lot_goes_with_its_own_date_and_version() -> None:
    giver = having(lot(1, 40), lot(2, 30, ends=9), lot(3, 20, ends=3))
    made = transfer(giver, NOBODY_YET, key="k", unit="points", units=60, at=NOW, version=4)
    assert [(p.lot_id, p.amount) for p in made.out.postings] == [
        (UUID(int=103), 20),
        (UUID(int=102), 30),
        (UUID(int=101), 10),
    ]
    (into,) = made.into
    ends = [NOW + timedelta(days=3), NOW + timedelta(days=9), None]
    assert [(each.granted, each.expires_at, each.version) for each in into.lots] == [
        (20, ends[0], 3),
        (30, ends[1], 3),
        (10, ends[2], 3),
    ]
    assert {each.cause_id for each in into.lots} == {made.id, into.cause_id, made.out.cause_id}


def test_what_the_recipient_owes_is_paid_first() -> None:
    owed = Journal(
        id=journal_id(JournalKind.CLAWBACK, "owe", at=NOW),
        kind=JournalKind.CLAWBACK,
        key="owe",
        member_id=RECIPIENT,
        occurred_at=NOW,
        why=AdjustmentWhy(units=1, reason="r", by="b"),
        postings=(Posting("points", Account.DEBT, Account.CLAWED_BACK, 25),),
    )
    recipient = NOBODY_YET.after([owed])
    made = transfer(having(lot(1, 40)), recipient, key="k", unit="points", units=40, at=NOW)
    after = recipient.after(made.into).balance("points")
    assert (after.available, after.debt, after.transferred) == (15, 0, -40)


@given(
    amounts=st.lists(st.tuples(st.integers(1, 500), st.none() | st.integers(1, 99)), min_size=1, max_size=6),
    data=st.data(),
)
def test_nothing_is_lost_and_nothing_lasts_longer(amounts: list[tuple[int, int | None]], data: st.DataObject) -> None:
    giver = having(*(lot(number, units, ends=ends) for number, (units, ends) in enumerate(amounts)))
    units = data.draw(st.integers(1, sum(units for units, _ in amounts)))
    made = transfer(giver, NOBODY_YET, key="k", unit="points", units=units, at=NOW)
    left, got = giver.after([made.out]), NOBODY_YET.after(made.into)
    assert left.balance("points").available + got.balance("points").available == sum(units for units, _ in amounts)
    assert left.balance("points").transferred == -got.balance("points").transferred == units

    def ending(standing: Standing) -> dict[datetime | None, int]:
        days: dict[datetime | None, int] = {}
        for each in standing.lots.values():
            if each.remaining:
                days[each.expires_at] = days.get(each.expires_at, 0) + each.remaining
        return days

    both = ending(left)
    for day, amount in ending(got).items():
        both[day] = both.get(day, 0) + amount
    assert both == ending(giver)


@pytest.mark.parametrize(
    ("within", "since"),
    [
        ({"kind": "lifetime"}, None),
        ({"kind": "day"}, datetime(2026, 5, 5, 21, tzinfo=UTC)),
        ({"kind": "month", "calendar": "gregorian"}, datetime(2026, 4, 30, 21, tzinfo=UTC)),
        ({"kind": "rolling", "days": 7}, datetime(2026, 4, 29, 21, tzinfo=UTC)),
    ],
)
def test_what_was_given_counts_within_a_period_of_the_program(within: Any, since: datetime | None) -> None:
    spec = make_spec(time_zone="Asia/Riyadh")
    assert counts_since(spec, unit_of(most=10, within=within), at=NOW) == since


def test_a_most_below_the_least_is_no_rule() -> None:
    document = make_spec().model_dump(mode="json")
    document["units"][0]["transfer"] = {"least": 10, "most": 5}
    with pytest.raises(Fault, match=r"units.0.transfer.most: expected at least 10"):
        read_spec(document)
