"""Questions about referrals. The caller has opened the program's transaction."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count
from msgspec import Struct

from wafa.core.referrals.people import canonical_email
from wafa.core.referrals.record import Given, Referral, Source, State, Step, Tally
from wafa.kit.codes import hashes_of
from wafa.kit.paging import Page, read_page
from wafa.kit.secrets import former_hashes, keyed_hash
from wafa.referrals.models import Claim as ClaimRow
from wafa.referrals.models import Code
from wafa.referrals.models import Given as GivenRow
from wafa.referrals.models import Referral as ReferralRow
from wafa.referrals.models import Step as StepRow


class Claim(Struct, frozen=True, kw_only=True):
    """Somebody follows an advocate until then."""

    advocate_id: UUID
    source: Source
    claimed_at: datetime
    until: datetime
    own_browser: bool = False


def who_of(*, email: str = "", phone: str = "") -> str:
    """What names somebody for a claim: their e-mail as its provider reads it, or their phone (E.164)."""
    return f"email {canonical_email(email)}" if email else f"phone {phone}"


def find_claims(program_id: UUID, people: Collection[str]) -> dict[str, list[Claim]]:
    """Everything claimed by these people (`who_of`), the latest first."""
    hashes = {hashed: who for who in people for hashed in (keyed_hash(who), *former_hashes(who))}
    if not hashes:
        return {}
    found: dict[str, list[Claim]] = {}
    rows = ClaimRow.objects.filter(program_id=program_id, who_hash__in=list(hashes)).order_by("-claimed_at", "-id")
    for row in rows:
        claim = msgspec.convert(row, Claim, from_attributes=True)
        found.setdefault(hashes[bytes(row.who_hash)], []).append(claim)
    return found


def count_claims_since(program_id: UUID, advocate_id: UUID, *, source: Source, since: datetime) -> int:
    """How many people followed an advocate by `source` since then."""
    return ClaimRow.objects.filter(
        program_id=program_id, advocate_id=advocate_id, source=source, claimed_at__gte=since
    ).count()


def find_code(program_id: UUID, member_id: UUID) -> str | None:
    """The code that a member tells their friends, the oldest where they have several; None before one was made."""
    codes = Code.objects.filter(program_id=program_id, member_id=member_id).order_by("made_at", "id")
    return codes.values_list("code", flat=True).first()


def find_advocates(program_id: UUID, codes: Collection[str]) -> dict[str, UUID]:
    """Whose codes these are, however they were typed. What is no code of ours is left out."""
    hashes = {hashed: code for code in codes if code for hashed in hashes_of(code)}
    if not hashes:
        return {}
    found = Code.objects.filter(program_id=program_id, code_hash__in=list(hashes))
    return {hashes[bytes(hashed)]: member for hashed, member in found.values_list("code_hash", "member_id")}


# After a merge the id of a code is still that of the member for whom it was made.
_NAMED = " UNION ".join(
    f"SELECT {column} FROM {table} WHERE program_id = %(program)s AND {column} = ANY(%(members)s::uuid[])"
    for table, column in (
        ("referrals_code", "id"),
        ("referrals_code", "member_id"),
        ("referrals_claim", "advocate_id"),
        ("referrals_referral", "advocate_id"),
        ("referrals_referral", "friend_id"),
        ("referrals_given", "member_id"),
    )
)


def list_members_with_referrals(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Those of the members who have a code to tell friends, whom somebody follows, who brought or were brought."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"program": program_id, "members": list(member_ids)})
        return {member_id for (member_id,) in cursor.fetchall()}


def load_given(program_id: UUID, referral_ids: Collection[UUID]) -> dict[UUID, tuple[Given, ...]]:
    """Everything that was ever given for these referrals, the first first."""
    found: dict[UUID, tuple[Given, ...]] = {}
    for given in _given("referral_id = ANY(%s::uuid[])", program_id, list(referral_ids)):
        found[given.referral_id] = (*found.get(given.referral_id, ()), given)
    return found


def load_tallies(program_id: UUID, advocate_ids: Collection[UUID]) -> dict[UUID, Tally]:
    """What these advocates have brought in all. Ask while they are held."""
    advocates = list(advocate_ids)
    claimed: dict[UUID, dict[UUID, datetime]] = {}
    counted: dict[UUID, dict[UUID, datetime]] = {}
    rows = ReferralRow.objects.filter(program_id=program_id, advocate_id__in=advocates)
    for id_, advocate, claimed_at, counted_at in rows.values_list("id", "advocate_id", "claimed_at", "counted_at"):
        claimed.setdefault(advocate, {})[id_] = claimed_at
        if counted_at is not None:
            counted.setdefault(advocate, {})[id_] = counted_at
    milestones: dict[UUID, tuple[Given, ...]] = {}
    standing = "member_id = ANY(%s::uuid[]) AND side = 'milestone' AND taken_back_at IS NULL"
    for given in _given(standing, program_id, advocates):
        milestones[given.member_id] = (*milestones.get(given.member_id, ()), given)
    return {
        advocate: Tally(
            claimed=claimed.get(advocate, {}),
            counted=counted.get(advocate, {}),
            milestones=milestones.get(advocate, ()),
        )
        for advocate in advocates
    }


def find_referrals(program_id: UUID, referral_ids: Collection[UUID]) -> dict[UUID, Referral]:
    """Referrals by their ids, as they are."""
    rows = _rows(
        "SELECT row_to_json(referral)::text FROM referrals_referral AS referral "
        "WHERE program_id = %s AND id = ANY(%s::uuid[])",
        [program_id, list(referral_ids)],
    )
    return {one.id: one for one in (_referral.decode(text) for (text,) in rows)}


def list_brought(program_id: UUID, advocate_id: UUID, *, limit: int) -> list[Referral]:
    """The friends of an advocate, the latest first."""
    return _list("advocate_id = %s", program_id, advocate_id, limit=limit)


def find_bringing(program_id: UUID, friend_id: UUID) -> Referral | None:
    """The referral by which somebody came."""
    return next(iter(_list("friend_id = %s", program_id, friend_id, limit=1)), None)


def list_referrals(
    program_id: UUID, *, states: Collection[State] = (), members: Collection[UUID] | None = None,
    order: str = "-id", cursor: str = "", limit: int = 50,
) -> Page[ReferralRow]:  # fmt: skip
    """A page of the referrals in one of these states, or in any; of some members on either side, or of all.

    Raises BadCursor.
    """
    found = ReferralRow.objects.filter(program_id=program_id)
    if states:
        found = found.filter(state__in=states)
    if members is not None:
        found = found.filter(friend_id__in=members) | found.filter(advocate_id__in=members)
    return read_page(found, order=order, cursor=cursor, limit=limit)


def count_by_state(program_id: UUID) -> dict[str, int]:
    """How many referrals are in each state."""
    counted = ReferralRow.objects.filter(program_id=program_id).values_list("state").annotate(Count("id"))
    return dict(counted.order_by("state"))


def count_in_state(program_id: UUID, state: State) -> int:
    """How many referrals are in a state."""
    return ReferralRow.objects.filter(program_id=program_id, state=state).count()


def count_by_state_of(program_id: UUID, advocate_id: UUID) -> dict[str, int]:
    """How many friends of an advocate are in each state."""
    counted = ReferralRow.objects.filter(program_id=program_id, advocate_id=advocate_id)
    return dict(counted.values_list("state").annotate(Count("id")).order_by("state"))


def list_steps(program_id: UUID, referral_id: UUID) -> list[Step]:
    """The history of a referral, the first step first."""
    rows = StepRow.objects.filter(program_id=program_id, referral_id=referral_id).order_by("place")
    return [msgspec.convert(row, Step, from_attributes=True) for row in rows]


def find_sold_out(program_id: UUID, referral_ids: Collection[UUID]) -> set[UUID]:
    """Those of these referrals for which something was sold out since they last came to count."""
    if not referral_ids:
        return set()
    rows = _rows(
        "SELECT DISTINCT told.referral_id FROM referrals_step AS told "
        "WHERE told.program_id = %s AND told.referral_id = ANY(%s::uuid[]) AND told.kind = 'sold_out' AND NOT EXISTS ("
        "SELECT FROM referrals_step AS later WHERE later.program_id = told.program_id "
        "AND later.referral_id = told.referral_id AND later.kind = 'approved' AND later.place > told.place)",
        [program_id, list(referral_ids)],
    )
    return {referral_id for (referral_id,) in rows}


def export_member(program_id: UUID, member_id: UUID) -> Mapping[str, Any]:
    """All that is kept of a member here: their code, whom they brought and what for, and who brought them."""
    brought = ReferralRow.objects.filter(program_id=program_id, advocate_id=member_id).order_by("claimed_at", "id")
    came = ReferralRow.objects.filter(program_id=program_id, friend_id=member_id)
    given = GivenRow.objects.filter(program_id=program_id, member_id=member_id).order_by("at", "id")
    told = ("source", "claimed_at", "state", "since")
    return {
        "code": find_code(program_id, member_id),
        "brought": list(brought.values(*told)),
        "came_by": list(came.values(*told)),
        "given": list(given.values("side", "at", "unit", "units", "reward", "taken_back_at")),
    }


_referral = msgspec.json.Decoder(Referral)
_given_of = msgspec.json.Decoder(Given)


def _list(condition: str, program_id: UUID, member_id: UUID, *, limit: int) -> list[Referral]:
    rows = _rows(
        "SELECT row_to_json(referral)::text FROM referrals_referral AS referral "
        f"WHERE program_id = %s AND {condition} ORDER BY claimed_at DESC, id DESC LIMIT %s",
        [program_id, member_id, limit],
    )
    return [_referral.decode(text) for (text,) in rows]


def _given(condition: str, program_id: UUID, ids: list[UUID]) -> Iterable[Given]:
    rows = _rows(
        "SELECT row_to_json(given)::text FROM referrals_given AS given "
        f"WHERE program_id = %s AND {condition} ORDER BY at, id",
        [program_id, ids],
    )
    return [_given_of.decode(text) for (text,) in rows]


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
