"""Tell members which units they could exchange for which, and how many. Nothing is written."""

from datetime import datetime
from uuid import UUID

from wafa.core.convert import Convertible, convertible
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules


def offer_conversions(program_id: UUID, member_id: UUID, *, at: datetime) -> list[Convertible]:
    """Every conversion of the version in force that members may make themselves. Guests and strangers have none."""
    version = get_program_rules(program_id).in_force(at)
    offered = [one for one in version.spec.conversions if one.on_page] if version else []
    if not offered:
        return []
    standing = load_standings(program_id, [member_id], lock=False, with_lots=True).get(member_id)
    if standing is None or not standing.joined:
        return []
    return [Convertible(conversion=one, most_units=convertible(standing, one, at=at)) for one in offered]
