"""Questions about coupons. The caller has opened the program's transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.coupons.models import Code, Handout, Use
from wafa.kit.paging import Page, read_page


class CampaignCounts(Struct, frozen=True, kw_only=True):
    """What became of a campaign: how many codes it has, were handed out and were used; its uses now, and what was
    rolled back; how many were beyond a limit. `units` is what members got of it.
    """

    codes: int = 0
    handed_out: int = 0
    uses: int = 0
    rolled_back: int = 0
    beyond: int = 0
    units: int = 0


_COUNTS = """
SELECT campaign, sum(codes)::bigint, sum(handed_out)::bigint, sum(uses)::bigint, sum(rolled_back)::bigint,
    sum(beyond)::bigint, sum(units)::bigint
FROM (
    SELECT campaign, count(*) AS codes, 0 AS handed_out, 0 AS uses, 0 AS rolled_back, 0 AS beyond, 0 AS units
    FROM coupons_code WHERE program_id = %(program)s GROUP BY campaign
    UNION ALL SELECT campaign, 0, count(*), 0, 0, 0, 0
    FROM coupons_handout WHERE program_id = %(program)s GROUP BY campaign
    UNION ALL SELECT campaign, 0, 0, count(*) FILTER (WHERE state = 'used'),
        count(*) FILTER (WHERE state = 'rolled_back'), count(*) FILTER (WHERE state = 'used' AND beyond <> ''),
        coalesce(sum(units) FILTER (WHERE state = 'used'), 0)
    FROM coupons_use WHERE program_id = %(program)s GROUP BY campaign
) AS counted GROUP BY campaign"""


def count_campaigns(program_id: UUID) -> dict[str, CampaignCounts]:
    """What became of each campaign that has any codes or uses."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"program": program_id})
        return {
            campaign: CampaignCounts(**dict(zip(CampaignCounts.__struct_fields__, counts, strict=True)))
            for campaign, *counts in cursor.fetchall()
        }


class TakenOff(Struct, frozen=True, kw_only=True):
    """What the uses of a campaign took off in one currency, in minor units with `exponent` decimals."""

    minor: int
    currency: str
    exponent: int | None


def sum_taken_off(program_id: UUID) -> dict[str, list[TakenOff]]:
    """What each campaign has taken off so far, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT campaign, sum(minor)::bigint, currency, exponent FROM coupons_use "
            "WHERE program_id = %s AND state = 'used' AND minor > 0 "
            "GROUP BY campaign, currency, exponent ORDER BY campaign, currency",
            [program_id],
        )
        sums: dict[str, list[TakenOff]] = {}
        for campaign, minor, currency, exponent in cursor.fetchall():
            sums.setdefault(campaign, []).append(TakenOff(minor=minor, currency=currency, exponent=exponent))
        return sums


def find_handout(program_id: UUID, code_id: UUID) -> Handout | None:
    """To whom a code was handed, if it was."""
    return Handout.objects.filter(program_id=program_id, code_id=code_id).first()


_WITH_COUPONS = """
SELECT member_id FROM coupons_handout WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[])
UNION SELECT member_id FROM coupons_use WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[])"""


def list_members_with_coupons(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Those of the members who were handed a code or used a coupon, also where that was rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_COUPONS, {"program": program_id, "members": list(member_ids)})
        return {member_id for (member_id,) in cursor.fetchall()}


def list_uses_of_code(program_id: UUID, code_id: UUID) -> list[Use]:
    """What a unique code was used on, the newest first."""
    return list(Use.objects.filter(program_id=program_id, code_id=code_id).order_by("-used_at", "-id"))


def list_uses(program_id: UUID, campaign: str, *, state: str = "", cursor: str = "", limit: int = 50) -> Page[Use]:
    """A page of what a campaign was used on, the newest first. Raises BadCursor."""
    found = Use.objects.filter(program_id=program_id, campaign=campaign)
    if state:
        found = found.filter(state=state)
    return read_page(found, order="-used_at", cursor=cursor, limit=limit)


class CodeRow(Struct, frozen=True):
    """A code as a file shows it."""

    id: UUID
    code: str
    used: int
    member_id: UUID | None
    valid_until: datetime | None


_ROWS = """
SELECT code.id, code.code, code.used, handout.member_id, handout.valid_until
FROM coupons_code AS code LEFT JOIN coupons_handout AS handout
    ON handout.program_id = code.program_id AND handout.code_id = code.id
WHERE code.program_id = %s AND code.campaign = %s AND code.id > %s ORDER BY code.id LIMIT %s"""


def list_code_rows(program_id: UUID, campaign: str, *, after: UUID, limit: int) -> list[CodeRow]:
    """The next codes of a campaign whose ids come after `after`."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [program_id, campaign, after, limit])
        return [CodeRow(*row) for row in cursor.fetchall()]


def find_code_texts(program_id: UUID, code_ids: Collection[UUID]) -> dict[UUID, str]:
    """What codes look like, by their ids."""
    found = Code.objects.filter(program_id=program_id, id__in=code_ids)
    return dict(found.values_list("id", "code"))
