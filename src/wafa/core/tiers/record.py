"""What decides a member's tier, and the history of their standings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.spec.tiers import Metric, Threshold


class Amounts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What counts for tiers, each metric by its name."""

    spend_minor: int = 0
    units: int = 0
    orders: int = 0
    referrals: int = 0


class Loss(Amounts, frozen=True, kw_only=True, omit_defaults=True):
    """What a refund took off an entry `at` its time."""

    at: datetime


class Entry(Amounts, frozen=True, kw_only=True, omit_defaults=True):
    """What one order counts since it was paid `at`, before its `losses`.

    `tier` is the one that counted for the order itself when it was first booked, whatever was learned later.
    """

    cause_id: UUID
    at: datetime
    tier: str | None = None
    losses: tuple[Loss, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it counts anything: an order that was cancelled does not."""
        return bool(self.spend_minor or self.orders or self.units or self.referrals)


AppointmentKind = Literal["invited", "set"]


class Appointment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tier given by staff: `invited` to it as if it had been reached, or `set` to have at least it `until` then."""

    id: UUID
    kind: AppointmentKind
    tier: str
    at: datetime
    reason: str
    by: str
    until: datetime | None = None


class Count(Struct, frozen=True, kw_only=True):
    """How much of a metric there was, and how much was `wanted`."""

    metric: Metric
    value: int
    wanted: int


StepKind = Literal["reached", "renewed", "landed", "recalculated", "invited", "set", "set_ended", "corrected"]


class StepWhy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a standing changed.

    `reached` and `renewed` tell what was counted from `since` on and before `until`; `landed` (one tier down) and
    `recalculated` what was missing. `invited` and `set` have the `reason` of staff, and who it was. `corrected` says
    that something was learned about the past: `cause` is what happened to which `order`, and `undone` are the tiers
    that were never reached by what is known now, so that what entering them granted came back. `kept` are those of
    them whose reward stays, for it was used: the next entry brings none.
    """

    kind: StepKind
    counts: tuple[Count, ...] = ()
    match: Literal["all", "any"] = "all"
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    by: str = ""
    cause: str = ""
    order: str = ""
    undone: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From `at` on a member has `tier` (None: none) and not `before`; where both are the same, for longer.

    It is kept at least until `kept_until`, where something can end it. `review_at` is the next moment at which time
    alone may change it. `version` is that whose ladder decided.
    """

    at: datetime
    before: str | None
    tier: str | None
    why: StepWhy
    version: int | None
    kept_until: datetime | None = None
    review_at: datetime | None = None


class EntryGift(Struct, frozen=True, kw_only=True):
    """A `reward` of a version that entering `tier` gave, free. `is_final` where it cannot come back: it was used.

    One that `is_leaving` was taken back, and stores have yet to say that nobody used it: an entry until then keeps it.
    """

    key: str
    tier: str
    reward: str
    version: int
    is_final: bool = False
    is_leaving: bool = False


class TierRecord(Struct, frozen=True, kw_only=True):
    """All that decides one member's tier, and the `steps` that were written down: the last is where they stand.

    `gifts` are those that entries gave and nobody took back. A guest makes no steps. `joined_at` is None where nobody
    knows it.
    """

    joined_at: datetime | None = None
    entries: Mapping[UUID, Entry] = {}
    appointments: tuple[Appointment, ...] = ()
    steps: tuple[Step, ...] = ()
    gifts: tuple[EntryGift, ...] = ()

    @property
    def tier(self) -> str | None:
        return self.steps[-1].tier if self.steps else None

    @property
    def known_until(self) -> datetime | None:
        """The latest moment of which anything is known."""
        times = [entry.at for entry in self.entries.values()]
        times += [loss.at for entry in self.entries.values() if entry.losses for loss in entry.losses]
        times += [appointment.at for appointment in self.appointments]
        times += [step.at for step in self.steps[-1:]]
        return max(times, default=None)


def compare_counts(threshold: Threshold, amounts: Mapping[Metric, int]) -> tuple[Count, ...]:
    """What a threshold asks for, beside what there is."""
    return tuple(
        [Count(metric=metric, value=amounts[metric], wanted=wanted) for metric, wanted in threshold.wanted.items()]
    )


def is_met(threshold: Threshold, amounts: Mapping[Metric, int]) -> bool:
    """Whether a threshold is reached."""
    any_decides = threshold.match == "any"
    for metric, wanted in threshold.wanted.items():
        if (amounts[metric] >= wanted) is any_decides:
            return any_decides
    return not any_decides
