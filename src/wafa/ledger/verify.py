"""Recompute the books from their postings and say where they differ. Reads only, and changes nothing it finds."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.books import Account
from wafa.ledger.digest import Content, LotContent, PostingContent, digest_of, sorted_json
from wafa.ledger.due import due_at_sql
from wafa.ledger.effects import COLUMNS, EFFECTS, SUMS
from wafa.ledger.verify_partners import find_wrong_obligations

_CHUNK = 2_000


class Difference(Struct, frozen=True, kw_only=True):
    """Something in the books that is not what it should be. `subject` names the row; amounts are units."""

    check: str
    subject: str
    expected: str
    found: str


class Verification(Struct, frozen=True, kw_only=True):
    """How many rows were looked at, by table, and every difference found."""

    counts: dict[str, int]
    differences: list[Difference]


def verify(program_id: UUID) -> Verification:
    """Recompute every balance, lot and digest of a program, and look for rows that hang in the air.

    Each check of balances and lots is one statement, so it may run while others book.
    """
    differences = [
        Difference(check=check, subject=subject, **_apart(expected, found))
        for check, query in _CHECKS.items()
        for subject, expected, found in _rows(query, program_id)
    ]
    differences += [
        Difference(check=check, subject=subject, **_apart(expected, found))
        for check, rows in find_wrong_obligations(program_id).items()
        for subject, expected, found in rows
    ]
    counts = {name: _rows(f"SELECT count(*) FROM {table} WHERE {_OURS}", program_id)[0][0] for name, table in _TABLES}
    return Verification(counts=counts, differences=[*differences, *_wrong_digests(program_id)])


_TABLES = (
    ("journals", "ledger_journal"),
    ("postings", "ledger_posting"),
    ("lots", "ledger_lot"),
    ("balances", "ledger_balance"),
    ("obligations", "ledger_obligation"),
)
_OURS = "program_id = %(program)s"


def _apart(expected: str | None, found: str | None) -> dict[str, str]:
    """Of two JSON objects, what is in one and not in the other."""
    sides = [msgspec.json.decode(side) if side else {} for side in (expected, found)]
    names = sorted(name for name in sides[0] | sides[1] if sides[0].get(name) != sides[1].get(name))
    told = [", ".join(f"{name} {side[name]}" for name in names if name in side) or "nothing" for side in sides]
    return {"expected": told[0], "found": told[1]}


def _rows(query: str, program_id: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"program": program_id})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _object(columns: dict[str, str]) -> str:
    fields = ", ".join(f"'{name}', {value}" for name, value in columns.items())
    return f"jsonb_build_object({fields})"


def _unlike(query: str) -> str:
    """Those rows of a query (subject, expected, found) of which the last two differ."""
    return (
        f"SELECT subject, expected::text, found::text FROM ({query}) AS compared "
        "WHERE expected IS DISTINCT FROM found ORDER BY subject"
    )


_BALANCES = f"""
SELECT coalesce(posted.member_id, kept.member_id) || ' ' || coalesce(posted.unit, kept.unit) AS subject,
    {_object({c: f"coalesce(posted.{c}, 0)" for c in COLUMNS})} AS expected,
    {_object({c: f"coalesce(kept.{c}, 0)" for c in COLUMNS})} AS found
FROM (
    SELECT posting.member_id, posting.unit, {SUMS}
    FROM ledger_posting AS posting JOIN {EFFECTS} USING (from_account, to_account)
    WHERE {_OURS} GROUP BY posting.member_id, posting.unit
) AS posted
FULL JOIN (SELECT * FROM ledger_balance WHERE {_OURS}) AS kept
ON kept.member_id = posted.member_id AND kept.unit = posted.unit"""

_POCKETS = {"claimable": Account.CLAIMABLE, "pending": Account.PENDING, "available": Account.AVAILABLE}

_POSTED_TO_LOT = {column: f"coalesce(posted.{column}, 0)" for column in (*_POCKETS, "breakage")}
_KEPT_IN_LOT = {
    column: f"CASE WHEN lot.pocket = {int(pocket)} THEN lot.remaining ELSE 0 END" for column, pocket in _POCKETS.items()
} | {"breakage": "lot.expired"}

_LOTS = f"""
SELECT coalesce(posted.lot_id, lot.id)::text AS subject, {_object(_POSTED_TO_LOT)} AS expected,
    CASE WHEN lot.id IS NOT NULL THEN {_object(_KEPT_IN_LOT)}
         WHEN gone.id IS NOT NULL THEN {_object(dict.fromkeys(_KEPT_IN_LOT, "0"))} END AS found
FROM (
    SELECT posting.lot_id, posting.member_id, posting.unit, {SUMS}
    FROM ledger_posting AS posting JOIN {EFFECTS} USING (from_account, to_account)
    WHERE {_OURS} AND posting.lot_id IS NOT NULL GROUP BY posting.lot_id, posting.member_id, posting.unit
) AS posted
FULL JOIN (SELECT * FROM ledger_lot WHERE {_OURS}) AS lot
ON lot.id = posted.lot_id AND lot.member_id = posted.member_id AND lot.unit = posted.unit
LEFT JOIN ledger_lot AS gone ON gone.{_OURS} AND gone.id = posted.lot_id AND gone.member_id <> posted.member_id"""

# A lot stays with whom it was opened for until a merge, or its undo, says whose it is.
_OWNERS = f"""
SELECT lot.id::text AS subject, {_object({"member": "coalesce(told.member_id, opening.member_id)"})} AS expected,
    {_object({"member": "lot.member_id"})} AS found
FROM (SELECT * FROM ledger_lot WHERE {_OURS}) AS lot
JOIN ledger_journal AS opening ON opening.program_id = lot.program_id AND opening.id = lot.journal_id
LEFT JOIN (
    SELECT DISTINCT ON (change ->> 'lot_id') (change ->> 'lot_id')::uuid AS lot_id, journal.member_id
    FROM ledger_journal AS journal, jsonb_array_elements(journal.grants) AS change
    WHERE {_OURS} AND journal.grants IS NOT NULL AND change ? 'comes_from'
    ORDER BY change ->> 'lot_id', journal.id DESC
) AS told ON told.lot_id = lot.id"""

_GRANTED = ("corrected", "clawed_back", "forgiven", "reinstated", "let_go")

_GRANTS = f"""
SELECT coalesce(told.lot_id, lot.id)::text AS subject,
    {_object({c: f"coalesce(told.{c}, 0)" for c in _GRANTED})} AS expected,
    CASE WHEN lot.id IS NOT NULL THEN {_object({c: f"lot.{c}" for c in _GRANTED})} END AS found
FROM (
    SELECT (change ->> 'lot_id')::uuid AS lot_id,
        {", ".join(f"coalesce(sum((change ->> '{c}')::bigint), 0) AS {c}" for c in _GRANTED)}
    FROM ledger_journal AS journal, jsonb_array_elements(journal.grants) AS change
    WHERE {_OURS} AND journal.grants IS NOT NULL GROUP BY 1
) AS told
FULL JOIN (SELECT * FROM ledger_lot WHERE {_OURS}) AS lot ON lot.id = told.lot_id"""

# Dates are set once what a lot waited for is told, and again where it turns out to have been earlier.
_SET = ("matures_at", "expires_at")

_DATES = f"""
SELECT coalesce(told.lot_id, lot.id)::text AS subject,
    {_object({c: f"told.{c}" for c in _SET})} AS expected,
    {_object({c: f"lot.{c}" for c in _SET})} AS found
FROM (
    SELECT (change ->> 'lot_id')::uuid AS lot_id,
        {", ".join(f"min((change ->> '{c}')::timestamptz) AS {c}" for c in _SET)}
    FROM ledger_journal AS journal, jsonb_array_elements(journal.grants) AS change
    WHERE {_OURS} AND journal.grants IS NOT NULL AND change ? 'matures_at' GROUP BY 1
) AS told
FULL JOIN (SELECT * FROM ledger_lot WHERE {_OURS} AND waits_for IS NOT NULL) AS lot ON lot.id = told.lot_id"""

_DUE = f"""
SELECT id::text AS subject, jsonb_build_object('due_at', due_at) AS found,
    jsonb_build_object('due_at', {due_at_sql(lot="lot", remaining="lot.remaining", pocket="lot.pocket")}) AS expected
FROM ledger_lot AS lot WHERE {_OURS}"""

_SHARES = f"""
SELECT coalesce(lots.member_id, kept.member_id) || ' ' || coalesce(lots.unit, kept.unit) AS subject,
    {_object({c: f"coalesce(lots.{c}, 0)" for c in _POCKETS})} AS expected,
    {_object({c: f"coalesce(kept.{c}, 0)" for c in _POCKETS})} AS found
FROM (
    SELECT member_id, unit,
        {", ".join(f"coalesce(sum(remaining) FILTER (WHERE pocket = {int(a)}), 0) AS {c}" for c, a in _POCKETS.items())}
    FROM ledger_lot WHERE {_OURS} GROUP BY member_id, unit
) AS lots
FULL JOIN (SELECT * FROM ledger_balance WHERE {_OURS}) AS kept
ON kept.member_id = lots.member_id AND kept.unit = lots.unit"""

# What members gave to each other is somewhere among them.
_TRANSFERS = f"""
SELECT unit AS subject, {_object({"transferred": "0"})} AS expected,
    {_object({"transferred": "sum(transferred)"})} AS found
FROM ledger_balance WHERE {_OURS} GROUP BY unit"""

_BUDGETS = f"""
SELECT coalesce(told.budget, kept.budget) AS subject,
    {_object({"used": "coalesce(told.used, 0)"})} AS expected, {_object({"used": "coalesce(kept.used, 0)"})} AS found
FROM (
    SELECT counted ->> 'budget' AS budget, sum((counted ->> 'amount')::bigint) AS used
    FROM ledger_journal AS journal, jsonb_array_elements(journal.why -> 'counted') AS counted
    WHERE {_OURS} AND journal.why ? 'counted' GROUP BY 1
) AS told
FULL JOIN (SELECT budget, sum(used) AS used FROM ledger_budgetshard WHERE {_OURS} GROUP BY budget) AS kept
ON kept.budget = told.budget"""


def _lost(subject: str, table: str, *, needs: str, where: str, unless: str = "false") -> str:
    """Rows of `table` without what they need, which is found by the condition `where`; not those that need nothing."""
    return (
        f'SELECT {subject} AS subject, \'{{"has": "{needs}"}}\' AS expected, NULL AS found FROM {table} AS row '
        f"WHERE row.{_OURS} AND NOT ({unless}) AND NOT EXISTS (SELECT FROM {where}) ORDER BY 1"
    )


_OPENING_OF_ROW = "ledger_journal AS journal WHERE journal.program_id = row.program_id AND journal.id = row.journal_id"
_JOURNAL_OF_ROW = f"{_OPENING_OF_ROW} AND journal.member_id = row.member_id"
_MEMBER_OF_ROW = "members_member AS member WHERE member.program_id = row.program_id AND member.id = row.member_id"
_CONTENT_OF_ROW = (
    "ledger_posting AS posting WHERE posting.program_id = row.program_id AND posting.member_id = row.member_id "
    "AND posting.journal_id = row.id"
)

_CHECKS = {
    "balance": _unlike(_BALANCES),
    "lot": _unlike(_LOTS),
    "member of lot": _unlike(_OWNERS),
    "grant of lot": _unlike(_GRANTS),
    "dates of lot": _unlike(_DATES),
    "due date of lot": _unlike(_DUE),
    "lots of balance": _unlike(_SHARES),
    "transfers of unit": _unlike(_TRANSFERS),
    "budget": _unlike(_BUDGETS),
    "journal": _lost(
        # Inside the subquery this condition would compare every journal with every posting.
        "row.key",
        "ledger_journal",
        needs="postings",
        where=_CONTENT_OF_ROW,
        unless="row.grants IS NOT NULL",
    ),
    "member of journal": _lost("row.key", "ledger_journal", needs="member", where=_MEMBER_OF_ROW),
    "member of balance": _lost("row.member_id::text", "ledger_balance", needs="member", where=_MEMBER_OF_ROW),
    "posting": _lost("row.journal_id || ' ' || row.line", "ledger_posting", needs="journal", where=_JOURNAL_OF_ROW),
    "journal of lot": _lost("row.id::text", "ledger_lot", needs="journal", where=_OPENING_OF_ROW),
}


class _Kept(Struct):
    """A journal as the tables have it, ready to be digested again."""

    id: UUID
    kind: str
    key: str
    member_id: UUID
    version: int | None
    rule: str | None
    cause_id: UUID | None
    occurred_at: datetime
    why: msgspec.Raw
    grants: msgspec.Raw
    postings: list[PostingContent]
    lots: list[LotContent]


# What a lot that waits was opened with: its dates came later, by other journals.
_OPENED_WITH = {c: f"lot.{c}" for c in LotContent.__struct_fields__} | {
    c: f"CASE WHEN lot.waits_for IS NULL THEN lot.{c} END" for c in _SET
}

# A lot that a journal opened may be with anybody into whom its member was merged by now, or who went home since.
_KIN = """
WITH RECURSIVE pair (one, other) AS (
    SELECT survivor_id, absorbed_id FROM members_merge WHERE program_id = %(program)s
    UNION SELECT absorbed_id, survivor_id FROM members_merge WHERE program_id = %(program)s
), kin (one, other) AS (
    SELECT one, other FROM pair UNION SELECT kin.one, pair.other FROM kin JOIN pair ON pair.one = kin.other
)"""

_JOURNALS = f"""{_KIN}
SELECT json_build_object(
    'id', journal.id, 'kind', kind, 'key', key, 'member_id', journal.member_id, 'version', version, 'rule', rule,
    'cause_id', cause_id, 'occurred_at', occurred_at, 'why', why, 'grants', grants,
    'postings', coalesce((
        SELECT json_agg(json_build_array({", ".join(PostingContent.__struct_fields__)}) ORDER BY line)
        FROM ledger_posting AS posting
        WHERE posting.program_id = journal.program_id AND posting.member_id = journal.member_id
        AND posting.journal_id = journal.id
    ), '[]'),
    'lots', coalesce((
        SELECT json_agg(json_build_array({", ".join(_OPENED_WITH.values())}) ORDER BY lot.id)
        FROM ledger_lot AS lot
        WHERE lot.program_id = journal.program_id AND lot.journal_id = journal.id
        AND lot.member_id = ANY(
            ARRAY(SELECT other FROM kin WHERE kin.one = journal.member_id) || journal.member_id
        )
    ), '[]')
)::text, digest
FROM ledger_journal AS journal
WHERE journal.{_OURS} AND journal.id > %(after)s ORDER BY journal.id LIMIT {_CHUNK}"""


def _wrong_digests(program_id: UUID) -> Iterator[Difference]:
    kept = msgspec.json.Decoder(_Kept)
    after = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_JOURNALS, {"program": program_id, "after": after})
            rows = cursor.fetchall()
        if not rows:
            return
        for text, digest in rows:
            journal = kept.decode(text)
            after = journal.id
            expected = digest_of(_content(journal))
            if expected != bytes(digest):
                yield Difference(
                    check="content of journal", subject=journal.key, expected=expected.hex(), found=bytes(digest).hex()
                )


def _content(journal: _Kept) -> Content:
    grants = msgspec.json.decode(journal.grants)
    return Content(
        journal.kind,
        journal.key,
        journal.member_id,
        journal.version,
        journal.rule,
        journal.cause_id,
        journal.occurred_at,
        sorted_json(msgspec.json.decode(journal.why)),
        sorted_json(grants) if grants else None,
        journal.postings,
        journal.lots,
    )
