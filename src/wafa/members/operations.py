"""Writes to members. The caller has opened the program's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct
from msgspec.structs import replace

from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import in_order, new_id
from wafa.kit.rows import as_column, as_columns, columns_of, table_of
from wafa.members.details import insert_members, remove_members, update_details
from wafa.members.models import IdentityKind, Listed, MemberState
from wafa.members.plan import Details, Identifier, Known, Person, Plan, normal_email, plan, read_person

Told = tuple[str, CustomerRef, datetime]
"""A store's code, who the store says somebody is, and as of when (UTC) it says so."""

# Each round settles at least one identity that another transaction was first with, and few people share any.
_ROUNDS = 10


class Resolved(Struct, frozen=True, kw_only=True):
    """Who a store means. `newly_joined` was a guest until now, so what waited for them can be claimed. `signs_up`
    is a member from now on, known before or not.

    `contested` are identities the store gave that belong to other members, and stay there: (kind, value, whose).
    `is_new` says that nobody had told of them before.
    """

    member_id: UUID
    joined: bool
    is_new: bool = False
    newly_joined: bool = False
    signs_up: bool = False
    contested: tuple[tuple[str, str, UUID], ...] = ()


def resolve_members(
    program_id: UUID, people: Sequence[Told], *, joins_automatically: bool, at: datetime
) -> list[Resolved | None]:
    """Find or enrol people, in order.

    None stands for somebody without an account, an e-mail or a phone. With `joins_automatically` a store account makes
    a member, and a member of a guest; whoever has none is a guest. Name, e-mail, phone and locale follow what a store
    account says later. Where all are known and nothing changed this is one query.
    """
    told = [read_person(*person) for person in people]
    return _resolve(program_id, told, joins_automatically=joins_automatically, at=at)


def enroll_past_members(
    program_id: UUID, people: Sequence[tuple[Told, datetime]], *, at: datetime
) -> list[Resolved | None]:
    """Find or enrol people of an imported history, each with when they joined elsewhere (UTC), in order.

    All of them are members from then on. To who somebody is that is known already, nothing is added.
    """
    told = [replace(read_person(*person), joined_at=joined_at) for person, joined_at in people]
    return _resolve(program_id, told, joins_automatically=False, at=at)


def _resolve(
    program_id: UUID, told: Sequence[Person], *, joins_automatically: bool, at: datetime
) -> list[Resolved | None]:
    for _ in range(_ROUNDS):
        made = plan(told, _recall(program_id, told), joins_automatically=joins_automatically)
        if _write(program_id, made, at=at):
            break
    else:
        raise RuntimeError("members could not be resolved: others enrolled the same people again and again")
    known = [member for member in made.members if member is not None and not member.is_new]
    _join(program_id, [member.member_id for member in _each(member for member in known if member.joins)], at=at)
    update_details(program_id, _each(member for member in known if member.follows))
    return [_resolved(member, others) for member, others in zip(made.members, made.contested, strict=True)]


def _resolved(member: Known | None, contested: Mapping[Identifier, UUID]) -> Resolved | None:
    if member is None:
        return None
    return Resolved(
        member_id=member.member_id,
        joined=member.state is not MemberState.GUEST,
        is_new=member.is_new,
        newly_joined=member.joins and not member.is_new,
        signs_up=member.joins,
        contested=tuple([(kind.value, value, whose) for (kind, value), whose in contested.items()]),
    )


def _each(members: Iterable[Known]) -> list[Known]:
    """Each of them once, in the order of ids."""
    by_id = {member.member_id: member for member in members}
    return [by_id[member_id] for member_id in in_order(by_id)]


# Each member is looked up by the key: `=` would let a join read all of a program, where statistics are older than it.
_LOAD = """
SELECT identity.kind, identity.value, member.id, member.state, member.name, member.email, member.phone, member.locale,
    member.told_at::text
FROM members_identity AS identity
JOIN members_member AS member ON member.program_id = %s AND member.id = ANY(ARRAY[identity.member_id])
WHERE identity.program_id = %s AND identity.kind = ANY(%s::text[]) AND identity.value = ANY(%s::text[])"""


def _recall(program_id: UUID, told: Sequence[Person]) -> dict[Identifier, Known]:
    """Whom the identifiers mean. An e-mail that stands with the member of an account is theirs, and not looked up."""
    members: dict[UUID, Known] = {}
    vouched = {p.identifiers[1]: p.identifiers[0] for p in told if p.has_account and p.details.email}
    known = _load(program_id, {i for person in told for i in person.identifiers if i not in vouched}, members)
    for email, account in vouched.items():
        member = known.get(account)
        if member is not None and normal_email(member.details.email) == email[1]:
            known[email] = member
    return known | _load(program_id, vouched.keys() - known.keys(), members)


_KINDS = {kind.value: kind for kind in IdentityKind}
_STATES = {state.value: state for state in MemberState}


def _load(program_id: UUID, wanted: Collection[Identifier], members: dict[UUID, Known]) -> dict[Identifier, Known]:
    """The members by those identifiers that are known; each of `members` stays one, however often it is met."""
    if not wanted:
        return {}
    kinds, values = (as_column(sorted(set(column)), str) for column in zip(*wanted, strict=True))
    known: dict[Identifier, Known] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [program_id, program_id, kinds, values])
        for kind, value, member_id, state, name, email, phone, locale, told_at in cursor.fetchall():
            member = members.get(member_id)
            if member is None:
                details = Details(name=name, email=email, phone=phone, locale=locale)
                # The driver takes ten times as long to read a time.
                told = told_at and datetime.fromisoformat(told_at)
                member = members[member_id] = Known(member_id, _STATES[state], details, told)
            known[_KINDS[kind], value] = member
    return known


class _IdentityRow(Struct):
    id: UUID
    kind: str
    value: str
    member_id: UUID


# In the order of identities, so that two batches with people in common wait for each other and never in a circle.
_INSERT_IDENTITIES = f"""
INSERT INTO members_identity (program_id, added_at, {columns_of(_IdentityRow)})
SELECT %s, %s, {columns_of(_IdentityRow)} FROM {table_of(_IdentityRow, name="told")} ORDER BY kind, value
ON CONFLICT (program_id, kind, value) DO NOTHING"""


def _write(program_id: UUID, made: Plan, *, at: datetime) -> bool:
    """Write what a plan adds; nothing, and False, where another transaction was first with one of its identities."""
    new = _each(member for member in made.members if member is not None and member.is_new)
    added = [_IdentityRow(new_id(), kind.value, value, member_id) for (kind, value), member_id in made.added.items()]
    insert_members(program_id, new, at=at)
    if not added:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_IDENTITIES, [program_id, at, *as_columns(_IdentityRow, added)])
        if cursor.rowcount == len(added):
            return True
        # The keys stay locked until the transaction ends, so the next round meets nobody new at them.
        ids = [row.id for row in added]
        cursor.execute("DELETE FROM members_identity WHERE program_id = %s AND id = ANY(%s::uuid[])", [program_id, ids])
    remove_members(program_id, new)
    return False


# Whoever forgets or merges members holds these rows for themselves, and is waited for.
_THERE = """
SELECT id FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[]) AND state NOT IN ('merged', 'erased')
ORDER BY id FOR KEY SHARE"""


def keep_there(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Keep members from being forgotten or merged into others until the transaction ends. Returns those who are there.

    For whoever writes down something of members whom they do not hold.
    """
    if not member_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [program_id, sorted(member_ids)])
        return {member_id for (member_id,) in cursor.fetchall()}


def take_away(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Wait for all who keep these members there, and let nobody do so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE",
            [program_id, sorted(member_ids)],
        )


_LIST = """
INSERT INTO members_listed (program_id, segment, member_id, added_at)
SELECT %s, %s, member_id, %s FROM unnest(%s::uuid[]) AS member_id ON CONFLICT DO NOTHING"""


def add_to_list(program_id: UUID, segment: str, member_ids: Collection[UUID], *, at: datetime) -> int:
    """Put members on the list of a segment; returns how many were not on it."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [program_id, segment, at, sorted(keep_there(program_id, member_ids))])
        return int(cursor.rowcount)


def remove_from_list(program_id: UUID, segment: str, member_ids: Collection[UUID]) -> int:
    """Take members off the list of a segment; returns how many were on it."""
    gone, _ = Listed.objects.filter(program_id=program_id, segment=segment, member_id__in=member_ids).delete()
    return gone


def _join(program_id: UUID, member_ids: list[UUID], *, at: datetime) -> None:
    if member_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_member SET state = %s, joined_at = %s "
                "WHERE program_id = %s AND id = ANY(%s::uuid[]) AND state = %s",
                [MemberState.MEMBER, at, program_id, member_ids, MemberState.GUEST],
            )
