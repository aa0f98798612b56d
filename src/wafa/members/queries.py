"""Questions about members. The caller has opened the program's transaction."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from wafa.members.fold import fold
from wafa.members.models import Identity, IdentityKind, Member, MemberState

# Greater than every text that begins with what stands before it.
_END = "\U0010ffff"


def get_member(program_id: UUID, member_id: UUID) -> Member:
    """Raises Member.DoesNotExist."""
    return Member.objects.get(program_id=program_id, id=member_id)


def find_member_of_customer(program_id: UUID, *, store: str, external_id: str) -> Member | None:
    """The member whom a store knows by this id."""
    identity = (
        Identity.objects.filter(program_id=program_id, kind=IdentityKind.STORE_CUSTOMER, value=f"{store}:{external_id}")
        .select_related("member")
        .first()
    )
    return identity.member if identity else None


def list_identities(program_id: UUID, member_id: UUID) -> list[Identity]:
    """By what a member is recognised."""
    return list(Identity.objects.filter(program_id=program_id, member_id=member_id).order_by("kind", "value"))


def list_guests(program_id: UUID, member_ids: Collection[UUID]) -> list[UUID]:
    """Which of these have not joined."""
    guests = Member.objects.filter(program_id=program_id, id__in=member_ids, state=MemberState.GUEST)
    return list(guests.order_by("id").values_list("id", flat=True))


def search_members(
    program_id: UUID, text: str = "", *, state: str | None = None, after: UUID | None = None, limit: int = 50
) -> list[Member]:
    """Members whose name or e-mail begins with `text`, newest first. `after` is the id of the last one seen."""
    found = _matching(program_id, text, state)
    if after is not None:
        found = found.filter(id__lt=after)
    return list(found.order_by("-id")[:limit])


def count_members(program_id: UUID, text: str = "", *, state: str | None = None) -> int:
    """How many `search_members` would find without a limit."""
    return _matching(program_id, text, state).count()


def _matching(program_id: UUID, text: str, state: str | None) -> QuerySet[Member]:
    found = Member.objects.filter(program_id=program_id)
    if state is not None:
        found = found.filter(state=state)
    if begins := fold(text):
        # Ranges and not LIKE, which row-level security keeps away from indexes.
        found = found.filter(
            Q(search_name__gte=begins, search_name__lt=begins + _END)
            | Q(search_email__gte=begins, search_email__lt=begins + _END)
        )
    return found
