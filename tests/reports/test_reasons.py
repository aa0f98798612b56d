"""Every reason that a journal can have, told in whole sentences with its arithmetic."""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest

from tests.reports.lines import AT, IN_DOLLARS, accrual, clawback, line, plain, tell
from wafa.core.books import Account, JournalKind
from wafa.core.snapshots import Awaited
from wafa.core.why import (
    AdjustmentWhy,
    ClaimWhy,
    ConfirmationWhy,
    ConversionWhy,
    CorrectionWhy,
    CouponReturnWhy,
    CouponWhy,
    ExchangeWhy,
    ExpiryWhy,
    GiveBackCause,
    GiveBackWhy,
    HoldWhy,
    InactivityWhy,
    MaturityWhy,
    MergeWhy,
    OpeningWhy,
    RedemptionWhy,
    ReferralReturnWhy,
    ReferralWhy,
    ReinstatementWhy,
    RepaymentWhy,
    TierEntryWhy,
    TierUndoneWhy,
    TransferWhy,
    UndoWhy,
    Why,
)

ISSUED, CLAIMABLE, PENDING, AVAILABLE = Account.ISSUED, Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE
BACK, DEBT, BREAKAGE, REDEEMED = Account.CLAWED_BACK, Account.DEBT, Account.BREAKAGE, Account.REDEEMED
HELD = Account.HELD
MIDNIGHT = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)  # of the first of April in Riyadh
CORRECTION = CorrectionWhy(
    rule="base", order="1042", store="main", before=190, target=120, currency="SAR", basis_minor=12_000
)
BACK_AGAIN = ReinstatementWhy(rule="base", order="1042", store="main", units=95)

GIVEN_BACK: dict[GiveBackCause, str] = {
    "released": "was not taken after all",
    "timed_out": "was not taken in time",
    "cancelled": "was given back",
    "failed": "could not be delivered",
    "unused": "was not used in time",
}

NO_AMOUNT: dict[str, Any] = {"deductions": (), "mode": None, "rounding": None, "award_units": None, "per_minor": None}

TOLD: dict[str, tuple[Any, JournalKind, list[tuple[Account, Account, int]], str, str, list[str]]] = {
    "accrual": (
        accrual(),
        JournalKind.ACCRUAL,
        [(ISSUED, PENDING, 190)],
        "+190",
        "Earned for order 1042",
        ["SAR 190.00 of the order counted, at 1 point for every SAR 1.00: 190 points."],
    ),
    "accrual of a tier": (
        accrual(tier="gold"),
        JournalKind.ACCRUAL,
        [(ISSUED, PENDING, 190)],
        "+190",
        "Earned for order 1042",
        [
            "SAR 190.00 of the order counted, at 1 point for every SAR 1.00: 190 points.",
            "It was earned as a member of Gold.",
        ],
    ),
    "entry to a tier": (
        TierEntryWhy(tier="gold", units=500),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 500)],
        "+500",
        "Welcome to Gold",
        ["Entering Gold grants this: 500 points."],
    ),
    "entry to a tier that a friend's order alone had led to": (
        TierUndoneWhy(tier="gold", cause="referral_reversed", order="", units=500),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 500)],
        "-500",
        "Returned, for Gold was never reached",
        [
            (
                "A friend's order came back, so Gold was never reached, and the program takes back what entering it had"
                " granted: 500 points."
            )
        ],
    ),
    "entry to a tier that was never reached": (
        TierUndoneWhy(tier="gold", cause="fully_refunded", order="1042", units=500, to_debt=200),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 300), (DEBT, BACK, 200)],
        "-500",
        "Returned, for Gold was never reached",
        [
            (
                "By what is known now of order 1042, Gold was never reached, so the program takes back what entering it"
                " had granted: 500 points."
            ),
            (
                "Of this, 200 points had been used already. What was used stays owed, and what is earned next pays it"
                " first."
            ),
        ],
    ),
    "welcome gift": (
        ReferralWhy(side="friend", units=50, friends=0),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 50)],
        "+50",
        "A welcome gift",
        ["Coming by a friend's invitation brought this: 50 points."],
    ),
    "friend": (
        ReferralWhy(side="advocate", units=200, friends=2),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 200)],
        "+200",
        "Thank you for a friend",
        ["A friend's first order counts, which brought this: 200 points."],
    ),
    "milestone of friends": (
        ReferralWhy(side="milestone", units=500, friends=3),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 500)],
        "+500",
        "Thank you for your friends",
        ["With this friend it is 3 who count, which brought this: 500 points."],
    ),
    "friend lost after spending": (
        ReferralReturnWhy(side="advocate", units=200, from_others=30, to_debt=100, forgiven=20),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 80), (DEBT, BACK, 100)],
        "-180",
        "Returned with a friend's order",
        [
            "The friend's first order does not count any more, so what it had brought goes back: 200 points.",
            "Of this, 30 points came out of other earnings, for what was given had been used already.",
            "Of this, 100 points had been used already. What was used stays owed, and what is earned next pays it first.",  # noqa: E501
            "Of this, 20 points had been used already, and the program lets it go.",
        ],
    ),
    "milestone lost": (
        ReferralReturnWhy(side="milestone", units=500),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 500)],
        "-500",
        "Returned with a friend's order",
        ["One friend less counts now, so what that number had brought goes back: 500 points."],
    ),
    "welcome gift lost": (
        ReferralReturnWhy(side="friend", units=50),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 50)],
        "-50",
        "Returned with a friend's order",
        ["The first order does not count any more, so the welcome gift goes back: 50 points."],
    ),
    "accrual by steps": (
        accrual(mode="step", rounding=None, award_units=5, per_minor=250, units=380),
        JournalKind.ACCRUAL,
        [(ISSUED, PENDING, 380)],
        "+380",
        "Earned for order 1042",
        ["SAR 190.00 of the order counted, at 5 points for every full SAR 2.50: 380 points."],
    ),
    "accrual of a share": (
        accrual(formula="percent", mode=None, award_units=None, per_minor=None, basis_points=420, units=798),
        JournalKind.ACCRUAL,
        [(ISSUED, PENDING, 798)],
        "+798",
        "Earned for order 1042",
        ["SAR 190.00 of the order counted, and 4.2% of it is earned: 798 points."],
    ),
    "fixed accrual": (
        accrual(formula="fixed", mode=None, rounding=None, award_units=1, per_minor=None, units=1),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 1)],
        "+1",
        "Earned for order 1042",
        ["Every order that counts earns 1 point."],
    ),
    "accrual in another currency": (
        accrual(**IN_DOLLARS),
        JournalKind.ACCRUAL,
        [(ISSUED, PENDING, 37)],
        "+37",
        "Earned for order 1042",
        ["SAR 37.50 of the order counted, at 1 point for every SAR 1.00: 37 points."],
    ),
    "accrual for a review": (
        accrual(activity="review", order="", formula="fixed", total_minor=0, basis_minor=0, **NO_AMOUNT, units=50),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 50)],
        "+50",
        "Earned for: Review",
        ["It earns 50 points every time."],
    ),
    "accrual for joining": (
        accrual(activity="signup", order="", formula="fixed", total_minor=0, basis_minor=0, **NO_AMOUNT, units=50),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 50)],
        "+50",
        "Earned for: Joining the program",
        ["It earns 50 points, once."],
    ),
    "accrual for a receipt": (
        accrual(activity="receipt_uploaded", order="", deductions=(), total_minor=19_000),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 190)],
        "+190",
        "Earned for: Uploading a receipt",
        ["SAR 190.00 counted, at 1 point for every SAR 1.00: 190 points."],
    ),
    "accrual for an activity of the program's own": (
        accrual(
            activity="custom:pickup",
            order="",
            formula="per_quantity",
            total_minor=0,
            basis_minor=0,
            count=3,
            **NO_AMOUNT | {"award_units": 2},
            units=6,
        ),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 6)],
        "+6",
        "Earned for: Pick-up",
        ["3 pieces counted, at 2 points each: 6 points."],
    ),
    "partial refund": (
        clawback(),
        JournalKind.CLAWBACK,
        [(PENDING, BACK, 95)],
        "-95",
        "Returned because a part of order 1042 was refunded",
        ["SAR 95.00 of the SAR 190.00 that counted was refunded, so the program takes back 95 points of 190 points."],
    ),
    "second partial refund": (
        clawback(returned_minor=14_250, target=142, before=95, units=47),
        JournalKind.CLAWBACK,
        [(PENDING, BACK, 47)],
        "-47",
        "Returned because a part of order 1042 was refunded",
        [
            (
                "SAR 142.50 of the SAR 190.00 that counted is refunded by now, so the program takes back 142 points"
                " of 190 points in all: 95 points before, 47 points now."
            )
        ],
    ),
    "full refund of what had expired, was used or came from other orders": (
        clawback(cause="fully_refunded", target=190, units=190, from_others=30, to_debt=100),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 20), (BREAKAGE, BACK, 40), (AVAILABLE, BACK, 30), (DEBT, BACK, 100)],
        "-150",
        "Returned because order 1042 was refunded",
        [
            "The whole order was refunded, so the program takes back all it had granted: 190 points.",
            "Of this, 40 points had expired already.",
            "Of this, 30 points came out of other earnings, for the order's own had been used already.",
            (
                "Of this, 100 points had been used already."
                " What was used stays owed, and what is earned next pays it first."
            ),
        ],
    ),
    "rest of a refund": (
        clawback(cause="fully_refunded", target=190, before=95, forgiven=60),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 35)],
        "-35",
        "Returned because order 1042 was refunded",
        [
            "The whole order is refunded by now, so the program takes back the rest of 190 points: 95 points.",
            "Of this, 60 points had been used already, and the program lets it go.",
        ],
    ),
    "cancellation": (
        clawback(cause="cancelled", target=190, units=190),
        JournalKind.CLAWBACK,
        [(PENDING, BACK, 190)],
        "-190",
        "Returned because order 1042 was cancelled",
        ["The order was cancelled, so the program takes back all it had granted: 190 points."],
    ),
    "deletion": (
        clawback(cause="deleted", target=190, before=95),
        JournalKind.CLAWBACK,
        [(PENDING, BACK, 95)],
        "-95",
        "Returned because order 1042 was deleted",
        ["The store deleted the order, so the program takes back the rest of 190 points: 95 points."],
    ),
    "correction": (
        CORRECTION,
        JournalKind.CORRECTION,
        [(PENDING, ISSUED, 50), (BREAKAGE, ISSUED, 20)],
        "-50",
        "Corrected because order 1042 was changed",
        [
            "The store changed the order: SAR 120.00 of it counts now, which earns 120 points instead of 190 points.",
            "Of this, 20 points had expired already.",
        ],
    ),
    "reinstatement": (
        BACK_AGAIN,
        JournalKind.REINSTATEMENT,
        [(BACK, PENDING, 95)],
        "+95",
        "Given back for order 1042",
        ["The store undid a refund or a cancellation, so the program gives back what it had taken: 95 points."],
    ),
    "late reinstatement": (
        ReinstatementWhy(rule="base", order="1042", store="main", units=95, to_debt=60, expired=35, unforgiven=5),
        JournalKind.REINSTATEMENT,
        [(BACK, DEBT, 60), (BACK, BREAKAGE, 35)],
        "+60",
        "Given back for order 1042",
        [
            "The store undid a refund or a cancellation, so the program gives back what it had taken: 95 points.",
            "Of this, 60 points paid off what was owed.",
            "Of this, 35 points had meanwhile come to the last day and expired at once.",
            "Beside this, 5 points had been let go, so there is nothing to give back for it.",
        ],
    ),
    "repayment": (
        RepaymentWhy(units=37, owed_before=60, order="1043"),
        JournalKind.REPAYMENT,
        [(AVAILABLE, DEBT, 37)],
        "37",
        "Paid off what was owed",
        ["What becomes available first pays what is owed: 37 points of 60 points."],
    ),
    "maturity": (
        MaturityWhy(matured_at=AT, units=190),
        JournalKind.MATURITY,
        [(PENDING, AVAILABLE, 190)],
        "190",
        "Now available",
        ["The return window ended on Mar 20, 2026. From then on this can be used: 190 points."],
    ),
    "expiry": (
        ExpiryWhy(expired_at=MIDNIGHT, units=15),
        JournalKind.EXPIRY,
        [(AVAILABLE, BREAKAGE, 15)],
        "-15",
        "Expired",
        ["The last day was Mar 31, 2026, so what was left of the earning expired: 15 points."],
    ),
    "end of a guest's claim": (
        ExpiryWhy(expired_at=MIDNIGHT, units=15, unclaimed=True),
        JournalKind.EXPIRY,
        [(CLAIMABLE, BREAKAGE, 15)],
        "-15",
        "Expired unclaimed",
        ["This could be claimed by joining until Mar 31, 2026. Nobody did, so it expired: 15 points."],
    ),
    "expiry of a share without activity": (
        InactivityWhy(
            active_at=AT,
            expired_at=MIDNIGHT,
            months=12,
            basis_points=5_000,
            available=60,
            kept=10,
            units=30,
        ),
        JournalKind.EXPIRY,
        [(AVAILABLE, BREAKAGE, 30)],
        "-30",
        "Expired",
        [
            f"Nothing was earned or used from {AT:%b} {AT.day}, 2026 to Mar 31, 2026, so this expired: 30 points.",
            "What was earned recently stays: 10 points.",
        ],
    ),
    **{
        f"maturity after the order was {awaited}": (
            MaturityWhy(matured_at=MIDNIGHT, units=15, after=awaited),
            JournalKind.MATURITY,
            [(PENDING, AVAILABLE, 15)],
            "15",
            "Now available",
            [f"The order was {awaited}. From Apr 1, 2026 on this can be used: 15 points."],
        )
        for awaited in get_args(Awaited)
    },
    "claim": (
        ClaimWhy(units=15, joined_at=AT),
        JournalKind.CLAIM,
        [(CLAIMABLE, PENDING, 15)],
        "15",
        "Claimed by joining",
        ["Joining the program on Mar 20, 2026 claimed what an earlier order had earned: 15 points."],
    ),
    "redemption": (
        RedemptionWhy(units=60, reward="free_coffee"),
        JournalKind.REDEMPTION,
        [(AVAILABLE, REDEEMED, 60)],
        "-60",
        "Used for free_coffee",
        ["Exchanged for free_coffee: 60 points. What expires soonest was used first."],
    ),
    "hold": (
        HoldWhy(units=60, reward="free_coffee", until=AT),
        JournalKind.HOLD,
        [(AVAILABLE, HELD, 60)],
        "60",
        "Reserved for free_coffee",
        ["Reserved for free_coffee: 60 points. What is not used by Mar 20, 2026, 3:05 PM comes back by itself."],
    ),
    **{
        f"given back: {cause}": (
            GiveBackWhy(units=60, reward="free_coffee", cause=cause),
            JournalKind.CANCELLATION,
            [(REDEEMED, AVAILABLE, 60)],
            "+60",
            "Back from free_coffee",
            [f"free_coffee {told}, so this came back: 60 points."],
        )
        for cause, told in GIVEN_BACK.items()
    },
    "given back too late": (
        GiveBackWhy(units=60, reward="free_coffee", cause="cancelled", expired=30, to_debt=20, returned=5),
        JournalKind.CANCELLATION,
        [(REDEEMED, BREAKAGE, 30), (REDEEMED, DEBT, 20), (REDEEMED, BACK, 5), (REDEEMED, AVAILABLE, 5)],
        "+25",
        "Back from free_coffee",
        [
            "free_coffee was given back, so this came back: 60 points.",
            "Of this, 30 points expired at once, for the last day to use it had passed.",
            "Of this, 20 points paid off what was owed.",
            "Of this, 5 points went back with the order that had earned it.",
        ],
    ),
    "exchange": (
        ExchangeWhy(units=15, reward="wallet"),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 15)],
        "+15",
        "From wallet",
        ["wallet gave this: 15 points."],
    ),
    "units of a coupon": (
        CouponWhy(campaign="eid", units=50),
        JournalKind.ACCRUAL,
        [(ISSUED, AVAILABLE, 50)],
        "+50",
        "From the coupon eid",
        ["The coupon eid gave this: 50 points."],
    ),
    "units of a coupon that come back": (
        CouponReturnWhy(campaign="eid", units=50, to_debt=20),
        JournalKind.CLAWBACK,
        [(AVAILABLE, BACK, 30), (DEBT, BACK, 20)],
        "-50",
        "Back from the coupon eid",
        [
            "The order that used the coupon eid came to nothing, so what it gave came back: 50 points.",
            (
                "Of this, 20 points had been used already. What was used stays owed, and what is earned next pays it"
                " first."
            ),
        ],
    ),
    "converted": (
        ConversionWhy(conversion="wallet", unit="points", units=40, granted=150),
        JournalKind.CONVERSION,
        [(AVAILABLE, REDEEMED, 40)],
        "-40",
        "Used for wallet",
        ["Converted by wallet: 40 points. What expires soonest was used first."],
    ),
    "from a conversion": (
        ConversionWhy(conversion="wallet", unit="miles", units=40, granted=15),
        JournalKind.CONVERSION,
        [(ISSUED, AVAILABLE, 15)],
        "+15",
        "From wallet",
        ["wallet gave this: 15 points."],
    ),
    "given to another member": (
        TransferWhy(units=50, sender=UUID(int=1), recipient=UUID(int=2)),
        JournalKind.TRANSFER_OUT,
        [(AVAILABLE, Account.TRANSFERRED, 50)],
        "-50",
        "Given to a member",
        ["Given to another member: 50 points. What expires soonest was given first."],
    ),
    "received from another member": (
        TransferWhy(units=50, sender=UUID(int=1), recipient=UUID(int=2)),
        JournalKind.TRANSFER_IN,
        [(Account.TRANSFERRED, AVAILABLE, 50)],
        "+50",
        "Received from a member",
        ["Another member gave this: 50 points. It can be used as long as they could have used it."],
    ),
    "opening": (
        OpeningWhy(units=150, pending=30, source="members.csv"),
        JournalKind.OPENING,
        [(ISSUED, AVAILABLE, 120), (ISSUED, PENDING, 30)],
        "+150",
        "Brought along",
        ["This came along from the program before: 150 points.", "Of this, 30 points cannot be used yet."],
    ),
    "undo": (
        UndoWhy(units=100, source="members.csv", from_others=10, to_debt=20, forgiven=5, owed_again=15),
        JournalKind.UNDOING,
        [(AVAILABLE, ISSUED, 60), (DEBT, ISSUED, 35)],
        "-95",
        "An import was undone",
        [
            "What an import had brought was taken back: 100 points.",
            "Of this, 10 points came out of other earnings, for what it had brought was used already.",
            (
                "Of this, 20 points had been used already. "
                "What was used stays owed, and what is earned next pays it first."
            ),
            "Of this, 5 points had been used already, and is let go.",
            "Of this, 15 points had paid off what was owed, and is owed again.",
        ],
    ),
    "merged into another membership": (
        MergeWhy(absorbed=UUID(int=1), survivor=UUID(int=2)),
        JournalKind.MERGE_OUT,
        [(AVAILABLE, Account.TRANSFERRED, 50)],
        "-50",
        "Memberships put together",
        ["This membership was put together with another of yours. All that was here is there now."],
    ),
    "another membership merged into this": (
        MergeWhy(absorbed=UUID(int=1), survivor=UUID(int=2)),
        JournalKind.MERGE_IN,
        [(Account.TRANSFERRED, AVAILABLE, 50)],
        "+50",
        "Memberships put together",
        ["Another membership of yours was put together with this one. All that was there is here now."],
    ),
    "back from another membership": (
        MergeWhy(absorbed=UUID(int=1), survivor=UUID(int=2), undone=True),
        JournalKind.MERGE_IN,
        [(Account.TRANSFERRED, AVAILABLE, 50)],
        "+50",
        "Memberships parted",
        ["This was put together with another membership by mistake. What was here came back."],
    ),
    "gone back to another membership": (
        MergeWhy(absorbed=UUID(int=1), survivor=UUID(int=2), undone=True),
        JournalKind.MERGE_OUT,
        [(AVAILABLE, Account.TRANSFERRED, 50)],
        "-50",
        "Memberships parted",
        ["Another membership was put together with this one by mistake. What was its own went back."],
    ),
    "adjustment": (
        AdjustmentWhy(units=5, reason="A late parcel", by="staff@example.com"),
        JournalKind.ADJUSTMENT,
        [(ISSUED, AVAILABLE, 5)],
        "+5",
        "Correction",
        ["The store gave this reason: A late parcel"],
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_a_reason_is_told_in_whole_sentences(case: str) -> None:
    why, kind, moves, amount, title, sentences = TOLD[case]
    told = tell(line(why, kind, moves))
    assert (told.title, told.amount, [plain(one) for one in told.sentences]) == (title, amount, sentences)


@pytest.mark.parametrize("case", TOLD)
@pytest.mark.parametrize("language", ["ar", "fa"])
def test_no_reason_falls_back_to_english(case: str, language: Any) -> None:
    why, kind, moves, _amount, _title, _sentences = TOLD[case]
    told = tell(line(why, kind, moves), language=language)
    english = tell(line(why, kind, moves))
    terms = [*told.arithmetic, *told.details]
    assert len(told.sentences) == len(english.sentences)
    assert {told.title, *told.sentences, told.after} & {english.title, *english.sentences, english.after} == set()
    assert {term.name for term in terms} & {term.name for term in (*english.arithmetic, *english.details)} == set()


def test_every_kind_of_reason_is_in_the_table() -> None:
    # A confirmation moves nothing, so it is no line of a history.
    assert {type(why) for why, *_ in TOLD.values()} == set(get_args(Why)) - {ConfirmationWhy}


def arithmetic(case: str) -> list[tuple[str, str, bool]]:
    why, kind, moves, *_ = TOLD[case]
    told = tell(line(why, kind, moves))
    return [(plain(term.name), plain(term.value), term.is_result) for term in told.arithmetic]


def test_an_accrual_adds_up_from_the_order_to_its_units() -> None:
    assert arithmetic("accrual") == [
        ("Order total", "SAR 230.00", False),
        ("Tax", "-SAR 25.00", False),
        ("Shipping", "-SAR 15.00", False),
        ("What counted", "SAR 190.00", True),
        ("For every SAR 1.00", "1 point", False),
        ("This earns", "190 points", True),
    ]
    assert arithmetic("accrual by steps")[-3:] == [
        ("Full steps of SAR 2.50", "76", False),
        ("For each of them", "5 points", False),
        ("This earns", "380 points", True),
    ]
    assert arithmetic("accrual of a share")[-2:] == [
        ("Share of it", "4.2%", False),
        ("This earns", "798 points", True),
    ]


def test_an_accrual_in_another_currency_shows_its_rate() -> None:
    assert arithmetic("accrual in another currency")[:4] == [
        ("Order total", "$11.50", False),
        ("Tax", "-$1.50", False),
        ("What counted", "$10.00", True),
        ("Converted at the store's rate, 3.75", "SAR 37.50", True),
    ]


def test_a_refund_shows_what_came_back_and_what_was_taken_before() -> None:
    assert arithmetic("second partial refund") == [
        ("What counted", "SAR 190.00", False),
        ("Refunded of it", "SAR 142.50", False),
        ("Granted for the order", "190 points", False),
        ("To be taken back in all", "142 points", False),
        ("Taken back before", "95 points", False),
        ("Taken back now", "47 points", True),
    ]
    assert arithmetic("repayment") == [
        ("Owed before", "60 points", False),
        ("Paid off", "37 points", False),
        ("Still owed", "23 points", True),
    ]


def test_a_store_that_keeps_other_decimals_is_written_in_them() -> None:
    why = accrual(
        currency="IQD", exponent=0, total_minor=25_000, basis_minor=25_000, deductions=(), rate=None,
        converted_minor=25_000_000, program_currency="IQD",
    )  # fmt: skip
    told = tell(line(why, JournalKind.ACCRUAL, [(ISSUED, PENDING, 190)]))
    assert plain(told.arithmetic[0].value) == "IQD 25,000"
