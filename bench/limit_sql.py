"""The limit: one accrual, or a batch of them, as one statement by hand. No framework, no checks but the tables' own.

It writes the rows that the product writes, column by column, and every row once however often it is told.
"""

from bench.orders import UNITS_OF_ORDER
from wafa.core.books import Account

_BOOKED = """
ordered AS (
    INSERT INTO activities_order (program_id, id, store_id, external_id, member_id, number, status, currency,
        total_minor, refunded_minor, placed_at, paid_at, as_of, snapshot, first_seen_at, last_seen_at, decided_at)
    SELECT {program}, order_id, {store}, external_id, member_id, '#' || external_id, 'open', 'SAR',
        25300, 0, told.at, told.at, told.at, snapshot, told.at, told.at, told.at
    FROM told ORDER BY external_id
    ON CONFLICT (program_id, store_id, external_id) DO NOTHING RETURNING id
), booked AS (
    SELECT told.* FROM told JOIN ordered ON ordered.id = told.order_id
), journal AS (
    INSERT INTO ledger_journal (program_id, id, kind, key, member_id, version, rule, cause_id, why, grants,
        occurred_at, booked_at, digest)
    SELECT {program}, journal_id, 'accrual', concat_ws({colon}, 'accrual', 'shop', external_id, 'orders'), member_id, 1,
        'orders', order_id, why, NULL, booked.at, booked.at, uuid_send(journal_id)
    FROM booked ORDER BY external_id
), posting AS (
    INSERT INTO ledger_posting (program_id, member_id, journal_id, line, unit, from_account, to_account, amount, lot_id)
    SELECT {program}, member_id, journal_id, 1, 'points', {issued}, {pending}, {units}, lot_id FROM booked
), lot AS (
    INSERT INTO ledger_lot (program_id, id, member_id, journal_id, unit, rule, version, cause_id, granted, remaining,
        pocket, occurred_at, matures_at, expires_at, claimable_until, corrected, clawed_back, forgiven, expired,
        reinstated, due_at)
    SELECT {program}, lot_id, member_id, journal_id, 'points', 'orders', 1, order_id, {units}, {units},
        {pending}, booked.at, booked.at + interval '14 days', booked.at + interval '365 days', NULL, 0, 0, 0, 0,
        0, booked.at + interval '14 days'
    FROM booked
), balance AS (
    INSERT INTO ledger_balance AS balance (program_id, member_id, unit, claimable, pending, available, held, debt,
        issued, redeemed, breakage, clawed_back)
    SELECT {program}, member_id, 'points', 0, sum({units}), 0, 0, 0, sum({units}), 0, 0, 0
    FROM booked GROUP BY member_id ORDER BY member_id
    ON CONFLICT (program_id, member_id, unit) DO UPDATE
    SET pending = balance.pending + excluded.pending, issued = balance.issued + excluded.issued
)"""

# pgbench hands over numbers and texts, so what differs between two orders is put into a template here.
_ONE = """
WITH written AS MATERIALIZED (
    SELECT concat_ws('-', {run}, {client}, {number}) AS external_id
), told AS MATERIALIZED (
    SELECT external_id, identity.member_id, uuidv7() AS order_id, uuidv7() AS journal_id, uuidv7() AS lot_id,
        uuidv7() AS delivery_id, now() AS at, replace({snapshot}, '{token}', external_id)::jsonb AS snapshot,
        replace({why}, '{token}', external_id)::jsonb AS why,
        convert_to(replace({body}, '{token}', external_id), 'UTF8') AS body
    FROM written, members_identity AS identity
    WHERE identity.program_id = {program} AND identity.kind = 'store_customer'
        AND identity.value = concat_ws({colon}, 'shop', {customer})
),"""

_KEPT = """, delivery AS (
    INSERT INTO relay_delivery (program_id, id, store_id, topic, digest, state, pending, reason, attempts, received_at,
        next_attempt_at, drained_at)
    SELECT {program}, delivery_id, {store}, 'order', sha256(body), 'done', false, '', 1, booked.at,
        NULL, booked.at
    FROM booked
), kept AS (
    INSERT INTO relay_deliverybody (program_id, delivery_id, headers, body)
    SELECT {program}, delivery_id, replace({headers}, '{token}', external_id), body FROM booked
)
SELECT count(*) FROM booked"""

_MANY = """
WITH told AS MATERIALIZED (
    SELECT told.external_id, order_id, journal_id, lot_id, delivery_id, snapshot::jsonb, why::jsonb,
        identity.member_id, now() AS at
    FROM unnest({customers}::text[], {external_ids}::text[], {order_ids}::uuid[], {journal_ids}::uuid[],
        {lot_ids}::uuid[], {delivery_ids}::uuid[], {snapshots}::text[], {whys}::text[])
        AS told (customer, external_id, order_id, journal_id, lot_id, delivery_id, snapshot, why)
    JOIN members_identity AS identity ON identity.program_id = {program} AND identity.kind = 'store_customer'
        AND identity.value = told.customer
),"""

_DRAINED = """, drained AS (
    UPDATE relay_delivery AS delivery SET state = 'done', pending = false, attempts = 1, drained_at = booked.at
    FROM booked WHERE delivery.program_id = {program} AND delivery.id = booked.delivery_id
)
SELECT count(*) FROM booked"""

_BALANCE = """
SELECT unit, claimable, pending, available, held, debt, issued, redeemed, breakage, clawed_back
FROM members_identity AS identity
JOIN ledger_balance AS balance ON balance.program_id = {program} AND balance.member_id = identity.member_id
WHERE identity.program_id = {program} AND identity.kind = 'store_customer'
        AND identity.value = concat_ws({colon}, 'shop', {customer})"""


def one_order() -> str:
    """The script of pgbench that books one order, with the names of its variables."""
    return _for_pgbench(_ONE + _BOOKED + _KEPT)


def one_balance() -> str:
    """The script of pgbench that reads the balances of one customer."""
    return _for_pgbench(_BALANCE)


def many_orders() -> str:
    """The statement that books a batch of kept deliveries; its parameters are those of MANY, in that order."""
    places = {name: f"${number}" for number, name in enumerate(MANY, start=1)}
    places |= {"program": "$1::uuid", "store": "$2::uuid"}
    return (_MANY + _BOOKED + _DRAINED).format(**places, **_CONSTANTS)


TOKEN = "ORDER-0000000"  # noqa: S105 - stands for the id of an order in a template

MANY = (
    "program",
    "store",
    "customers",
    "external_ids",
    "order_ids",
    "journal_ids",
    "lot_ids",
    "delivery_ids",
    "snapshots",
    "whys",
)

_CONSTANTS = {
    "colon": "chr(58)",  # pgbench takes a colon before a word for a variable, within quotes too
    "token": TOKEN,
    "issued": int(Account.ISSUED),
    "pending": int(Account.PENDING),
    "units": UNITS_OF_ORDER,
}

_VARIABLES = {
    "program": ":program::uuid",
    "store": ":store::uuid",
    "run": ":run::text",
    "client": ":client_id::text",
    "number": ":number::text",
    "customer": ":customer::text",
    "snapshot": ":snapshot::text",
    "why": ":why::text",
    "headers": ":headers::text",
    "body": ":body::text",
}


def _for_pgbench(statement: str) -> str:
    drawn = "\\set number :number + 1\n\\set customer random(1, :members)\n"
    return drawn + statement.format(**_VARIABLES, **_CONSTANTS).strip() + ";\n"
