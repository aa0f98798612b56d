"""A million lots come due at once: the product's flows, a chunk at a time, against one statement by hand for all."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
from msgspec import Struct

from bench.installation import Installation, application_options
from bench.world import Side
from wafa.core.books import Account
from wafa.flows.expire_lots import expire_lots
from wafa.flows.mature_lots import mature_lots
from wafa.jobs.turn_clock import share

UNITS = 100
_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
MATURED = _STARTED + timedelta(days=30)
EXPIRED = _STARTED + timedelta(days=400)

# Lots as their accruals would have left them; the journals before them are not what is measured.
_SEED = f"""
WITH opened AS (
    INSERT INTO ledger_lot (program_id, id, member_id, journal_id, unit, rule, version, cause_id, granted, remaining,
        pocket, occurred_at, matures_at, expires_at, claimable_until, corrected, clawed_back, forgiven, expired,
        reinstated, due_at)
    SELECT %(program)s, uuidv7(), member.id, uuidv7(), 'points', 'orders', 1, uuidv7(), {UNITS}, {UNITS},
        {int(Account.PENDING)}, %(at)s, due.at, due.at + interval '365 days', NULL, 0, 0, 0, 0, 0, due.at
    FROM members_member AS member,
        generate_series(1, %(each)s) AS number,
        LATERAL (SELECT %(at)s::timestamptz + interval '14 days' + number * interval '1 minute' AS at) AS due
    WHERE member.program_id = %(program)s RETURNING member_id
)
UPDATE ledger_balance AS balance SET pending = pending + {UNITS} * %(each)s, issued = issued + {UNITS} * %(each)s
WHERE program_id = %(program)s AND unit = 'points'"""

_BY_HAND = """
WITH due AS MATERIALIZED (
    SELECT *, uuidv7() AS moved_by FROM ledger_lot
    WHERE program_id = %(program)s AND due_at <= %(at)s AND pocket = {source}
), journal AS (
    INSERT INTO ledger_journal (program_id, id, kind, key, member_id, version, rule, cause_id, why, grants,
        occurred_at, booked_at, digest)
    SELECT program_id, moved_by, '{kind}', concat_ws(':', '{kind}', id, 0), member_id, version, rule, cause_id,
        jsonb_build_object('type', '{kind}', '{moment}', due_at, 'units', remaining), NULL, due_at, %(at)s,
        uuid_send(moved_by)
    FROM due
), posting AS (
    INSERT INTO ledger_posting (program_id, member_id, journal_id, line, unit, from_account, to_account, amount, lot_id)
    SELECT program_id, member_id, moved_by, 1, unit, {source}, {target}, remaining, id FROM due
), lot AS (
    UPDATE ledger_lot AS lot SET {lot} FROM due WHERE lot.program_id = %(program)s AND lot.id = due.id
), balance AS (
    UPDATE ledger_balance AS balance
    SET {source_column} = {source_column} - moved.units, {target_column} = {target_column} + moved.units
    FROM (SELECT member_id, sum(remaining) AS units FROM due GROUP BY member_id) AS moved
    WHERE balance.program_id = %(program)s AND balance.member_id = moved.member_id AND balance.unit = 'points'
)
SELECT count(*) FROM due"""

_MATURE = _BY_HAND.format(
    kind="maturity",
    moment="matured_at",
    source=int(Account.PENDING),
    target=int(Account.AVAILABLE),
    source_column="pending",
    target_column="available",
    lot=f"pocket = {int(Account.AVAILABLE)}, due_at = lot.expires_at",
)
_EXPIRE = _BY_HAND.format(
    kind="expiry",
    moment="expired_at",
    source=int(Account.AVAILABLE),
    target=int(Account.BREAKAGE),
    source_column="available",
    target_column="breakage",
    lot="remaining = 0, expired = lot.expired + due.remaining, due_at = NULL",
)


class Moved(Struct, frozen=True, kw_only=True):
    """So many lots in so many seconds, by the product and by one statement by hand."""

    work: str
    lots: int
    ours: float
    by_hand: float

    @property
    def ratio(self) -> float:
        """The time by hand as a part of ours: 1 is as fast."""
        return self.by_hand / self.ours


def measure_clock(installation: Installation, *, limit: Side, ours: Side, members: int, lots: int) -> list[Moved]:
    """Mature and then expire `lots` of either side, spread over its `members`."""
    for side in (limit, ours):
        with installation.connect(side.program_id) as connection:
            connection.execute(_SEED, {"program": side.program_id, "at": _STARTED, "each": lots // members})
            connection.execute("ANALYZE ledger_lot")
    works = (("maturity", mature_lots, _MATURE, MATURED), ("expiry", expire_lots, _EXPIRE, EXPIRED))
    moved = []
    for work, flow, statement, at in works:
        installation.checkpoint()
        by_hand = _time(partial(_run, limit, installation, statement, at))
        installation.checkpoint()
        product = _time(partial(share, flow, ours.program_id, at=at))
        for side in (limit, ours):
            _check(side, installation, kind=work, lots=lots)
        moved.append(Moved(work=work, lots=lots, ours=product, by_hand=by_hand))
    return moved


def _run(side: Side, installation: Installation, statement: str, at: datetime) -> None:
    with psycopg.connect(installation.server.url, options=application_options(side.program_id)) as connection:
        connection.execute(statement, {"program": side.program_id, "at": at})


def _time(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _check(side: Side, installation: Installation, *, kind: str, lots: int) -> None:
    """Every lot has to have been moved, and each once."""
    counted = "SELECT count(*) FROM ledger_journal WHERE program_id = %s AND kind = %s"
    with installation.connect(side.program_id) as connection:
        row = connection.execute(counted, [side.program_id, kind]).fetchone()
    if row != (lots,):
        raise RuntimeError(f"{row} lots were moved of {lots}")
