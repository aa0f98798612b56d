"""What the passing of time does to one program, caught up in chunks after any downtime."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import close_old_connections

from wafa.flows.celebrate_day import celebrate_day, list_days_to_celebrate
from wafa.flows.end_redemptions import expire_vouchers, time_out_holds
from wafa.flows.expire_idle import NOBODY, expire_idle_units
from wafa.flows.expire_lots import expire_lots
from wafa.flows.mature_lots import mature_lots
from wafa.flows.review_tiers import review_tiers
from wafa.flows.settle_referrals import settle_due_referrals
from wafa.flows.warn_of_expiry import list_warnings, warn_of_expiry
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.ledger.due import Part

_CHUNK = 2_000
_WORKERS = 2


def turn_clock(program_id: UUID, *, at: datetime, limit: int = _CHUNK) -> int:
    """Mature, release, expire and review everything that was due by `at`. Returns how much was looked at."""
    return sum(
        (
            share(mature_lots, program_id, at=at, limit=limit),
            _turn(time_out_holds, program_id, at=at, limit=limit),
            _turn(expire_vouchers, program_id, at=at, limit=limit),
            share(expire_lots, program_id, at=at, limit=limit),
            _turn(settle_due_referrals, program_id, at=at, limit=limit),
            _turn(review_tiers, program_id, at=at, limit=limit),
        )
    )


class SharedFlow(Protocol):
    """Takes what is due of about `limit` of one part of the members. Returns how many; 0 when none are left."""

    def __call__(self, program_id: UUID, *, at: datetime, limit: int, part: Part) -> int: ...


def share(flow: SharedFlow, program_id: UUID, *, at: datetime, limit: int = _CHUNK) -> int:
    """Do all that was due by `at`. Returns how many members were looked at, each as often as it was.

    After the first chunk two go on at once: PostgreSQL writes what one has decided while the other decides.
    """
    first = _turn_chunk(flow, program_id, at=at, limit=limit)
    if not first:
        return 0

    def work_off(number: int) -> int:
        try:
            return _turn(partial(flow, part=Part(number=number, of=_WORKERS)), program_id, at=at, limit=limit)
        finally:
            close_old_connections()  # gives the connection of this thread back to the pool

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="clock") as crew:
        return first + sum(crew.map(work_off, range(_WORKERS)))


def settle_referrals(program_id: UUID, *, at: datetime, limit: int = 500) -> int:
    """Settle every referral that was due by `at`. Returns how many were looked at."""
    return _turn(settle_due_referrals, program_id, at=at, limit=limit)


def expire_idle(program_id: UUID, *, at: datetime, limit: int = 1_000) -> None:
    """Expire what was due by `at` of members who are not active, where the program has such a policy.

    Its days end at midnight, so once an hour is often enough.
    """
    _go_through(program_id, partial(expire_idle_units, program_id, at=at, limit=limit))


def celebrate(program_id: UUID, *, at: datetime, limit: int = 1_000) -> None:
    """Book birthdays and membership anniversaries of the days that began by `at`, where the program minds them."""
    with program_transaction(program_id):
        days = list_days_to_celebrate(program_id, at=at)
    for day in days:
        _go_through(program_id, partial(celebrate_day, program_id, day, at=at, limit=limit))


def warn(program_id: UUID, *, at: datetime, limit: int = 1_000) -> None:
    """Announce which units will end soon, where the program asks for it."""
    with program_transaction(program_id):
        warnings = list_warnings(program_id, at=at)
    for warning in warnings:
        _go_through(program_id, partial(warn_of_expiry, program_id, warning, at=at, limit=limit))


class _Flow(Protocol):
    """Looks at the members after one of them. Returns the last it looked at; None when there are no more."""

    def __call__(self, *, after: UUID) -> UUID | None: ...


def _go_through(program_id: UUID, flow: _Flow) -> None:
    """Run a flow over all members of a program, a transaction for each chunk of them."""

    @retried
    def look_at_chunk(after: UUID) -> UUID | None:
        with program_transaction(program_id):
            return flow(after=after)

    last: UUID | None = NOBODY
    while last is not None:
        last = look_at_chunk(last)


def _turn(flow: Callable[..., int], program_id: UUID, *, at: datetime, limit: int) -> int:
    total = 0
    while looked_at := _turn_chunk(flow, program_id, at=at, limit=limit):
        total += looked_at
    return total


@retried
def _turn_chunk(flow: Callable[..., int], program_id: UUID, *, at: datetime, limit: int) -> int:
    with program_transaction(program_id):
        return flow(program_id, at=at, limit=limit)
