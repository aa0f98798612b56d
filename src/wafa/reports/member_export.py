"""All that is kept of a member, as one document that a machine reads: docs/member-export.md says what is in it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from wafa.activities.models import Activity, Order
from wafa.coupons.models import Handout, Use
from wafa.imports.models import Row
from wafa.ledger.queries import list_balances, list_lots, statement
from wafa.members.models import (
    Answer,
    Appointment,
    Birthday,
    Consent,
    Identity,
    Listed,
    Merge,
    Qualifying,
    Suspension,
    TierStanding,
)
from wafa.members.queries import get_member, list_names_of
from wafa.programs.queries import get_program_rules
from wafa.referrals.models import Code, Given
from wafa.rewards.models import Gift, Redemption
from wafa.rewards.vouchers import find_vouchers

FORMAT = "wafa.member/1"
_LINES = 10_000

# Every room that keeps rows of members is here: the name in the document, and the table.
_ROWS = {
    "identities": Identity,
    "lists": Listed,
    "birthdays": Birthday,
    "answers": Answer,
    "suspensions": Suspension,
    "consents": Consent,
    "tier_standings": TierStanding,
    "tier_appointments": Appointment,
    "tier_entries": Qualifying,
    "orders": Order,
    "activities": Activity,
    "redemptions": Redemption,
    "gifts": Gift,
    "coupons_handed_out": Handout,
    "coupons_used": Use,
    "imported_rows": Row,
    "referral_codes": Code,
    "given_for_referrals": Given,
}


def export_member(program_id: UUID, member_id: UUID) -> dict[str, Any]:
    """The document of a member, and of those who were merged into them. Raises Member.DoesNotExist."""
    member = get_member(program_id, member_id)
    members = [member.id, *list_names_of(program_id, [member.id])]
    named = {name: _rows(program_id, table, members) for name, table in _ROWS.items()}
    vouchers = find_vouchers(program_id, [row["id"] for row in named["redemptions"]])
    for row in named["redemptions"]:
        row["code"] = vouchers[row["id"]].code if row["id"] in vouchers else None
    units = sorted(get_program_rules(program_id).unit_codes)
    document = {
        "format": FORMAT,
        "member": _row(member),
        "merged_members": [_row(get_member(program_id, one)) for one in members[1:]],
        "merges": _plain(Merge.objects.filter(program_id=program_id, survivor_id__in=members).order_by("at", "id")),
        **named,
        "balances": list_balances(program_id, members).get(member.id, {}),
        "lots": list_lots(program_id, member.id),
        "statements": [
            {"member_id": one, "unit": unit, "lines": lines}
            for one in members
            for unit in units
            if (lines := statement(program_id, one, unit, limit=_LINES))
        ],
    }
    builtins: dict[str, Any] = msgspec.to_builtins(document)
    return builtins


def write_export(document: dict[str, Any]) -> bytes:
    """The document as UTF-8 JSON, indented for whoever looks into it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _rows(program_id: UUID, table: Any, members: list[UUID]) -> list[dict[str, Any]]:
    return _plain(table.objects.filter(program_id=program_id, member_id__in=members).order_by("pk"))


def _plain(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


# Who of the staff did something is theirs, and not the member's.
_LEFT_OUT = ("program_id", "search_name", "by", "lifted_by", "undone_by")


def _row(row: Any) -> dict[str, Any]:
    """The columns of a row by their names."""
    return {
        field.column: getattr(row, field.column)
        for field in row._meta.concrete_fields
        if field.column is not None and field.column not in _LEFT_OUT
    }
