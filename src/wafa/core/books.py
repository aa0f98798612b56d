"""The nouns of the books: accounts, postings, lots and journals, as plain values.

Only `wafa.ledger` writes them down; the core decides them.
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.ids import caused_id
from wafa.core.snapshots import Awaited
from wafa.core.why import Why


class Account(IntEnum):
    """Where units are. Numbers are stored: never renumber."""

    ISSUED = 1
    CLAIMABLE = 2
    PENDING = 3
    AVAILABLE = 4
    HELD = 5
    REDEEMED = 6
    BREAKAGE = 7
    CLAWED_BACK = 8
    DEBT = 9
    TRANSFERRED = 10


class JournalKind(StrEnum):
    ACCRUAL = "accrual"
    CLAIM = "claim"
    MATURITY = "maturity"
    EXPIRY = "expiry"
    CLAWBACK = "clawback"
    REINSTATEMENT = "reinstatement"
    CORRECTION = "correction"
    REPAYMENT = "repayment"
    HOLD = "hold"
    RELEASE = "release"
    REDEMPTION = "redemption"
    ADJUSTMENT = "adjustment"
    CONFIRMATION = "confirmation"
    CANCELLATION = "cancellation"
    CONVERSION = "conversion"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    OPENING = "opening"
    UNDOING = "undoing"
    MERGE_OUT = "merge_out"
    MERGE_IN = "merge_in"


# In this order journals of one moment are told: what gives before what takes.
_TOLD_IN_ORDER = (
    JournalKind.ACCRUAL,
    JournalKind.REINSTATEMENT,
    JournalKind.CORRECTION,
    JournalKind.CLAIM,
    JournalKind.MATURITY,
    JournalKind.REPAYMENT,
    JournalKind.HOLD,
    JournalKind.RELEASE,
    JournalKind.REDEMPTION,
    JournalKind.CLAWBACK,
    JournalKind.EXPIRY,
    JournalKind.ADJUSTMENT,
    JournalKind.CONFIRMATION,
    JournalKind.CANCELLATION,
)
# There are sixteen steps, and the last is that of lots: these share one with what gives, or takes, as they do.
_TOLD_BESIDE = {
    JournalKind.CONVERSION: JournalKind.REDEMPTION,
    JournalKind.TRANSFER_OUT: JournalKind.REDEMPTION,
    JournalKind.TRANSFER_IN: JournalKind.CLAIM,
    JournalKind.OPENING: JournalKind.ACCRUAL,
    JournalKind.UNDOING: JournalKind.ADJUSTMENT,
    JournalKind.MERGE_OUT: JournalKind.REDEMPTION,
    JournalKind.MERGE_IN: JournalKind.CLAIM,
}
_STEP_OF = {kind: step for step, kind in enumerate(_TOLD_IN_ORDER)}
_STEP_OF |= {kind: _STEP_OF[other] for kind, other in _TOLD_BESIDE.items()}
_STEP_OF_LOTS = 15


def journal_id(kind: JournalKind, key: str, *, at: datetime) -> UUID:
    """The id of the journal with this key: it sorts by when it happened, then by what gives before what takes."""
    return caused_id(key, at=at, step=_STEP_OF[kind])


def lot_id(key: str, *, at: datetime) -> UUID:
    """The id of the lot that the journal with this key opens: it has its journal's name, and a step of its own."""
    return caused_id(key, at=at, step=_STEP_OF_LOTS)


class Posting(Struct, frozen=True, gc=False):
    """`amount` (> 0) of `unit` goes from one account to another of the journal's member.

    A posting that names a lot changes what is left of it: that is a draw, or its giving back.
    """

    unit: str
    from_account: Account
    to_account: Account
    amount: int
    lot_id: UUID | None = None


class Lot(Struct, frozen=True, kw_only=True, gc=False):
    """What one accrual granted, and what is left of it.

    `remaining` lies in `pocket` (CLAIMABLE, PENDING or AVAILABLE). `corrected` is what an edit of the order took off
    the grant, `let_go` what of that was used already and the program's policy let go. `clawed_back` is what refunds
    have taken back so far, also where the units were already spent, and `forgiven` what they should have taken but the
    policy let go. `expired` is what of it lies in BREAKAGE. `reinstated` counts what undone refunds gave back, and what
    came back from redemptions where the lot may have expired: it only grows. `cause_id` names what the units were
    granted for (the order's id), so a refund finds what it has to reverse. Times are UTC.

    A lot that `waits_for` something has no dates before a journal of kind confirmation sets them.
    """

    id: UUID
    member_id: UUID
    unit: str
    rule: str
    version: int
    granted: int
    remaining: int
    pocket: Account
    occurred_at: datetime
    cause_id: UUID | None = None
    matures_at: datetime | None = None
    expires_at: datetime | None = None
    claimable_until: datetime | None = None
    corrected: int = 0
    clawed_back: int = 0
    forgiven: int = 0
    expired: int = 0
    reinstated: int = 0
    let_go: int = 0
    waits_for: Awaited | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether what it waits for has not happened yet."""
        return self.waits_for is not None and self.matures_at is None

    def is_pending(self, *, at: datetime) -> bool:
        """Whether its units, where a member has them, cannot be used yet at `at`."""
        return self.is_waiting or (self.matures_at is not None and self.matures_at > at)

    @property
    def net_granted(self) -> int:
        """What the order earned by its latest edit, before anything came back."""
        return self.granted - self.corrected

    @property
    def kept(self) -> int:
        """What edits and refunds left of it, with what the clawback policy let go."""
        return self.net_granted + self.let_go - self.clawed_back

    @property
    def taken_back(self) -> int:
        """What refunds have taken back of it, or let go by the program's policy."""
        return self.clawed_back + self.forgiven


class GrantChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a journal changes what is still owed to, or taken from, the grant behind a lot: signed differences.

    `matures_at` and `expires_at` are the dates it sets, of a lot that waited for them. A lot that `comes_from` another
    member is from then on the journal's member's.
    """

    lot_id: UUID
    corrected: int = 0
    clawed_back: int = 0
    forgiven: int = 0
    reinstated: int = 0
    let_go: int = 0
    matures_at: datetime | None = None
    expires_at: datetime | None = None
    comes_from: UUID | None = None

    @property
    def kept(self) -> int:
        """What becomes of `Lot.kept`."""
        return self.let_go - self.corrected - self.clawed_back


ObligationKind = Literal["granted", "taken_back", "redeemed", "given_back", "paid"]


class Obligation(Struct, frozen=True, kw_only=True):
    """`debtor` owes `creditor` so much more: one is a partner, the other the program (`core.spec.PROGRAM`).

    It is for `units` of `unit`, which a partner's rule `granted` (to `lot_id`) or had `taken_back`, or which were
    `redeemed` for a partner's reward or `given_back` by it; or one side `paid` what it owed. `amount_minor` (>= 0) is
    in minor units of `currency`, at the rate of `version`: the journal's, unless it is told.
    """

    kind: ObligationKind
    debtor: str
    creditor: str
    currency: str
    amount_minor: int
    unit: str | None = None
    units: int = 0
    lot_id: UUID | None = None
    version: int | None = None


class Journal(Struct, frozen=True, kw_only=True, gc=False):
    """One event in the books of one member. `key` names its cause: the same key is booked once.

    `lots` are opened by this journal. `occurred_at` is when it happened in the world (UTC). Where all that a refund
    should take is forgiven, there is nothing to post: such a journal has `grants` alone. `obligations` are what
    partners and the program owe each other for it.
    """

    id: UUID
    kind: JournalKind
    key: str
    member_id: UUID
    occurred_at: datetime
    why: Why
    postings: tuple[Posting, ...]
    version: int | None = None
    rule: str | None = None
    cause_id: UUID | None = None
    lots: tuple[Lot, ...] = ()
    grants: tuple[GrantChange, ...] = ()
    obligations: tuple[Obligation, ...] = ()


def make_journal(
    kind: JournalKind,
    key: str,
    *,
    member_id: UUID,
    at: datetime,
    why: Why,
    postings: tuple[Posting, ...],
    version: int | None = None,
    rule: str | None = None,
    cause_id: UUID | None = None,
    lots: tuple[Lot, ...] = (),
    grants: tuple[GrantChange, ...] = (),
    obligations: tuple[Obligation, ...] = (),
) -> Journal:
    """The journal of this kind and key, which happened `at` that moment (UTC). Its id follows from these."""
    return Journal(
        id=journal_id(kind, key, at=at),
        kind=kind,
        key=key,
        member_id=member_id,
        occurred_at=at,
        why=why,
        postings=postings,
        version=version,
        rule=rule,
        cause_id=cause_id,
        lots=lots,
        grants=grants,
        obligations=obligations,
    )


class Balance(Struct, frozen=True, gc=False):
    """Pockets and running totals of one member in one unit. `debt` is what the member owes.

    All are >= 0 but `transferred`: what went to other members, less what came from them; and `issued`, where staff took
    units whose grant was taken back as well.
    """

    claimable: int = 0
    pending: int = 0
    available: int = 0
    held: int = 0
    debt: int = 0
    issued: int = 0
    redeemed: int = 0
    breakage: int = 0
    clawed_back: int = 0
    transferred: int = 0

    @property
    def outstanding(self) -> int:
        """What can be used now or later: what it is worth is the program's liability."""
        return self.available + self.pending + self.held
