"""Forget a member: personal data goes from every table, and the books stay under a pseudonym, the member's id."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from wafa.activities.operations import erase_activities, erase_orders, lock_orders_of
from wafa.activities.queries import list_order_keys
from wafa.connectors.contract import CannotUnderstand, Delivery, Fact
from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.core.ids import caused_id
from wafa.coupons.erasing import erase_handouts
from wafa.flows.announce import Announcement, announce
from wafa.imports.moving import erase_files
from wafa.ledger.queries import lock_members
from wafa.members.erasures import forget_members
from wafa.members.models import IdentityKind, Member, MemberState
from wafa.members.plan import Identifier, identify
from wafa.members.queries import find_members, list_identities, list_names_of
from wafa.programs.queries import list_stores, read_store_facts
from wafa.referrals.operations import forget_advocates
from wafa.relay.erasing import KeptBody, erase_bodies, erase_payloads, list_kept_bodies
from wafa.rewards.gifts import erase_gift_notes
from wafa.rewards.redemptions import erase_notes


class CannotErase(Exception):
    """Why not; nothing was written."""


class _Eraser(Protocol):
    def __call__(self, program_id: UUID, member_ids: Collection[UUID]) -> None: ...


# Every room that keeps what somebody said or wrote of members has its step here.
_STEPS: tuple[_Eraser, ...] = (
    erase_orders,
    erase_activities,
    erase_notes,
    erase_gift_notes,
    erase_handouts,
    forget_advocates,
)


def erase_member(program_id: UUID, member_id: UUID, *, by: str, at: datetime) -> None:
    """Erase a member or a guest, with all who were merged into them. It cannot be undone. Raises CannotErase.

    Whatever a store tells later of an order of theirs is settled in their books, and says no more whose it is. Whom a
    store tells of anew is somebody new.
    """
    names = list_names_of(program_id, member_id)
    everyone = [member_id, *names]
    for one in everyone:
        lock_orders_of(program_id, one)
    lock_members(program_id, everyone)
    member = find_members(program_id, [member_id]).get(member_id)
    _check(member)
    known = [identity for one in everyone for identity in list_identities(program_id, one)]
    identities = frozenset((IdentityKind(identity.kind), identity.value) for identity in known)
    orders = frozenset(list_order_keys(program_id, everyone))
    erase_bodies(program_id, _Looker(program_id, identities, orders).find(), at=at)
    texts = [value for kind, value in identities if kind in _TELLING]
    erase_payloads(program_id, texts)
    erase_files(program_id, texts)
    for step in _STEPS:
        step(program_id, everyone)
    forget_members(program_id, member_id, names, by=by, at=at)
    told = Announcement(
        id=caused_id(f"member.erased:{member_id}", at=at),
        type="member.erased",
        occurred_at=at,
        told={"member": member_id},
    )
    announce(program_id, [told], at=at)


_TELLING = (IdentityKind.EMAIL, IdentityKind.PHONE)
"""Those that tell by themselves who somebody is."""

_CHUNK = 500


def _check(member: Member | None) -> None:
    if member is None or member.state == MemberState.ERASED:
        raise CannotErase("member: nobody has this id")
    if member.state == MemberState.MERGED:
        raise CannotErase(f"member: expected {member.merged_into}, into whom this one was merged")


class _Looker:
    """Looks for deliveries that name one of these identities or orders, as we read them or as they are written."""

    def __init__(
        self, program_id: UUID, identities: frozenset[Identifier], orders: frozenset[tuple[UUID, str]]
    ) -> None:
        self._program_id = program_id
        self._identities = identities
        self._orders = orders
        self._texts = [value.lower().encode() for kind, value in identities if kind in _TELLING]
        self._stores = {store.id: (store.connector, read_store_facts(store)) for store in list_stores(program_id)}

    def find(self) -> list[UUID]:
        """The deliveries whose bytes are still there, and are about them."""
        found: list[UUID] = []
        after = UUID(int=0)
        while bodies := list_kept_bodies(self._program_id, after=after, limit=_CHUNK):
            found += [body.delivery_id for body in bodies if self._speaks(body)]
            after = bodies[-1].delivery_id
        return found

    def _speaks(self, kept: KeptBody) -> bool:
        written = kept.body.lower()
        if any(text in written for text in self._texts):
            return True
        if kept.store_id not in self._stores:
            return False
        connector, store = self._stores[kept.store_id]
        try:
            facts = get_connector(connector).translate(Delivery(kept.headers, kept.body, kept.received_at), store)
        except (CannotUnderstand, UnknownConnector):
            return False
        return any(self._is_about(fact, kept.store_id, store.code) for fact in facts)

    def _is_about(self, fact: Fact, store_id: UUID, store: str) -> bool:
        if (store_id, getattr(fact, "external_id", "")) in self._orders:
            return True
        customer = getattr(fact, "customer", None)
        return customer is not None and not self._identities.isdisjoint(identify(store, customer))
