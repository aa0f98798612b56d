"""The purchases of all members before a moment, in SQL: the same orders and amounts as `core/history.py` finds."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from wafa.core.money import EXPONENTS, exponent_of
from wafa.core.spec import ProgramSpec

# In the program's currency, rounded down: div() is exact where a division of numerics would round.
_SPEND = """CASE
    WHEN currency = %(currency)s AND NOT snapshot ? 'exponent' THEN kept_minor
    ELSE coalesce(div(
        kept_minor * power(10::numeric, %(exponent)s) * CASE
            WHEN currency = %(currency)s THEN 1
            ELSE coalesce(snapshot ->> 'rate', %(rates)s::jsonb ->> currency)::numeric
        END,
        power(10::numeric, coalesce((snapshot ->> 'exponent')::int, (%(exponents)s::jsonb ->> currency)::int, 2))
    ), 0)
END"""

PURCHASES = f"""
SELECT member_id, paid_at, {_SPEND} AS spend_minor, snapshot -> 'lines' AS lines
FROM (
    SELECT member_id, paid_at, currency, snapshot, total_minor, returned_minor,
        greatest(total_minor - returned_minor, 0)::numeric AS kept_minor
    FROM activities_order AS told
    CROSS JOIN LATERAL (
        SELECT coalesce(sum((refund ->> 'amount_minor')::bigint), 0) AS returned_minor
        FROM jsonb_array_elements(CASE WHEN refunded_minor <> 0 THEN snapshot -> 'refunds' END) AS refund
        WHERE (refund ->> 'at')::timestamptz < %(at)s
    ) AS refunds
    WHERE program_id = %(program)s AND member_id IS NOT NULL AND paid_at < %(at)s AND NOT (
        status <> 'open' AND %(at)s > CASE status
            WHEN 'deleted' THEN coalesce((snapshot -> 'remembered' ->> 'deleted_at')::timestamptz, as_of)
            ELSE as_of
        END
    )
) AS told
WHERE returned_minor <= 0 OR returned_minor < total_minor"""
"""One row for each purchase. Asked with `purchase_parameters`."""


def purchase_parameters(program_id: UUID, spec: ProgramSpec, *, at: datetime) -> dict[str, Any]:
    """What PURCHASES is asked with: purchases before `at` (UTC), in the currency of `spec` and by its rates."""
    return {
        "program": program_id,
        "at": at,
        "currency": spec.currency,
        "exponent": exponent_of(spec.currency),
        "rates": json.dumps(spec.rates),
        "exponents": json.dumps(EXPONENTS),
    }
