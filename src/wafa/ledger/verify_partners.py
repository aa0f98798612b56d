"""Recompute what partners and the program owe each other: from lots and postings, at the rates of their versions."""

from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.books import Account, JournalKind
from wafa.core.spec import PROGRAM, Free
from wafa.kit.rows import as_columns, table_of
from wafa.programs.queries import get_program_rules

Found = list[tuple[str, str | None, str | None]]
"""Rows that differ: (subject, what is expected, what is found), the last two as JSON."""


class _Rate(Struct, gc=False):
    """What a rule's grants, or units that are exchanged for a reward, cost by one version."""

    version: int
    name: str
    partner: str
    currency: str
    minor: int
    per_units: int


def find_wrong_obligations(program_id: UUID) -> dict[str, Found]:
    """The checks of obligations and what each found, by name."""
    rules, rewards = _rates(program_id)
    return {
        "partner of lot": _run(_OF_LOTS, rules, program_id),
        "partner of reward": _run(_OF_REWARDS, rewards, program_id),
        "closing of partner": _find_wrong_closings(program_id),
    }


def _rates(program_id: UUID) -> tuple[list[_Rate], list[_Rate]]:
    rules, rewards = [], []
    for version in get_program_rules(program_id).versions:
        spec, number = version.spec, version.number
        for rule in spec.earning:
            if rule.partner is not None:
                partner = spec.partner_by_id[rule.partner]
                rate = partner.rate(rule.unit)
                rules.append(_Rate(number, rule.id, partner.id, partner.currency, rate.minor, rate.units))
        for reward in spec.rewards:
            if reward.partner is not None and not isinstance(reward.cost, Free):
                partner = spec.partner_by_id[reward.partner]
                rate = partner.rate(reward.cost.unit)
                rewards.append(_Rate(number, reward.id, partner.id, partner.currency, rate.back_minor, rate.units))
    return rules, rewards


# Each differs from the one before it by what was booked in between, so what was booked is read once.
_CLOSINGS = """
SELECT partner || ' ' || currency || ' ' || until AS subject,
    jsonb_build_object('amount_minor', before + booked)::text AS expected,
    jsonb_build_object('amount_minor', amount_minor)::text AS found
FROM (
    SELECT closing.*, coalesce(sum(CASE WHEN creditor = %(us)s THEN owed.amount_minor ELSE -owed.amount_minor END), 0)
        AS booked
    FROM (
        SELECT partner, currency, until, amount_minor,
            lag(until, 1, '-infinity') OVER account AS since, lag(amount_minor, 1, 0::bigint) OVER account AS before
        FROM ledger_closing WHERE program_id = %(program)s
        WINDOW account AS (PARTITION BY partner, currency ORDER BY until)
    ) AS closing
    LEFT JOIN ledger_obligation AS owed ON owed.program_id = %(program)s AND owed.currency = closing.currency
        AND closing.partner IN (owed.debtor, owed.creditor)
        AND owed.booked_at >= closing.since AND owed.booked_at < closing.until
    GROUP BY 1, 2, 3, 4, 5, 6
) AS compared WHERE before + booked <> amount_minor ORDER BY 1"""


def _find_wrong_closings(program_id: UUID) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(_CLOSINGS, {"program": program_id, "us": PROGRAM})
        found: Found = cursor.fetchall()
        return found


def _run(query: str, rates: list[_Rate], program_id: UUID) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(query, [*as_columns(_Rate, rates), program_id, program_id])
        found: Found = cursor.fetchall()
        return found


def _owed(alias: str) -> str:
    return (
        f"jsonb_build_object('units', coalesce({alias}.units, 0), 'amount_minor', coalesce({alias}.amount_minor, 0)"
        f", 'partner', CASE WHEN {alias}.units <> 0 OR {alias}.amount_minor <> 0 THEN {alias}.partner END"
        f", 'currency', CASE WHEN {alias}.units <> 0 OR {alias}.amount_minor <> 0 THEN {alias}.currency END)"
    )


def _compare(due: str, booked: str) -> str:
    return f"""
SELECT subject, expected::text, found::text FROM (
    SELECT coalesce(due.subject, booked.subject) AS subject, {_owed("due")} AS expected, {_owed("booked")} AS found
    FROM ({due}) AS due FULL JOIN ({booked}) AS booked ON booked.subject = due.subject
) AS compared WHERE expected IS DISTINCT FROM found ORDER BY subject"""


# `round` of a numeric takes half a unit up, as the core does.
_WORTH = "round({units}::numeric * rate.minor / rate.per_units)::bigint"
_KEPT = "lot.granted - lot.corrected + lot.let_go - lot.clawed_back"

# A lot that came by a transfer was paid for where it was granted.
_OF_LOTS = _compare(
    due=f"""
    SELECT lot.id::text AS subject, rate.partner, rate.currency, {_KEPT} AS units,
        {_WORTH.format(units=f"({_KEPT})")} AS amount_minor
    FROM {table_of(_Rate, name="rate")} JOIN ledger_lot AS lot ON lot.version = rate.version AND lot.rule = rate.name
    JOIN ledger_journal AS journal ON journal.program_id = lot.program_id AND journal.id = lot.journal_id
        AND journal.kind IN ('{JournalKind.ACCRUAL.value}', '{JournalKind.CORRECTION.value}')
    WHERE lot.program_id = %s""",
    booked="""
    SELECT lot_id::text AS subject, min(partner) AS partner, min(currency) AS currency,
        sum(sign * units)::bigint AS units, sum(sign * amount_minor)::bigint AS amount_minor
    FROM (
        SELECT *, CASE kind WHEN 'granted' THEN 1 ELSE -1 END AS sign,
            CASE kind WHEN 'granted' THEN debtor ELSE creditor END AS partner
        FROM ledger_obligation WHERE program_id = %s AND kind IN ('granted', 'taken_back')
    ) AS owed GROUP BY lot_id""",
)

_OF_REWARDS = _compare(
    due=f"""
    SELECT journal.key AS subject, rate.partner, rate.currency, sum(posting.amount)::bigint AS units,
        {_WORTH.format(units="sum(posting.amount)")} AS amount_minor
    FROM {table_of(_Rate, name="rate")} JOIN ledger_journal AS journal
        ON journal.version = rate.version AND journal.why ->> 'reward' = rate.name
        AND journal.kind IN ('{JournalKind.REDEMPTION.value}', '{JournalKind.CANCELLATION.value}')
    JOIN ledger_posting AS posting ON posting.program_id = journal.program_id
        AND posting.member_id = journal.member_id AND posting.journal_id = journal.id
        AND {int(Account.REDEEMED)} IN (posting.from_account, posting.to_account)
    WHERE journal.program_id = %s GROUP BY journal.key, rate.partner, rate.currency, rate.minor, rate.per_units""",
    booked="""
    SELECT coalesce(journal.key, owed.key) AS subject, min(CASE owed.kind WHEN 'redeemed' THEN creditor ELSE debtor END)
        AS partner, min(currency) AS currency, sum(units)::bigint AS units, sum(amount_minor)::bigint AS amount_minor
    FROM ledger_obligation AS owed LEFT JOIN ledger_journal AS journal
        ON journal.program_id = owed.program_id AND journal.id = owed.journal_id
        AND journal.kind = CASE owed.kind WHEN 'redeemed' THEN 'redemption' ELSE 'cancellation' END
    WHERE owed.program_id = %s AND owed.kind IN ('redeemed', 'given_back') GROUP BY 1""",
)
