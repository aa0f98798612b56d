"""What a member has of coupons, and used, becomes another's: they turned out to be one person."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from wafa.coupons.counts import hold_tallies, name_of_member, save_tallies
from wafa.coupons.models import Use, UseState
from wafa.kit.moving import move_rows


def move_handouts(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let codes that were handed to one member be another's."""
    return move_rows("coupons_handout", program_id, sender=sender, recipient=recipient, only=only, key="code_id")


def move_uses(program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None) -> list[UUID]:
    """Let uses of coupons be another member's, and count for their limits."""
    moved = move_rows("coupons_use", program_id, sender=sender, recipient=recipient, only=only)
    before, after = name_of_member(sender), name_of_member(recipient)
    uses = Use.objects.filter(program_id=program_id, id__in=moved, who=before)
    counted = Counter(uses.filter(state=UseState.USED, beyond="").values_list("campaign", flat=True))
    uses.update(who=after)
    tallies = hold_tallies(program_id, {(campaign, who) for campaign in counted for who in (before, after)})
    change = {before: -1, after: 1}
    save_tallies(
        program_id,
        {one: max(used + change[one[1]] * counted[one[0]], 0) for one, used in tallies.items()},
    )
    return moved
