"""What people did in a year, as Hypothesis makes it up: everything has its date, and nothing shares a moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.core.programs import TIERS, answers, told_of
from tests.core.strategies import START, orders, refunds
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.compare import Seen
from wafa.core.snapshots import (
    Birthday,
    CustomerRef,
    CustomerSnapshot,
    OrderSnapshot,
    OrderStatus,
    RefundNotice,
)
from wafa.core.tiers.record import Appointment

_HOUR = timedelta(hours=1)
_KINDS = ("review", "visit", "receipt_uploaded", "recycling", "custom:workshop", "referral_completed")
BORN = (
    Birthday(calendar="gregorian", month=3, day=9, year=1990),
    Birthday(calendar="gregorian", month=2, day=29),
    Birthday(calendar="hijri", month=9, day=30),
    Birthday(calendar="jalali", month=12, day=30, year=1360),
    Birthday(calendar="jalali", month=1, day=20),
)


class Suspending(Struct, frozen=True):
    """Staff suspends somebody, or lifts it."""

    lifts: bool


class Happening(Struct, frozen=True):
    """Something that a store says, or that staff does (an Appointment, a Suspending), about somebody of that e-mail."""

    at: datetime
    email: str
    fact: Seen | CustomerSnapshot | ActivityNotice | Appointment | Suspending


@st.composite
def histories(draw: st.DrawFn, *, people: int = 3) -> list[Happening]:
    """What some people did, in the order in which it happened."""
    happened: list[Happening] = []
    for number in range(people):
        happened += draw(_person(number))
    happened.sort(key=lambda told: told.at)
    return happened


@st.composite
def _person(draw: st.DrawFn, number: int) -> list[Happening]:
    """Somebody who joins before all else, later or never, and orders, acts, is given tiers and suspended."""
    # Seconds of their own: two things of one person, or of two, never share a moment.
    ticks = iter(range(number * 200, (number + 1) * 200))

    def moment(at: datetime) -> datetime:
        return at.replace(minute=0, second=0, microsecond=0) + timedelta(seconds=next(ticks))

    email = f"p{number}@example.com"
    locale = draw(st.sampled_from([None, "ar-SA", "fa", "en"]))
    guest = CustomerRef(email=email, locale=locale)
    account = CustomerRef(external_id=f"p{number}", email=email, locale=locale)
    joined_at = draw(st.sampled_from([None, START - 30 * _HOUR, START - 30 * _HOUR, START + 100 * _HOUR]))
    told: list[Happening] = []
    if joined_at is not None:
        joined_at = moment(joined_at)
        born = draw(st.sampled_from([None, *BORN]))
        told.append(
            Happening(
                joined_at,
                email,
                CustomerSnapshot(
                    customer=account,
                    created_at=joined_at,
                    as_of=joined_at,
                    birthday=born,
                    # A trial knows answers only as they are today: later ones would be known too early in it.
                    answers=draw(answers()) if joined_at < START and draw(st.booleans()) else {},
                ),
            )
        )

    def whose(at: datetime) -> CustomerRef:
        return guest if joined_at is None or at < joined_at else account

    for place in range(draw(st.integers(0, 3))):
        order = draw(orders(external_id=f"{number}O{place}"))
        at = moment(order.as_of + draw(st.sampled_from([0, 0, 700, 2_500])) * _HOUR)
        order = replace(order, placed_at=at, paid_at=at, as_of=at, customer=whose(at))
        told.append(Happening(at, email, order))
        for step in range(draw(st.integers(0, 3))):
            at = moment(at + draw(st.sampled_from([1, 60, 300, 700])) * _HOUR)
            change = draw(st.sampled_from(["fulfil", "deliver", "confirm", "refund", "refund", "notice", "void"]))
            if change == "notice":
                told.append(
                    Happening(
                        at,
                        email,
                        RefundNotice(external_id=order.external_id, refund=draw(refunds(order, f"N{step}", at))),
                    )
                )
                continue
            order = replace(order, as_of=at, customer=whose(at), **draw(_changes(order, change, f"R{step}", at)))
            told.append(Happening(at, email, order))
            if change == "void":
                break
    for place in range(draw(st.integers(0, 2))):
        at = moment(START + draw(st.integers(0, 3_000)) * _HOUR)
        kind = draw(st.sampled_from(_KINDS))
        activity = MemberActivity(
            kind=kind, key=f"{number}A{place}", occurred_at=at, store="falcon", properties=told_of(draw, kind)
        )
        told.append(Happening(at, email, ActivityNotice(customer=whose(at), activity=activity)))
    if joined_at is not None:
        told += draw(_by_staff(number, joined_at, moment))
    return told


@st.composite
def _by_staff(
    draw: st.DrawFn, number: int, joined_at: datetime, moment: Callable[[datetime], datetime]
) -> list[Happening]:
    """What staff does with somebody who joined: gives them a tier, suspends them, lifts that again; mostly nothing."""
    email = f"p{number}@example.com"
    told: list[Happening] = []
    if draw(st.integers(0, 3)) == 0:
        at = moment(joined_at + draw(st.integers(1, 3_000)) * _HOUR)
        until = draw(st.sampled_from([None, at + 900 * _HOUR]))
        tier = draw(st.sampled_from(TIERS))
        given: dict[str, Any] = {"kind": "set" if until else "invited", "tier": tier, "until": until}
        told.append(Happening(at, email, Appointment(id=UUID(int=number), at=at, reason="r", by="s", **given)))
    if draw(st.integers(0, 3)) == 0:
        at = moment(joined_at + draw(st.integers(1, 3_000)) * _HOUR)
        told.append(Happening(at, email, Suspending(lifts=False)))
        if draw(st.booleans()):
            told.append(Happening(moment(at + draw(st.integers(1, 1_000)) * _HOUR), email, Suspending(lifts=True)))
    return told


@st.composite
def _changes(draw: st.DrawFn, order: OrderSnapshot, change: str, refund_id: str, at: datetime) -> dict[str, Any]:
    match change:
        case "refund":
            return {"refunds": (*order.refunds, draw(refunds(order, refund_id, at)))}
        case "void":
            return {"status": OrderStatus.CANCELLED}
        case _:
            told = {"fulfil": "fulfilled_at", "deliver": "delivered_at", "confirm": "confirmed_at"}[change]
            return {} if getattr(order, told) else {told: at}
