"""Deciding who is who: pure, on what is known of the identities of a batch.

A store's account says most, then an e-mail, then a phone. An identity never moves here: staff
who merge two members move it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import new_id
from wafa.members.models import IdentityKind, MemberState

Identifier = tuple[IdentityKind, str]


class Details(Struct, frozen=True, kw_only=True):
    """What staff and messages call a member by; empty where nobody said."""

    name: str
    email: str
    phone: str
    locale: str


class Person(Struct, frozen=True, kw_only=True):
    """Somebody a store speaks of: what identifies them, and what it says `as_of` when.

    `joined_at` is there where an imported history speaks: that is when they joined elsewhere, so they are members.
    """

    identifiers: tuple[Identifier, ...]
    has_account: bool
    details: Details
    as_of: datetime
    joined_at: datetime | None = None


class Known(Struct):
    """A member who is in the tables, or will be. `told_at` is when a store account told the details; None: never.

    `joins` and `follows` say what this batch changes: a guest becomes a member, the details become what was told.
    `joined_at` is when they joined, where that was before they came here.
    """

    member_id: UUID
    state: MemberState
    details: Details
    told_at: datetime | None
    is_new: bool = False
    joins: bool = False
    follows: bool = False
    joined_at: datetime | None = None


class Plan(Struct):
    """Who each person is, by position, which identities are whose else (`contested`), and which are `added`."""

    members: list[Known | None]
    contested: list[Mapping[Identifier, UUID]]
    added: dict[Identifier, UUID]


def read_person(store: str, ref: CustomerRef, as_of: datetime) -> Person:
    """The identities by which `store` knows somebody, the one that says most first."""
    email = (ref.email or "").strip()
    return Person(
        identifiers=identify(store, ref),
        has_account=bool(ref.external_id),
        details=Details(name=ref.name.strip(), email=email, phone=ref.phone or "", locale=ref.locale or ""),
        as_of=as_of,
    )


def identify(store: str, ref: CustomerRef) -> tuple[Identifier, ...]:
    """By what a store knows somebody, what says most first."""
    told: list[Identifier] = []
    if ref.external_id:
        told.append((IdentityKind.STORE_CUSTOMER, f"{store}:{ref.external_id}"))
    if email := normal_email(ref.email or ""):
        told.append((IdentityKind.EMAIL, email))
    if ref.phone:
        told.append((IdentityKind.PHONE, ref.phone))
    if ref.card and (card := normal_card(ref.card)):
        told.append((IdentityKind.CARD, card))
    return tuple(told)


def normal_card(text: str) -> str:
    """A card's number as it is compared, however it was scanned or typed."""
    return "".join(text.split()).upper()


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
            member = Known(new_id(), MemberState.GUEST, person.details, None, is_new=True, joined_at=person.joined_at)
        made.members.append(member)
        if member is None:
            made.contested.append({})
            continue
        joins = person.joined_at is not None or (person.has_account and joins_automatically)
        if member.state is MemberState.GUEST and joins:
            member.state, member.joins = MemberState.MEMBER, True
        if person.joined_at is not None and not member.is_new:
            # A history adds nothing to who somebody is whom stores know: what they say stands, and it can be undone.
            made.contested.append({})
            continue
        contested = _belonging_to_others(person, member, found)
        made.contested.append(contested)
        _follow(member, person, contested)
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
        if identifier[0] is IdentityKind.PHONE and person.details.email and member.details.email:
            continue
        return member
    return None


def _belonging_to_others(person: Person, member: Known, found: Mapping[Identifier, Known]) -> Mapping[Identifier, UUID]:
    owners = [(identifier, found.get(identifier)) for identifier in person.identifiers]
    return {identifier: owner.member_id for identifier, owner in owners if owner is not None and owner is not member}


def _follow(member: Known, person: Person, contested: Collection[Identifier]) -> None:
    """Take over what a store says of its account, unless later words are known. What it leaves out stays as it was.

    Anybody can type somebody's e-mail at a checkout, so a guest's order changes nothing. An e-mail that is contested
    stays with its member; a phone may be shared.
    """
    is_old = member.told_at is not None and person.as_of < member.told_at
    if is_old or not person.has_account or member.state is MemberState.ERASED:
        return
    told, known = person.details, member.details
    takes_email = told.email and (IdentityKind.EMAIL, normal_email(told.email)) not in contested
    details = Details(
        name=told.name or known.name,
        email=told.email if takes_email else known.email,
        phone=told.phone or known.phone,
        locale=told.locale or known.locale,
    )
    member.told_at = person.as_of
    if details != known:
        member.details, member.follows = details, True
