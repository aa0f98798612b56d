"""Questions about members. The caller has opened the program's transaction."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL
from msgspec import Struct

from wafa.core.member import Profile
from wafa.core.snapshots import CustomerRef
from wafa.kit.paging import Page, read_page
from wafa.kit.planner import match_all_at_once
from wafa.members.fold import typed_words
from wafa.members.models import Identity, IdentityKind, Member, MemberState, Word
from wafa.members.plan import Identifier, normal_email, read_person

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
# Greater than every text that begins with what stands before it.
_END = "\U0010ffff"


def get_member(program_id: UUID, member_id: UUID) -> Member:
    """Raises Member.DoesNotExist."""
    return Member.objects.get(program_id=program_id, id=member_id)


def find_members(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Member]:
    """The members with these ids, whatever they are."""
    return {member.id: member for member in Member.objects.filter(program_id=program_id, id__in=member_ids)}


def find_member_of_customer(program_id: UUID, *, store: str, external_id: str) -> Member | None:
    """The member whom a store knows by this id."""
    identity = (
        Identity.objects.filter(program_id=program_id, kind=IdentityKind.STORE_CUSTOMER, value=f"{store}:{external_id}")
        .select_related("member")
        .first()
    )
    return identity.member if identity else None


def load_profiles(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Profile]:
    """What conditions may ask of these members."""
    with connection.cursor() as cursor:
        cursor.execute(_PROFILES, [program_id, list(member_ids)])
        return {member_id: _profile.decode(profile) for member_id, profile in cursor.fetchall()}


_profile = msgspec.json.Decoder(Profile)

_ANSWERS = """FROM members_answer AS answer
        WHERE answer.program_id = member.program_id AND answer.member_id = member.id AND answer.value IS NOT NULL"""

_PROFILES = f"""
SELECT id, json_build_object(
    'locale', locale,
    'joined_at', joined_at,
    'told', array_remove(ARRAY[
        CASE WHEN name <> '' THEN 'name' END, CASE WHEN email <> '' THEN 'email' END,
        CASE WHEN phone <> '' THEN 'phone' END
    ], NULL) || ARRAY(SELECT answer.field {_ANSWERS} ORDER BY answer.field),
    'answers', coalesce((SELECT json_object_agg(answer.field, answer.value) {_ANSWERS}), '{{}}'),
    'lists', ARRAY(
        SELECT segment FROM members_listed AS listed
        WHERE listed.program_id = member.program_id AND listed.member_id = member.id ORDER BY segment
    )
)::text
FROM members_member AS member WHERE program_id = %s AND id = ANY(%s::uuid[])"""


class Contacts(Struct, frozen=True, kw_only=True):
    """Where a member stands, and their e-mails and phones: those by which they are recognised, and the one they gave.

    A phone that they share with another member is recognised as the other's. Whoever is a name of somebody is
    `merged_into` them.
    """

    state: MemberState
    merged_into: UUID | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


_CONTACTS = """
SELECT member.id, json_build_object(
    'state', member.state,
    'merged_into', member.merged_into,
    'emails', array_remove(array_agg(identity.value) FILTER (WHERE identity.kind = %s) || member.email, ''),
    'phones', array_remove(array_agg(identity.value) FILTER (WHERE identity.kind = %s) || member.phone, '')
)::text
FROM members_member AS member LEFT JOIN members_identity AS identity
    ON identity.program_id = member.program_id AND identity.member_id = member.id
WHERE member.program_id = %s AND member.id = ANY(%s::uuid[])
GROUP BY member.id, member.state, member.merged_into, member.email, member.phone"""

_contacts = msgspec.json.Decoder(Contacts)


def load_contacts(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Contacts]:
    """The contacts of these members."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, [IdentityKind.EMAIL, IdentityKind.PHONE, program_id, list(member_ids)])
        return {member_id: _contacts.decode(told) for member_id, told in cursor.fetchall()}


def get_members(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Member]:
    """These members, by their ids."""
    return {member.id: member for member in Member.objects.filter(program_id=program_id, id__in=member_ids)}


def load_names(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these members are called; empty where nobody said."""
    return dict(Member.objects.filter(program_id=program_id, id__in=member_ids).values_list("id", "name"))


def find_members_called(program_id: UUID, names: Collection[str]) -> dict[str, UUID]:
    """Members by what they are called: an e-mail or an id of ours. Whoever is no member is left out."""
    by_email = {normal_email(name): name for name in names}
    emails = Identity.objects.filter(program_id=program_id, kind=IdentityKind.EMAIL, value__in=by_email)
    found = {by_email[email]: member_id for email, member_id in emails.values_list("value", "member_id")}
    ids = {UUID(name): name for name in names if _UUID.fullmatch(name)}
    gone = [MemberState.ERASED, MemberState.MERGED]
    members = Member.objects.filter(program_id=program_id, id__in=ids).exclude(state__in=gone)
    return found | {ids[member_id]: member_id for member_id in members.values_list("id", flat=True)}


def find_members_of_customers(program_id: UUID, customers: Collection[str]) -> dict[str, UUID]:
    """The members of stores' customers, named `<store code>:<its id>`. Whoever is no member is left out."""
    # Asked for every batch of requests, for which the ORM would take longer to write the query than to run it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value, member_id FROM members_identity "
            "WHERE program_id = %s AND kind = %s AND value = ANY(%s::text[])",
            [program_id, IdentityKind.STORE_CUSTOMER, list(customers)],
        )
        return dict(cursor.fetchall())


def list_names_of(program_id: UUID, member_ids: Collection[UUID]) -> list[UUID]:
    """Everybody who was merged into these members."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM members_member WHERE program_id = %s AND merged_into = ANY(%s::uuid[]) ORDER BY id",
            [program_id, list(member_ids)],
        )
        return [member_id for (member_id,) in cursor.fetchall()]


def list_names(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, str]:
    """What staff call these members: their names, or else e-mails or ids. Whoever is unknown is left out."""
    if not member_ids:
        return {}
    found = Member.objects.filter(program_id=program_id, id__in=member_ids).values_list("id", "name", "email")
    return {member_id: name or email or str(member_id) for member_id, name, email in found}


def find_member_by(program_id: UUID, identifiers: Collection[tuple[IdentityKind, str]]) -> UUID | None:
    """The member whom the first of these identities that is known belongs to."""
    for kind, value in identifiers:
        found = Identity.objects.filter(program_id=program_id, kind=kind, value=value)
        if (member_id := found.values_list("member_id", flat=True).first()) is not None:
            return member_id
    return None


def find_known(program_id: UUID, identifiers: Collection[Identifier]) -> dict[Identifier, tuple[UUID, MemberState]]:
    """Whom these identifiers mean, with what they are. Nobody is enrolled by being asked for."""
    if not identifiers:
        return {}
    found = Identity.objects.filter(program_id=program_id, value__in={value for _, value in identifiers})
    told = found.values_list("kind", "value", "member_id", "member__state")
    known = {(IdentityKind(kind), value): (member_id, MemberState(state)) for kind, value, member_id, state in told}
    return {identifier: known[identifier] for identifier in identifiers if identifier in known}


def identifiers_of(store: str, customer: CustomerRef) -> tuple[Identifier, ...]:
    """By what somebody whom a store speaks of is recognised."""
    return read_person(store, customer, _ANY_TIME).identifiers


def is_customer_of(program_id: UUID, member_id: UUID, stores: Collection[str]) -> bool:
    """Whether any of these stores, by their codes, has an account of the member."""
    accounts = Identity.objects.filter(
        program_id=program_id, member_id=member_id, kind=IdentityKind.STORE_CUSTOMER
    ).values_list("value", flat=True)
    return any(account.partition(":")[0] in stores for account in accounts)


def list_identities(program_id: UUID, member_id: UUID) -> list[Identity]:
    """By what a member is recognised."""
    return list(Identity.objects.filter(program_id=program_id, member_id=member_id).order_by("kind", "value"))


def list_members(
    program_id: UUID,
    text: str = "",
    *,
    state: str | None = None,
    among: RawSQL | None = None,
    order: str = "-since",
    cursor: str = "",
    limit: int = 50,
) -> Page[Member]:
    """A page of the members of whose name and e-mail each word of `text` begins some word.

    `among` are the ids of those who are asked about, where it is not all. `order` is since (when they joined, or a
    guest was first seen), search_name, or -since and so on. Raises BadCursor.
    """
    found = matching_members(program_id, text, state=state, among=among)
    return read_page(found, order=order, cursor=cursor, limit=limit)


def list_member_ids(program_id: UUID, *, after: UUID, limit: int) -> list[UUID]:
    """The next members and guests whose ids come after `after`, without those who were merged into others."""
    found = Member.objects.filter(program_id=program_id, id__gt=after, merged_into=None).order_by("id")
    return list(found.values_list("id", flat=True)[:limit])


def count_members(program_id: UUID, text: str = "", *, state: str | None = None, among: RawSQL | None = None) -> int:
    """How many `list_members` would find without a limit."""
    return matching_members(program_id, text, state=state, among=among).count()


def count_members_by_state(program_id: UUID, *, among: RawSQL | None = None) -> dict[MemberState, int]:
    """How many members, of all or among those with some ids, are in each state; every state is there."""
    found = matching_members(program_id, "", among=among)
    counted = found.values_list("state").annotate(Count("id")).order_by("state")
    return dict.fromkeys(MemberState, 0) | {MemberState(state): count for state, count in counted}


def matching_members(
    program_id: UUID, text: str, *, state: str | None = None, among: RawSQL | None = None
) -> QuerySet[Member]:
    """Members of whose name and e-mail each word of `text` begins some word."""
    found = Member.objects.filter(program_id=program_id)
    if among is not None:
        match_all_at_once()
        found = found.filter(id__in=among)
    if state is not None:
        found = found.filter(state=state)
    for typed in typed_words(text):
        # A range and not LIKE, which row-level security keeps away from indexes.
        beginning = Word.objects.filter(program_id=program_id, word__gte=typed, word__lt=typed + _END)
        found = found.filter(id__in=beginning.values("member_id"))
    return found
