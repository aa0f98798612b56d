"""The rewards of the version in force, as they stand for the member who looks."""

from uuid import UUID

from wafa.core.program import Program
from wafa.flows.offer_rewards import Asker, offer_rewards
from wafa.reports.offers import OfferTold, tell_offers
from wafa.storefront.visit import Visit


def list_offers(visit: Visit, member_id: UUID, program: Program) -> list[OfferTold]:
    """Every reward, told; none before the first version. Needs the program's transaction."""
    version = program.in_force(visit.at)
    (offers,) = offer_rewards(visit.program.id, [Asker(member_id=member_id)], at=visit.at)
    return tell_offers(offers, version, program, formats=visit.formats) if version else []
