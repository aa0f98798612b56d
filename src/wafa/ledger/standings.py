"""Loading members' standings for a decision, and holding them until it is booked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from wafa.core.books import Balance
from wafa.core.put_back import RETURNED
from wafa.core.standing import Standing, Suspended
from wafa.core.tiers.reward import ENTRY
from wafa.kit.ids import in_order
from wafa.kit.retries import Again
from wafa.kit.rows import as_column, read_in_binary
from wafa.ledger.effects import COLUMNS
from wafa.members.models import MemberState
from wafa.programs.queries import get_program_rules


def load_standings(
    program_id: UUID,
    member_ids: Collection[UUID],
    *,
    lock: bool,
    with_lots: bool,
    cause_ids: Collection[UUID] = (),
    lot_ids: Collection[UUID] = (),
    limited_rules: Collection[str] = (),
) -> dict[UUID, Standing]:
    """The standings of members, with the lots of the causes, those named and, `with_lots`, every lot that has
    something left, that a tier granted, or of which more expired than its order still grants.

    What the `limited_rules` granted each member so far is in their `uses`.
    `lock` holds the members until the transaction ends, so that what is decided on the standings is still true when it
    is posted. Members who are not in the program are left out. Raises Again where somebody was merged into another
    before they could be held: whoever was named is now that one.
    """
    members = in_order(member_ids)
    if not members:
        return {}
    held = lock_members(program_id, members) if lock else {}
    # Only now, in another statement: one that also waited for the lock would see the books as they were before it.
    if lock and not (with_lots or cause_ids or lot_ids or limited_rules):
        return _standings_without_lots(program_id, members, held)
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDINGS,
            {
                "guest": MemberState.GUEST,
                "with_lots": with_lots,
                "tiers": ENTRY,
                "returned": RETURNED,
                "causes": list(cause_ids),
                "lots": list(lot_ids),
                "no_limits": not limited_rules,
                "limited": list(limited_rules),
                "program": program_id,
                "members": members,
            },
        )
        found = cursor.fetchall()
    if lock and any(is_merged for _, is_merged in found):
        raise Again
    standings = [_standing.decode(text) for text, _ in found]
    return {standing.member_id: standing for standing in standings}


def _standings_without_lots(
    program_id: UUID, members: list[UUID], balances: Mapping[UUID, Mapping[str, Balance]]
) -> dict[UUID, Standing]:
    """Of members who are held: their balances are known; only who is a guest, or ever was suspended, is left to ask."""
    all_are_there = len(balances) == len(members)  # nobody else has balances
    with connection.cursor() as cursor:
        cursor.execute(EXCEPTIONS if all_are_there else _STATES, [program_id, as_column(members)])
        found = cursor.fetchall()
    if any(state == MemberState.MERGED for _, state, _, _ in found):
        raise Again
    standings = {
        member_id: Standing(member_id=member_id, balances=held) for member_id, held in balances.items() if all_are_there
    }
    return standings | {row[0]: exceptional_standing(*row, balances=balances.get(row[0], {})) for row in found}


def exceptional_standing(
    member_id: UUID,
    state: str,
    suspended_at: datetime | None,
    suspensions: str | None,
    *,
    balances: Mapping[str, Balance],
) -> Standing:
    """The standing of whoever `EXCEPTIONS` finds, without lots."""
    return Standing(
        member_id=member_id,
        joined=state != MemberState.GUEST,
        suspended_at=suspended_at,
        suspensions=_suspensions.decode(suspensions) if suspensions else (),
        balances=balances,
    )


_STATES = """
SELECT id, state, suspended_at, suspensions::text FROM members_member
WHERE program_id = %s AND id = ANY(%s::uuid[])"""

# In the words of the index `members_member_exceptional`.
EXCEPTIONS = f"{_STATES} AND (state <> 'member' OR suspended_at IS NOT NULL OR suspensions IS NOT NULL)"

_standing = msgspec.json.Decoder(Standing)
_suspensions = msgspec.json.Decoder(tuple[Suspended, ...])

_STANDINGS = """
SELECT json_build_object(
    'member_id', member.id,
    'joined', member.state <> %(guest)s,
    'joined_at', member.joined_at,
    'suspended_at', member.suspended_at,
    'suspensions', coalesce(member.suspensions, '[]'),
    'balances', coalesce((
        SELECT json_object_agg(balance.unit, balance) FROM ledger_balance AS balance
        WHERE balance.program_id = member.program_id AND balance.member_id = member.id
    ), '{}'),
    'lots', coalesce((
        SELECT json_object_agg(lot.id, lot) FROM ledger_lot AS lot
        WHERE lot.program_id = member.program_id AND lot.member_id = member.id
        AND (%(with_lots)s AND (lot.remaining > 0 OR starts_with(lot.rule, %(tiers)s) OR lot.expired > 0 AND (
                lot.rule = %(returned)s
                OR lot.remaining + lot.expired > lot.granted - lot.corrected - lot.clawed_back - lot.forgiven
            ))
            OR lot.cause_id = ANY(%(causes)s::uuid[])
            OR lot.id = ANY(%(lots)s::uuid[]))
    ), '{}'),
    'uses', CASE WHEN %(no_limits)s THEN NULL ELSE coalesce((
        SELECT json_agg(used) FROM (
            SELECT rule, cause_id, min(occurred_at) AS at,
                sum(granted - corrected + let_go - clawed_back)::bigint AS units
            FROM ledger_lot AS lot
            WHERE lot.program_id = member.program_id AND lot.member_id = member.id
            AND lot.rule = ANY(%(limited)s::text[])
            GROUP BY rule, cause_id
        ) AS used
    ), '[]') END
)::text, member.merged_into IS NOT NULL
FROM members_member AS member WHERE member.program_id = %(program)s AND member.id = ANY(%(members)s::uuid[])"""

_LOCK = f"""
SELECT member_id, unit, {", ".join(COLUMNS)} FROM ledger_balance
WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[]) ORDER BY member_id, unit FOR UPDATE"""

_OPEN_BALANCES = f"""
INSERT INTO ledger_balance (program_id, member_id, unit, {", ".join(COLUMNS)})
SELECT %(program)s, held.id, counted.unit{", 0" * len(COLUMNS)}
FROM members_member AS held CROSS JOIN unnest(%(units)s::text[]) AS counted (unit)
WHERE held.program_id = %(program)s AND held.id = ANY(%(members)s::uuid[]) AND NOT EXISTS (
    SELECT FROM ledger_balance AS balance
    WHERE balance.program_id = %(program)s AND balance.member_id = held.id
)
ORDER BY 2, 3 ON CONFLICT DO NOTHING"""


def lock_members(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, dict[str, Balance]]:
    """Hold members until the transaction ends, in the order of their ids, and return their balances by unit.

    A member without any gets empty ones to be held by; who is no member gets none. A transaction that decides in
    several steps holds the members of all of them first: held bit by bit, two could each hold what the other waits for.
    """
    members = in_order(member_ids)
    held = _lock(program_id, members)
    if len(held) < len(members):
        # Rare, for members are enrolled with balances. Two that wait for each other here are told so by PostgreSQL.
        open_balances(program_id, set(members) - held.keys(), units=get_program_rules(program_id).unit_codes)
        held = _lock(program_id, members)
    return held


def open_balances(program_id: UUID, member_ids: Collection[UUID], *, units: Collection[str]) -> None:
    """Give members who have no balance an empty one in each of these units, to be held by."""
    if member_ids:
        with connection.cursor() as cursor:
            members = as_column(in_order(member_ids))
            cursor.execute(_OPEN_BALANCES, {"program": program_id, "members": members, "units": list(units)})


def _lock(program_id: UUID, members: Sequence[UUID]) -> dict[UUID, dict[str, Balance]]:
    balances: dict[UUID, dict[str, Balance]] = {}
    with connection.cursor() as cursor:
        read_in_binary(cursor)
        cursor.execute(_LOCK, {"program": program_id, "members": as_column(members)})
        for member_id, unit, *amounts in cursor.fetchall():
            balances.setdefault(member_id, {})[unit] = Balance(*amounts)
    return balances
