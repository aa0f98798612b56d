"""Cards of members, which tills scan. The caller has opened the program's transaction."""

from datetime import datetime
from uuid import UUID

from wafa.members.models import Identity, IdentityKind, Member
from wafa.members.plan import normal_card


class CardTaken(Exception):
    """The card is another member's; it stays theirs."""

    def __init__(self, member_id: UUID) -> None:
        super().__init__("this card is another member's")
        self.member_id = member_id


def link_card(program_id: UUID, member_id: UUID, card: str, *, at: datetime) -> None:
    """Let a member be recognised by a card; they may have several. Raises CardTaken, with nothing written."""
    value = normal_card(card)
    identity, _ = Identity.objects.get_or_create(
        program_id=program_id,
        kind=IdentityKind.CARD,
        value=value,
        defaults={"member_id": member_id, "added_at": at},
    )
    if identity.member_id != member_id:
        raise CardTaken(identity.member_id)


def find_member_of_card(program_id: UUID, card: str) -> Member | None:
    """Whose card it is."""
    identity = Identity.objects.filter(program_id=program_id, kind=IdentityKind.CARD, value=normal_card(card))
    found = identity.select_related("member").first()
    return found.member if found else None
