"""Writes to vouchers: handing out codes, and using each of them once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.codes import hash_of, hashes_of, new_code
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.rewards.models import Voucher


class NewVoucher(Struct, frozen=True, kw_only=True):
    """A voucher to be handed out. It gets a new code, unless it has the `code` of a partner, who alone takes it."""

    redemption_id: UUID
    valid_until: datetime | None
    code: str | None = None


class _Row(Struct, gc=False):
    redemption_id: UUID
    code: str
    code_hash: bytes
    valid_until: datetime | None


# Without a named arbiter: what is there already is passed over, and the caller draws another code.
_PUT = f"""
INSERT INTO rewards_voucher (program_id, issued_at, used_on, {columns_of(_Row)})
SELECT %s, %s, '', {columns_of(_Row)} FROM {table_of(_Row, name="told")} ORDER BY code_hash
ON CONFLICT DO NOTHING RETURNING redemption_id, code"""


def put_vouchers(program_id: UUID, vouchers: Sequence[NewVoucher], *, at: datetime) -> dict[UUID, str]:
    """Hand out vouchers. Returns their codes by redemption; the unique index says which codes are there already."""
    codes: dict[UUID, str] = {}
    missing = list(vouchers)
    while missing:
        drawn = [(one, one.code or new_code()) for one in missing]
        rows = [_Row(one.redemption_id, code, _hash(one, code), one.valid_until) for one, code in drawn]
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [program_id, at, *as_columns(_Row, rows)])
            codes |= dict(cursor.fetchall())
        missing = [one for one in missing if one.redemption_id not in codes]
    return codes


def _hash(voucher: NewVoucher, code: str) -> bytes:
    # Two partners may have the same code, and neither is looked up with us.
    return hash_of(f"{voucher.redemption_id} {code}") if voucher.code else hash_of(code)


def find_vouchers(program_id: UUID, redemption_ids: Sequence[UUID]) -> dict[UUID, Voucher]:
    """The vouchers of redemptions that were issued."""
    found = Voucher.objects.filter(program_id=program_id, redemption_id__in=redemption_ids)
    return {voucher.redemption_id: voucher for voucher in found}


def find_by_codes(program_id: UUID, codes: Sequence[str]) -> dict[str, UUID]:
    """The redemptions whose vouchers have these codes, however they were typed."""
    hashes = {code: hashes_of(code) for code in codes}
    asked = {hashed for listed in hashes.values() for hashed in listed}
    found = Voucher.objects.filter(program_id=program_id, code_hash__in=list(asked))
    redemptions = {bytes(hashed): one for hashed, one in found.values_list("code_hash", "redemption_id")}
    named = {code: [redemptions[one] for one in listed if one in redemptions] for code, listed in hashes.items()}
    return {code: listed[0] for code, listed in named.items() if listed}


def mark_used(program_id: UUID, used_on: Mapping[UUID, str], *, at: datetime) -> None:
    """Write down where vouchers were used, by redemption. The caller holds the redemptions."""
    if used_on:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rewards_voucher AS voucher SET used_at = %s, used_on = told.used_on "
                "FROM unnest(%s::uuid[], %s::text[]) AS told (redemption_id, used_on) "
                "WHERE voucher.program_id = %s AND voucher.redemption_id = told.redemption_id",
                [at, list(used_on), list(used_on.values()), program_id],
            )


def mark_unused(program_id: UUID, redemption_ids: Sequence[UUID]) -> None:
    """Take back that vouchers were used. The caller holds the redemptions."""
    if redemption_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rewards_voucher SET used_at = NULL, used_on = '' "
                "WHERE program_id = %s AND redemption_id = ANY(%s::uuid[])",
                [program_id, list(redemption_ids)],
            )
