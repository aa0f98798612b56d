"""Unique codes of campaigns: added in sets of thousands, found by a keyed hash, handed to members."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.spec import UniqueCodes
from wafa.coupons.models import Code, Handout
from wafa.kit.codes import ALPHABET, NewCode, draw_codes, hashes_of, keep_codes, new_code
from wafa.kit.ids import in_order
from wafa.kit.rows import as_columns, columns_of, table_of

_ADD = f"""
INSERT INTO coupons_code (program_id, campaign, used, written, added_at, {columns_of(NewCode)})
SELECT %s, %s, 0, false, %s, {columns_of(NewCode)} FROM {table_of(NewCode, name="told")} ON CONFLICT DO NOTHING"""


def add_codes(program_id: UUID, campaign: str, codes: Iterable[str], *, at: datetime) -> int:
    """Add codes to a campaign, however many. Returns how many are new: one that is there already is passed over."""
    return keep_codes(_ADD, [program_id, campaign, at], codes)


def generate_codes(program_id: UUID, campaign: str, look: UniqueCodes, count: int, *, at: datetime) -> int:
    """Add `count` new codes of this look to a campaign. The database finds those that are there already."""
    return draw_codes(
        count,
        partial(add_codes, program_id, campaign, at=at),
        prefix=look.prefix,
        length=look.length,
        alphabet=look.alphabet or ALPHABET,
    )


def make_codes(
    program_id: UUID, campaign: str, look: UniqueCodes, count: int, *, at: datetime
) -> list[tuple[UUID, str]]:
    """A few new codes of a campaign, with their ids, for whoever hands them out at once."""
    made: list[tuple[UUID, str]] = []
    while len(made) < count:
        drawn = [_draw(look) for _ in range(count - len(made))]
        with connection.cursor() as cursor:
            cursor.execute(f"{_ADD} RETURNING id, code", [program_id, campaign, at, *as_columns(NewCode, drawn)])
            made += cursor.fetchall()
    return made


def _draw(look: UniqueCodes) -> NewCode:
    return NewCode.of(new_code(prefix=look.prefix, length=look.length, alphabet=look.alphabet or ALPHABET))


class KeptCode(Struct, frozen=True, kw_only=True):
    """A code as the tables have it; `member_id` and `valid_until` are there where it was handed to a member.

    `written`: stores were asked to know it.
    """

    id: UUID
    campaign: str
    code: str
    used: int
    written: bool
    member_id: UUID | None
    valid_until: datetime | None


_FIND = """
SELECT code.id, code.campaign, code.code, code.used, code.written, handout.member_id, handout.valid_until
FROM coupons_code AS code LEFT JOIN coupons_handout AS handout
    ON handout.program_id = code.program_id AND handout.code_id = code.id
WHERE code.program_id = %s AND code.id = ANY(%s::uuid[]) ORDER BY code.id"""


def find_codes(program_id: UUID, code_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, KeptCode]:
    """Codes by their ids; `lock` holds them, in the order of their ids."""
    if not code_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND + (" FOR UPDATE OF code" if lock else ""), [program_id, in_order(code_ids)])
        return {
            row[0]: KeptCode(**dict(zip(KeptCode.__struct_fields__, row, strict=True))) for row in cursor.fetchall()
        }


def find_code_ids(program_id: UUID, codes: Collection[str]) -> dict[str, UUID]:
    """The ids of codes, however they were typed. A near miss takes as long as a wild guess."""
    hashes: dict[bytes, list[str]] = {}
    for code in set(codes):
        for hashed in hashes_of(code):
            hashes.setdefault(hashed, []).append(code)
    if not hashes:
        return {}
    found = Code.objects.filter(program_id=program_id, code_hash__in=list(hashes)).values_list("code_hash", "id")
    return {code: code_id for hashed, code_id in found for code in hashes[bytes(hashed)]}


def save_used(program_id: UUID, used: Mapping[UUID, int]) -> None:
    """Write down how often codes were used. The caller holds them."""
    if used:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE coupons_code AS code SET used = told.used "
                "FROM unnest(%s::uuid[], %s::int[]) AS told (id, used) "
                "WHERE code.program_id = %s AND code.id = told.id",
                [list(used), list(used.values()), program_id],
            )


def mark_written(program_id: UUID, code_ids: Collection[UUID], *, written: bool = True) -> None:
    """Remember whether stores were asked to know these codes."""
    if code_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE coupons_code SET written = %s WHERE program_id = %s AND id = ANY(%s::uuid[]) AND written <> %s",
                [written, program_id, in_order(code_ids), written],
            )


class NewHandout(Struct, frozen=True, kw_only=True):
    """A code to be handed to a member (`models.Handout`)."""

    code_id: UUID
    campaign: str
    member_id: UUID
    key: str
    source: str
    by: str
    note: str
    valid_until: datetime | None


_HAND_OUT = f"""
INSERT INTO coupons_handout (program_id, handed_at, {columns_of(NewHandout)})
SELECT %s, %s, {columns_of(NewHandout)} FROM {table_of(NewHandout, name="told")} ORDER BY key"""


def put_handouts(program_id: UUID, handouts: Sequence[NewHandout], *, at: datetime) -> None:
    """Write down to whom codes were handed. Raises IntegrityError for a key that is there."""
    if handouts:
        with connection.cursor() as cursor:
            cursor.execute(_HAND_OUT, [program_id, at, *as_columns(NewHandout, handouts)])


def find_handouts(program_id: UUID, keys: Collection[str]) -> dict[str, Handout]:
    """What was handed out, by the keys that name it."""
    return {one.key: one for one in Handout.objects.filter(program_id=program_id, key__in=keys)}


def count_handed(program_id: UUID, source: str, *, since: datetime) -> dict[str, int]:
    """How many codes of each campaign `source` has handed out since then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT campaign, count(*) FROM coupons_handout WHERE program_id = %s AND source = %s AND handed_at >= %s "
            "GROUP BY campaign",
            [program_id, source, since],
        )
        return dict(cursor.fetchall())
