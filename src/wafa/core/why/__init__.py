"""The structured reason of every journal: facts enough to tell it in any language and to recompute it.

Each is with what it is about: orders, the clock, tiers, rewards, coupons, referrals, members, imports. Amounts in
`*_minor` are minor units of the named currency; everything else counts units of the program.
"""

from wafa.core.why.clock import (
    ConfirmationWhy,
    ExpiryWhy,
    InactivityWhy,
    MaturityWhy,
)
from wafa.core.why.coupons import (
    CouponReturnWhy,
    CouponWhy,
)
from wafa.core.why.imports import (
    OpeningWhy,
    UndoWhy,
)
from wafa.core.why.members import (
    AdjustmentWhy,
    ClaimWhy,
    ConversionWhy,
    MergeWhy,
    TransferWhy,
)
from wafa.core.why.orders import (
    Acceleration,
    AccrualWhy,
    ClawbackWhy,
    CorrectionWhy,
    Counted,
    Deduction,
    Limited,
    Rate,
    ReinstatementWhy,
    RepaymentWhy,
)
from wafa.core.why.referrals import (
    ReferralReturnWhy,
    ReferralWhy,
)
from wafa.core.why.rewards import (
    ExchangeWhy,
    GiveBackCause,
    GiveBackWhy,
    HoldWhy,
    RedemptionWhy,
)
from wafa.core.why.tiers import (
    TierEntryWhy,
    TierUndoneWhy,
)

__all__ = [
    "Acceleration",
    "AccrualWhy",
    "AdjustmentWhy",
    "ClaimWhy",
    "ClawbackWhy",
    "ConfirmationWhy",
    "ConversionWhy",
    "CorrectionWhy",
    "Counted",
    "CouponReturnWhy",
    "CouponWhy",
    "Deduction",
    "ExchangeWhy",
    "ExpiryWhy",
    "GiveBackCause",
    "GiveBackWhy",
    "HoldWhy",
    "InactivityWhy",
    "Limited",
    "MaturityWhy",
    "MergeWhy",
    "OpeningWhy",
    "Rate",
    "RedemptionWhy",
    "ReferralReturnWhy",
    "ReferralWhy",
    "ReinstatementWhy",
    "RepaymentWhy",
    "TierEntryWhy",
    "TierUndoneWhy",
    "TransferWhy",
    "UndoWhy",
    "Why",
]

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
