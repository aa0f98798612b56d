"""Deciding who is who: pure, on what is known of the identities of a batch.

A store's account says most, then an e-mail, then a phone. An identity never moves from one member to another.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import new_id
from wafa.members.models import IdentityKind, MemberState

Identifier = tuple[IdentityKind, str]


class Person(Struct, frozen=True):
    """Somebody a store speaks of: what identifies them, and the rest of what it says."""

    identifiers: tuple[Identifier, ...]
    has_account: bool
    ref: CustomerRef


class Known(Struct):
    """A member who is in the tables, or will be."""

    member_id: UUID
    state: MemberState
    email: str
    ref: CustomerRef
    is_new: bool = False
    joins: bool = False


class Plan(Struct):
    """Who each person is, by position, which identities are somebody else's (`contested`), and which are `added`."""

    members: list[Known | None]
    contested: list[tuple[Identifier, ...]]
    added: dict[Identifier, UUID]


def read_person(store: str, ref: CustomerRef) -> Person:
    """The identities by which `store` knows somebody, the one that says most first."""
    told = (
        (IdentityKind.STORE_CUSTOMER, f"{store}:{ref.external_id}" if ref.external_id else ""),
        (IdentityKind.EMAIL, normal_email(ref.email or "")),
        (IdentityKind.PHONE, ref.phone or ""),
    )
    return Person(tuple((kind, value) for kind, value in told if value), bool(ref.external_id), ref)


def normal_email(text: str) -> str:
    """An e-mail as it is compared: most providers read it without regard to case, and so do stores."""
    return text.strip().lower()


def plan(people: Sequence[Person], known: Mapping[Identifier, Known], *, joins_automatically: bool) -> Plan:
    """Decide each person in order; whoever comes first is known to those after. Who joins, joins in `known`."""
    found = dict(known)
    made = Plan(members=[], contested=[], added={})
    for person in people:
        member = _recognise(person, found)
        if member is None and person.identifiers:
            member = Known(new_id(), MemberState.GUEST, _email(person), person.ref, is_new=True)
        made.members.append(member)
        if member is None:
            made.contested.append(())
            continue
        if member.state is MemberState.GUEST and person.has_account and joins_automatically:
            member.state, member.joins = MemberState.MEMBER, True
        made.contested.append(tuple(_belonging_to_others(person, member, found)))
        for identifier in person.identifiers:
            if identifier not in found:
                found[identifier] = member
                made.added[identifier] = member.member_id
    return made


def _recognise(person: Person, found: Mapping[Identifier, Known]) -> Known | None:
    for identifier in person.identifiers:
        member = found.get(identifier)
        if member is None:
            continue
        # A phone is shared in a family: it speaks for its owner only where no e-mail speaks against it.
        if identifier[0] is IdentityKind.PHONE and _email(person) and member.email:
            continue
        return member
    return None


def _belonging_to_others(person: Person, member: Known, found: Mapping[Identifier, Known]) -> Iterable[Identifier]:
    for identifier in person.identifiers:
        owner = found.get(identifier)
        if owner is not None and owner.member_id != member.member_id:
            yield identifier


def _email(person: Person) -> str:
    return normal_email(person.ref.email or "")
