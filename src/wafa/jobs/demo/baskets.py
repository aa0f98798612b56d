"""What somebody puts in a basket, and what they take off its price."""

from datetime import datetime
from random import Random

from wafa.jobs.demo.catalogue import CATALOGUE, Variant
from wafa.jobs.demo.orders import Basket, Item
from wafa.jobs.demo.seasons import ZONE, day_of

_SIZES = (50, 30, 14, 6)  # weights of one, two, three and four different things
_QUANTITIES = (80, 15, 5)
_COUPONS = 140  # of a thousand orders, outside White Friday
_GIFT_CARDS = 40  # of a thousand orders
_GIFTS_BEFORE_EID = 5  # times as often


def fill_basket(rng: Random, *, at: datetime) -> Basket:
    """A basket of that day."""
    day = day_of(at.astimezone(ZONE).date())
    weights = [_weight(variant, before_eid=day.is_before_eid) for variant in CATALOGUE]
    count = rng.choices(range(1, len(_SIZES) + 1), _SIZES)[0]
    chosen = dict.fromkeys(rng.choices(CATALOGUE, weights, k=count))
    coupons, percents = (700, (20, 25, 30)) if day.is_white_friday else (_COUPONS, (10, 15, 20))
    return Basket(
        items=tuple(Item(variant, rng.choices((1, 2, 3), _QUANTITIES)[0]) for variant in chosen),
        discount_percent=rng.choice(percents) if rng.randrange(1000) < coupons else 0,
        gift_card_minor=rng.choice((50_00, 100_00, 200_00)) if rng.randrange(1000) < _GIFT_CARDS else 0,
    )


def _weight(variant: Variant, *, before_eid: bool) -> int:
    return variant.popularity * (_GIFTS_BEFORE_EID if before_eid and "gift" in variant.tags else 1)
