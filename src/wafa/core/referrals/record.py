"""The nouns of referrals: the pair, its steps, what was given for it, and what is known of the two."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.ids import caused_id
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import Signal

State = Literal["pending", "qualified", "approved", "blocked", "reversed", "expired"]
"""Waiting for an order that counts; one counts, and staff have to look first; rewarded; something speaks against it, or
staff did; the order came back; no order came in time. Each follows from what is known, so any may follow any other."""

Source = Literal["link", "code", "invitation"]
"""How the friend named the advocate: by opening their link, by typing their code, or by an invitation sent to them."""

Side = Literal["friend", "advocate", "milestone", "completed"]
"""What is given: the friend's offer, the advocate's reward for each friend, one for so many friends, and (`completed`)
that the advocate has done what rules and tiers call a completed referral."""

StepKind = Literal[
    "attributed",
    "offered",
    "ordered",
    "order_lost",
    "qualified",
    "approved",
    "blocked",
    "reversed",
    "expired",
    "reopened",
    "ruled",
    "limit_reached",
    "sold_out",
    "kept",
]
"""What happened to a referral, as its history tells it. `offered`: the friend has their gift. `ordered`: an order
counts once its return window is over, and `order_lost` says that it does no more. `reopened`: it waits again. `ruled`:
staff approved or blocked it. `kept`: something that was given could not be taken back."""

Ruling = Literal["", "approve", "block"]


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a referral `at` its time (UTC). `about` says what of: signals, the ruling, or what was kept.

    `by` and `note` are whose ruling it was, and why.
    """

    kind: StepKind
    at: datetime
    about: tuple[str, ...] = ()
    by: str = ""
    note: str = ""


class Referral(Struct, frozen=True, kw_only=True):
    """`advocate_id` brought `friend_id`: claimed at a time, by the version in force then, open for orders `until`.

    `order_id` is the order that counts, or will; once one `has_counted` it is that one for ever. `since` is when the
    last step was. `counted_at` is when the friend was counted for the advocate; None where they are not.
    `own_browser` says that the link was opened where the advocate's own page had been.
    """

    id: UUID
    advocate_id: UUID
    friend_id: UUID
    source: Source
    claimed_at: datetime
    until: datetime
    version: int
    since: datetime
    state: State = "pending"
    order_id: UUID | None = None
    has_counted: bool = False
    signals: tuple[Signal, ...] = ()
    ruling: Ruling = ""
    counted_at: datetime | None = None
    own_browser: bool = False

    @property
    def both(self) -> tuple[UUID, UUID]:
        """Who brought whom."""
        return (self.advocate_id, self.friend_id)


class Given(Struct, frozen=True, kw_only=True):
    """Something given for a referral, by `version`: `units` of `unit`, or a `reward`; neither for `completed`.

    `milestone` is the number of friends that its milestone names, `friends` how many there were then. What could not be
    taken back, for it was used, is `kept`: it stands.
    """

    key: str
    referral_id: UUID
    member_id: UUID
    side: Side
    version: int
    at: datetime
    unit: str | None = None
    units: int = 0
    reward: str | None = None
    milestone: int = 0
    friends: int = 0
    taken_back_at: datetime | None = None
    kept: bool = False

    @property
    def id(self) -> UUID:
        return caused_id(self.key, at=self.at)

    @property
    def rule(self) -> str:
        """The name under which the books know what was granted."""
        return f"referral:{self.side}"

    @property
    def stands(self) -> bool:
        return self.taken_back_at is None


class Person(Struct, frozen=True, kw_only=True):
    """What is known of one of the two: e-mails as their providers read them, phones, and hashed fingerprints.

    A fingerprint is `address:…`, `device:…` or `payment:…`. Whoever turned out to be somebody else is `merged_into`
    them.
    """

    joined: bool = True
    merged_into: UUID | None = None
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()


class FriendOrder(Struct, frozen=True, kw_only=True):
    """An order of the friend's that was ever paid, as it was last told."""

    order_id: UUID
    store: str
    order: OrderSnapshot


class Tally(Struct, frozen=True, kw_only=True):
    """What is known of all that one advocate brought: when each was claimed, and which of them count since when.

    `milestones` are those that stand.
    """

    claimed: Mapping[UUID, datetime] = {}
    counted: Mapping[UUID, datetime] = {}
    milestones: tuple[Given, ...] = ()


class Case(Struct, frozen=True, kw_only=True):
    """All that a decision about one referral looks at. `given` is everything ever given for it, and `orders` are the
    friend's (or theirs into whom the friend was merged), the first paid first. `was_sold_out` says that something could
    not be given since it counts."""

    referral: Referral
    advocate: Person
    friend: Person
    tally: Tally
    orders: tuple[FriendOrder, ...] = ()
    given: tuple[Given, ...] = ()
    was_sold_out: bool = False

    @property
    def is_of_one_person(self) -> bool:
        """Whether the two turned out to be one."""
        advocate = self.advocate.merged_into or self.referral.advocate_id
        return advocate == (self.friend.merged_into or self.referral.friend_id)


class Decision(Struct, frozen=True, kw_only=True):
    """The referral as it is from now on, the `steps` there, what to `give` and what to `take_back`.

    `due_at` is when the clock has to look again.
    """

    referral: Referral
    steps: tuple[Step, ...] = ()
    give: tuple[Given, ...] = ()
    take_back: tuple[Given, ...] = ()
    due_at: datetime | None = None
