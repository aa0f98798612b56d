"""Tell which coupons apply to a cart, what each takes off, and why not the others. Nothing is used."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.coupons import Verdict
from wafa.flows.count_coupons import look_at_counts
from wafa.flows.present_coupons import Basket, present_coupons
from wafa.programs.queries import get_program_rules


def validate_coupons(program_id: UUID, baskets: Sequence[Basket], *, at: datetime) -> list[tuple[Verdict, ...]]:
    """A verdict for each code of each basket, in order, and for what applies by itself beside them.

    Codes that are none are counted against who typed them, which is all that is written.
    """
    version = get_program_rules(program_id).in_force(at)
    automatic = tuple(campaign.id for campaign in version.spec.coupons.automatic) if version else ()
    presentation = present_coupons(
        program_id, [replace(basket, automatic=automatic if basket.cart else ()) for basket in baskets], at=at
    )
    places = range(len(baskets))
    wanted = [one for place in places for one in presentation.wanted(place, at=at)]
    counts = look_at_counts(program_id, wanted)
    return [
        tuple(one for one in presentation.decide(place, counts, at=at) if one.code or not one.refusals)
        for place in places
    ]
