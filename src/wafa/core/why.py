"""The structured reason of every journal: facts enough to tell it in any language and to recompute it.

Amounts in `*_minor` are minor units of the named currency; everything else counts units of the program.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.snapshots import Awaited


class Rate(Struct, frozen=True, kw_only=True):
    """The rate that was used: one unit of `currency` cost `rate` of the program's currency."""

    currency: str
    rate: str
    source: str


class Deduction(Struct, frozen=True, kw_only=True):
    """A part of the order that did not count, and why.

    `code` is out_of_scope, tax, shipping, fees, discount (an addition, so negative, where the price before it counts),
    gift_card, credit, points, or other: what the store's own sums leave unexplained.
    """

    code: str
    amount_minor: int


class Acceleration(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An accelerator of the rule added `units`.

    With a `multiplier` it is that for the part of the basis it is about: `part_minor` of the program's currency, or
    `part_count` lines or pieces where the award counts these. Without, it is a bonus.
    """

    accelerator: str
    units: int
    multiplier: str | None = None
    part_minor: int | None = None
    part_count: int | None = None


class Limited(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit of the rule, or its budget, left `withheld` units less than the order would have earned.

    `part` is its path in the rule. It is about each member, about the whole program, or it is the budget (`by`), and
    grants at most `most` units, or times, within a day, a week and so on, or within so many rolling `days`.
    """

    part: str
    by: str
    withheld: int
    most: int
    within: str
    days: int | None = None


class Counted(Struct, frozen=True):
    """`amount` units, or times, were taken of what all members share in `budget`, which names a rule and a period."""

    budget: str
    amount: int


class AccrualWhy(Struct, frozen=True, kw_only=True, tag="accrual", omit_defaults=True):
    """`units` were granted by `rule` on `basis_minor` of an order, or for another `activity` (its kind).

    `total_minor` less all `deductions` is `basis_minor`, in `currency` with `exponent` decimals (None: ISO 4217's).
    `converted_minor` is the basis in the program's currency where that is not the same. `formula` is the award's kind:
    fixed has `award_units`; per_amount has `award_units` for every `per_minor`, by `mode` and `rounding`; percent has
    `basis_points` and `rounding`; per_item and per_quantity have `award_units` for each of `count` lines or pieces.
    An activity that has no amount has a basis of 0.

    Where accelerators added something, the rule alone grants `base_units`. Units are rounded once, with all that was
    added; each acceleration tells by how much it moved the rounded sum. `capped` units were cut off, for an order earns
    no more by the rule, and `limited` tells what else withheld some. So `base_units` and all accelerations, less
    `capped` and what was withheld, are `units`. `counted` is what they took of budgets.

    `tier` is the one whose award it is, where the rule has a table of them.
    """

    rule: str
    order: str = ""
    store: str
    units: int
    currency: str
    total_minor: int
    basis_minor: int
    formula: str
    mode: str | None = None
    rounding: str | None = None
    award_units: int | None = None
    per_minor: int | None = None
    basis_points: int | None = None
    deductions: tuple[Deduction, ...] = ()
    rate: Rate | None = None
    converted_minor: int | None = None
    program_currency: str | None = None
    exponent: int | None = None
    count: int | None = None
    base_units: int | None = None
    accelerations: tuple[Acceleration, ...] = ()
    capped: int = 0
    activity: str = ""
    tier: str | None = None
    limited: Limited | None = None
    counted: tuple[Counted, ...] = ()


class TierEntryWhy(Struct, frozen=True, kw_only=True, tag="tier_entry"):
    """The member rose to `tier` (its id), which grants `units`."""

    tier: str
    units: int


class TierUndoneWhy(Struct, frozen=True, kw_only=True, tag="tier_undone", omit_defaults=True):
    """What entering `tier` had granted comes back: without the order that is returned it would not have been entered.

    `cause` and the rest are as in a clawback.
    """

    tier: str
    cause: str
    order: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0


class ClawbackWhy(Struct, frozen=True, kw_only=True, tag="clawback", omit_defaults=True):
    """`units` come back because of `cause` (part_refunded, fully_refunded, cancelled, deleted).

    Of `granted` units on `basis_minor`, `returned_minor` is returned by now: `target` units in all, of which `before`
    were already taken back. `from_others` came out of the member's other lots, `to_debt` is owed and `forgiven` was let
    go. `by_earnings` says that the parts of the order had not earned alike, so what came back took what it had earned.
    """

    cause: str
    rule: str
    order: str
    store: str
    units: int
    currency: str
    basis_minor: int
    returned_minor: int
    granted: int
    target: int
    before: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
    exponent: int | None = None
    by_earnings: bool = False


class CorrectionWhy(Struct, frozen=True, kw_only=True, tag="correction", omit_defaults=True):
    """The store edited a paid order: its grant went from `before` to `target` units by the same rule and version.

    Units already spent came out of the member's other lots (`from_others`), are owed (`to_debt`) or were let go
    (`forgiven`). Where the order would have earned more than `target`, `limited` says why not; `counted` is what was
    taken of budgets.
    """

    rule: str
    order: str
    store: str
    before: int
    target: int
    currency: str
    basis_minor: int
    to_debt: int = 0
    forgiven: int = 0
    from_others: int = 0
    exponent: int | None = None
    limited: Limited | None = None
    counted: tuple[Counted, ...] = ()


class ReinstatementWhy(Struct, frozen=True, kw_only=True, tag="reinstatement", omit_defaults=True):
    """A refund or a cancellation was undone in the store, so `units` are given back.

    Of units whose last day had passed meanwhile, `to_debt` paid what the member owed and `expired` ended at once.
    `unforgiven` is what the refund had let go: nothing moves for it.
    """

    rule: str
    order: str
    store: str
    units: int
    to_debt: int = 0
    expired: int = 0
    unforgiven: int = 0


class RepaymentWhy(Struct, frozen=True, kw_only=True, tag="repayment"):
    """`units` that became available paid what the member owed; `owed_before` was the debt.

    `order` earned the units, where that is known.
    """

    units: int
    owed_before: int
    order: str | None = None


class MaturityWhy(Struct, frozen=True, kw_only=True, tag="maturity", omit_defaults=True):
    """A lot's return window ended at `matured_at`. It began `after` the order was paid, unless something else is named.

    That is what the lot had waited for.
    """

    matured_at: datetime
    units: int
    after: Awaited | None = None


class ConfirmationWhy(Struct, frozen=True, kw_only=True, tag="confirmation", omit_defaults=True):
    """What a lot waited for happened at `happened_at`, so it has its dates."""

    awaited: Awaited
    happened_at: datetime
    matures_at: datetime
    expires_at: datetime | None = None


class InactivityWhy(Struct, frozen=True, kw_only=True, tag="inactivity"):
    """Nothing was earned or used since `active_at`, so units expired at `expired_at`: for each `months` of this again.

    `basis_points` hundredths of a percent of `available` units were to go; `kept` of them were earned too recently.
    """

    active_at: datetime
    expired_at: datetime
    months: int
    basis_points: int
    available: int
    kept: int
    units: int


class ExpiryWhy(Struct, frozen=True, kw_only=True, tag="expiry"):
    """What was left of a lot reached its last day. `unclaimed` says that a guest never joined."""

    expired_at: datetime
    units: int
    unclaimed: bool = False


class ClaimWhy(Struct, frozen=True, kw_only=True, tag="claim"):
    """A guest joined, so what their orders had granted became theirs."""

    units: int
    joined_at: datetime


class HoldWhy(Struct, frozen=True, kw_only=True, tag="hold"):
    """Units are reserved for `reward` (its id) until they are captured or released, at the latest at `until`."""

    units: int
    reward: str
    until: datetime


class RedemptionWhy(Struct, frozen=True, kw_only=True, tag="redemption"):
    """Units were exchanged for `reward` (its id)."""

    units: int
    reward: str


class ExchangeWhy(Struct, frozen=True, kw_only=True, tag="exchange"):
    """`units` of store credit are what `reward` gives."""

    reward: str
    units: int


class CouponWhy(Struct, frozen=True, kw_only=True, tag="coupon"):
    """`units` are what a coupon of `campaign` (its id) gives."""

    campaign: str
    units: int


class CouponReturnWhy(Struct, frozen=True, kw_only=True, tag="coupon_return", omit_defaults=True):
    """A coupon of `campaign` was used no more, so the `units` it had given come back.

    `from_others` came out of the member's other lots, `to_debt` is owed and `forgiven` was let go.
    """

    campaign: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0


class ConversionWhy(Struct, frozen=True, kw_only=True, tag="conversion"):
    """By `conversion` (its id) `units` of `unit` became `granted` of another."""

    conversion: str
    unit: str
    units: int
    granted: int


GiveBackCause = Literal["released", "timed_out", "cancelled", "failed", "unused"]
"""A hold was let go, or its time was over; a reward was given back by the member or by staff, could not be delivered,
or was not used in time."""


class GiveBackWhy(Struct, frozen=True, kw_only=True, tag="give_back", omit_defaults=True):
    """`units` that `reward` had cost or reserved went back where they came from, because of `cause`.

    Of them `to_debt` paid what the member owed after their last day had passed, `expired` ended at once for that day,
    `returned` belonged to orders whose refund had let them go only because they were spent, and `renewed` got new time,
    for their last day had passed while others failed to deliver.
    """

    cause: GiveBackCause
    reward: str
    units: int
    to_debt: int = 0
    expired: int = 0
    returned: int = 0
    renewed: int = 0


class TransferWhy(Struct, frozen=True, kw_only=True, tag="transfer"):
    """`units` went from the member `sender` to the member `recipient`."""

    units: int
    sender: UUID
    recipient: UUID


class OpeningWhy(Struct, frozen=True, kw_only=True, tag="opening", omit_defaults=True):
    """`units` came with the member from elsewhere, by an import of this `source`; `pending` of them wait."""

    units: int
    source: str
    pending: int = 0


class UndoWhy(Struct, frozen=True, kw_only=True, tag="undo", omit_defaults=True):
    """An import of this `source` was undone: the `units` that had come by it are taken back.

    What was used meanwhile came out of the member's other lots (`from_others`), is owed (`to_debt`) or was let go
    (`forgiven`). `owed_again` had paid a debt of the member, which is there again.
    """

    units: int
    source: str
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
    owed_again: int = 0


class ReferralWhy(Struct, frozen=True, kw_only=True, tag="referral"):
    """`units` were given for a referral: to the `friend`, to the `advocate` for this friend, or at a `milestone`.

    The advocate has brought so many `friends` who count.
    """

    side: str
    units: int
    friends: int


class ReferralReturnWhy(Struct, frozen=True, kw_only=True, tag="referral_return", omit_defaults=True):
    """`units` that a referral had given come back: its order did, staff blocked it, or there are fewer friends now.

    `side` is to whom they were given, `completed` where a rule had granted them. `from_others` came out of the member's
    other lots, `to_debt` is owed and `forgiven` was let go.
    """

    side: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0


class MergeWhy(Struct, frozen=True, kw_only=True, tag="merge", omit_defaults=True):
    """The member `absorbed` turned out to be the same person as `survivor`, or not to be, after all (`undone`)."""

    absorbed: UUID
    survivor: UUID
    undone: bool = False


class AdjustmentWhy(Struct, frozen=True, kw_only=True, tag="adjustment"):
    """A person corrected a balance, with a reason and a name."""

    units: int
    reason: str
    by: str


Why = (
    AccrualWhy
    | TierEntryWhy
    | TierUndoneWhy
    | ClawbackWhy
    | CorrectionWhy
    | ReinstatementWhy
    | RepaymentWhy
    | MaturityWhy
    | ConfirmationWhy
    | InactivityWhy
    | ExpiryWhy
    | ClaimWhy
    | HoldWhy
    | RedemptionWhy
    | ExchangeWhy
    | ConversionWhy
    | CouponWhy
    | CouponReturnWhy
    | GiveBackWhy
    | TransferWhy
    | OpeningWhy
    | UndoWhy
    | ReferralWhy
    | ReferralReturnWhy
    | MergeWhy
    | AdjustmentWhy
)
