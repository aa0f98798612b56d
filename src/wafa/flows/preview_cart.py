"""What a customer's cart would earn: loads and decides as booking does, and applies nothing."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.member import STRANGER, Profile
from wafa.core.preview import Preview, preview
from wafa.core.program import Program
from wafa.core.snapshots import CustomerRef, OrderSnapshot
from wafa.core.standing import Standing
from wafa.core.tiers.record import TierRecord
from wafa.flows.know_members import with_past
from wafa.flows.qualify_members import with_tiers
from wafa.ledger.budgets import read_spent
from wafa.ledger.queries import load_standings
from wafa.members.queries import find_member_of_customer

_NOBODY = UUID(int=0)


def preview_cart(program_id: UUID, program: Program, cart: OrderSnapshot, *, store: str, at: datetime) -> Preview:
    """What the cart would earn for whom it names if it were paid `at`. Raises MissingRate and OutsideCalendar.

    A customer whom nobody knows yet is a new member where they have an account in the store, else a guest.
    """
    account = cart.customer.external_id if cart.customer else None
    member = find_member_of_customer(program_id, store=store, external_id=account) if account else None
    standing = Standing(
        member_id=_NOBODY,
        joined=account is not None,
        profile=_stranger(cart.customer, at=at),
        tiers=TierRecord(joined_at=at if account else None) if program.has_tiers else None,
    )
    if member is not None:
        standings = load_standings(
            program_id, [member.id], lock=False, with_lots=program.has_tiers, limited_rules=program.limited_rules
        )
        if program.asks_about_members:
            standings = with_past(program_id, standings)
        standing = with_tiers(program_id, program, standings, lock=False)[member.id]
    standing = replace(standing, spent=read_spent(program_id, dict(program.budgets(at))))
    return preview(program, standing, cart, store=store, at=at)


def _stranger(customer: CustomerRef | None, *, at: datetime) -> Profile:
    """What would be known of somebody who is new: what the cart says."""
    if customer is None:
        return STRANGER
    told = tuple(name for name in ("name", "email", "phone") if getattr(customer, name))
    return Profile(locale=customer.locale or "", told=told, joined_at=at if customer.external_id is not None else None)
