"""What is known of a member when something is decided about them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

_DAY = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a member. `locale` is as the store told it.

    `told` names the details that are filled in, and the fields of the program's profile that were answered; `answers`
    are these answers. `lists` are the segments without conditions that staff have put the member on.
    """

    locale: str = ""
    joined_at: datetime | None = None
    told: tuple[str, ...] = ()
    answers: Mapping[str, bool | int | str] = {}
    lists: tuple[str, ...] = ()


STRANGER = Profile()
"""Somebody who has told nothing."""


class MemberFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member as known `at` a moment, before what happened then. It is kept with an order that was decided by it.

    `orders` were paid before and neither cancelled nor returned as a whole; `spend_minor` is what they cost less
    refunds, in the program's currency. `language` is without its country. `answers` are those that conditions look
    into. `tier` is kept with what the order counts for tiers. `segments` are those of a member without any; where some
    depend on it, `segments_by_tier` are those with each. `is_guest` says that they had not joined when it was bought.
    """

    at: datetime = _NEVER
    is_guest: bool = False
    orders: int = 0
    spend_minor: int = 0
    last_order_at: datetime | None = None
    joined_at: datetime | None = None
    language: str = ""
    told: tuple[str, ...] = ()
    answers: Mapping[str, bool | int | str] = {}
    segments: tuple[str, ...] = ()
    segments_by_tier: Mapping[str, tuple[str, ...]] = {}
    tier: str | None = None

    def with_tier(self, tier: str | None) -> "MemberFacts":
        """The same member in a tier."""
        if tier is None:
            return self
        return replace(self, tier=tier, segments=self.segments_by_tier.get(tier, self.segments))

    @property
    def days_since_last_order(self) -> int | None:
        """Whole days; None without an order."""
        return self._days_since(self.last_order_at)

    @property
    def days_since_joining(self) -> int | None:
        """Whole days; None for a guest. None have gone by for what was told with the joining, however late that was."""
        days = self._days_since(self.joined_at)
        return None if days is None else max(days, 0)

    def _days_since(self, moment: datetime | None) -> int | None:
        return None if moment is None else (self.at - moment) // _DAY


UNKNOWN = MemberFacts()
"""Nothing: where no condition asks."""


def language_of(locale: str) -> str:
    """`ar` of `ar-SA` and `AR_sa`."""
    return locale.lower().replace("_", "-").partition("-")[0]
