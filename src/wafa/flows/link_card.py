"""Hand a card to a member, so that tills recognise them."""

from datetime import datetime
from uuid import UUID

from wafa.ledger.queries import lock_members
from wafa.members.cards import CardTaken, link_card
from wafa.members.likenesses import notice_likenesses
from wafa.members.models import IdentityKind


def hand_card(program_id: UUID, member_id: UUID, card: str, *, at: datetime) -> bool:
    """Link a card. False where it is another member's: it stays theirs, and staff are shown that the two may be one."""
    lock_members(program_id, [member_id])
    try:
        link_card(program_id, member_id, card, at=at)
    except CardTaken as taken:
        notice_likenesses(program_id, [(member_id, taken.member_id, IdentityKind.CARD.value)], at=at)
        return False
    return True
