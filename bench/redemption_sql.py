"""A redemption by hand: a balance is locked, and what the product writes is written by one statement more."""

from bench.orders import STORE
from bench.program import REWARD, UNITS_OF_REWARD
from wafa.core.books import Account

_LOCK = f"""
SELECT balance.member_id AS member
FROM members_identity AS identity
JOIN ledger_balance AS balance ON balance.program_id = :program::uuid AND balance.member_id = identity.member_id
WHERE identity.program_id = :program::uuid AND identity.kind = 'store_customer'
    AND identity.value = concat_ws(chr(58), '{STORE}', :customer::text) AND balance.unit = 'points'
FOR UPDATE OF balance"""

# Lots are read by another statement than the one that waited: it would see them as they were before the wait.
_WRITE = f"""
WITH told AS MATERIALIZED (
    SELECT uuidv7() AS redemption_id, uuidv7() AS journal_id, now() AS at, gen_random_uuid() AS secret,
        concat_ws('-', :run::text, :number::text) AS key
), open AS (
    SELECT id, remaining, sum(remaining) OVER (ORDER BY expires_at, occurred_at, id) - remaining AS before
    FROM ledger_lot, told
    WHERE program_id = :program::uuid AND member_id = :member::uuid AND unit = 'points'
        AND pocket = {int(Account.AVAILABLE)} AND remaining > 0 AND expires_at > told.at
), drawn AS MATERIALIZED (
    SELECT id, least(remaining, {UNITS_OF_REWARD} - before) AS amount, row_number() OVER (ORDER BY before) AS line
    FROM open WHERE before < {UNITS_OF_REWARD}
), journal AS (
    INSERT INTO ledger_journal (program_id, id, kind, key, member_id, version, rule, cause_id, why, grants,
        occurred_at, booked_at, digest)
    SELECT :program::uuid, journal_id, 'redemption', concat_ws(chr(58), 'redemption', redemption_id), :member::uuid, 1,
        NULL, redemption_id,
        jsonb_build_object('type', 'redemption', 'units', {UNITS_OF_REWARD}, 'reward', '{REWARD}'), NULL,
        told.at, told.at, uuid_send(secret)
    FROM told
), posting AS (
    INSERT INTO ledger_posting (program_id, member_id, journal_id, line, unit, from_account, to_account, amount, lot_id)
    SELECT :program::uuid, :member::uuid, journal_id, line, 'points', {int(Account.AVAILABLE)},
        {int(Account.REDEEMED)}, amount, id
    FROM drawn, told
), lot AS (
    UPDATE ledger_lot AS lot SET remaining = lot.remaining - amount,
        due_at = CASE WHEN lot.remaining > amount THEN lot.due_at END
    FROM drawn WHERE lot.program_id = :program::uuid AND lot.id = drawn.id
), balance AS (
    UPDATE ledger_balance SET available = available - {UNITS_OF_REWARD}, redeemed = redeemed + {UNITS_OF_REWARD}
    WHERE program_id = :program::uuid AND member_id = :member::uuid AND unit = 'points'
), redemption AS (
    INSERT INTO rewards_redemption (program_id, id, member_id, key, reward, version, unit, units, choice, state,
        fulfilment, source, "by", note, reason, due_at, created_at, changed_at)
    SELECT :program::uuid, redemption_id, :member::uuid, key, '{REWARD}', 1, 'points', {UNITS_OF_REWARD}, '', 'issued',
        'none', 'api', '', '', '', NULL, told.at, told.at
    FROM told
)
INSERT INTO rewards_voucher (program_id, redemption_id, code, code_hash, issued_at, valid_until, used_at, used_on)
SELECT :program::uuid, redemption_id, left(secret::text, 12), uuid_send(secret), told.at, NULL, NULL, '' FROM told"""


def one_redemption() -> str:
    """The script of pgbench that redeems once from the balance of `customer`."""
    return f"\\set number :number + 1\nBEGIN;\n{_LOCK.strip()} \\gset\n{_WRITE.strip()};\nCOMMIT;\n"
