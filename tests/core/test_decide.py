"""Which version decides, what is not earned and why, and how journals are named and ordered."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, program_of
from wafa.core.books import Account, JournalKind, Posting, journal_id
from wafa.core.compare import ActivityKind, Seen
from wafa.core.decide import Decision, NotEarned, decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderDeletion, OrderLine, OrderStatus, Refund, Tender, TenderKind
from wafa.core.spec import ProgramSpec, Version
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, ClawbackWhy, Deduction, Why

DAY = timedelta(days=1)
MEMBER = Standing(member_id=MEMBER_ID)


def not_earned(spec: ProgramSpec, total_minor: int, *, joined: bool = True) -> list[tuple[str | None, str]]:
    decision = decide(
        program_of(spec), Standing(member_id=MEMBER_ID, joined=joined), make_activity(make_order(total_minor))
    )
    assert decision.journals == ()
    return [(refusal.rule, refusal.reason) for refusal in decision.not_earned]


def test_what_is_not_earned_says_why() -> None:
    by_points = make_order(tenders=(Tender(kind=TenderKind.POINTS, amount_minor=12_000),))

    assert not_earned(make_spec(rule={"minimum_minor": 10_000}), 9_999) == [("orders", "below_minimum")]
    assert not_earned(make_spec(), 99) == [("orders", "below_one_unit")]
    assert not_earned(make_spec(rule={"scope": {"include": {"skus": ["B1"]}}}), 500) == [("orders", "nothing_counts")]
    assert not_earned(make_spec(guests=None), 500, joined=False) == [(None, "guests_do_not_earn")]
    assert decide(program_of(make_spec()), MEMBER, make_activity(by_points)) == Decision(
        not_earned=(NotEarned(reason="nothing_counts", rule="orders"),)
    )


def two_versions() -> Program:
    """One point per riyal, and from a day after noon on ten."""
    tenfold = {"award": {"kind": "per_amount", "units": 10, "per_minor": 100, "mode": "proportional"}}
    return Program(
        id="falcon",
        versions=[
            Version(number=2, effective_from=NOON + DAY, spec=make_spec(rule=tenfold)),
            Version(number=1, effective_from=NOON, spec=make_spec()),
        ],
    )


@pytest.mark.parametrize(
    ("paid_at", "version", "units"), [(NOON, 1, 120), (NOON + DAY, 2, 1_200), (NOON + 9 * DAY, 2, 1_200)]
)
def test_the_version_in_force_when_the_order_was_paid_decides(paid_at: object, version: int, units: int) -> None:
    order = make_order(paid_at=paid_at, as_of=paid_at)

    (journal,) = decide(two_versions(), MEMBER, make_activity(order)).journals

    assert (journal.version, journal.why.units) == (version, units)  # type: ignore[union-attr]


def test_before_the_first_version_nothing_is_earned() -> None:
    order = make_order(paid_at=NOON - DAY, as_of=NOON - DAY)

    assert decide(two_versions(), MEMBER, make_activity(order)).not_earned == (NotEarned(reason="before_program"),)
    assert decide(two_versions(), MEMBER, make_activity(order, ActivityKind.EDITED)) == Decision()


def test_a_refund_takes_back_what_was_granted_and_not_what_a_later_version_would_grant() -> None:
    driver = MemoryDriver(make_spec())
    driver.program = two_versions()
    driver.see(make_order())

    driver.see(make_order(as_of=NOON + 5 * DAY, refunds=(Refund(id="R1", at=NOON + 5 * DAY, amount_minor=6_000),)))
    driver.see(make_order(20_000, as_of=NOON + 6 * DAY))

    assert [(journal.kind, journal.version) for journal in driver.journals] == [
        (JournalKind.ACCRUAL, 1),
        (JournalKind.CLAWBACK, 1),
        (JournalKind.REINSTATEMENT, 1),
        (JournalKind.CORRECTION, 1),
    ]
    assert driver.balance("points").available == 200


def test_an_accrual_tells_its_whole_arithmetic() -> None:
    order = make_order(
        13_800,
        number="1042",
        shipping_minor=1_000,
        shipping_tax_minor=150,
        lines=(
            OrderLine(
                id="L1", product_id="beans", quantity=2, subtotal_minor=12_000, total_minor=11_000, tax_minor=1_650
            ),
        ),
    )

    (journal,) = decide(program_of(make_spec()), MEMBER, make_activity(order)).journals

    assert journal.why == AccrualWhy(
        rule="orders",
        order="1042",
        store="falcon",
        units=110,
        currency="SAR",
        total_minor=13_800,
        basis_minor=11_000,
        formula="per_amount",
        mode="proportional",
        rounding="down",
        award_units=1,
        per_minor=100,
        deductions=(Deduction(code="tax", amount_minor=1_650), Deduction(code="shipping", amount_minor=1_150)),
    )
    assert journal.key == "accrual:falcon:O1:orders"
    assert journal.postings == (Posting("points", Account.ISSUED, Account.AVAILABLE, 110, journal.lots[0].id),)


@pytest.mark.parametrize(
    ("award", "told"),
    [
        ({"kind": "fixed", "units": 50}, {"formula": "fixed", "award_units": 50, "units": 50}),
        (
            {"kind": "percent", "basis_points": 250, "rounding": "half_up"},
            {"formula": "percent", "basis_points": 250, "rounding": "half_up", "units": 300},
        ),
        (
            {"kind": "per_amount", "units": 5, "per_minor": 250, "mode": "step"},
            {"formula": "per_amount", "mode": "step", "award_units": 5, "per_minor": 250, "units": 240},
        ),
    ],
)
def test_every_award_tells_its_formula(award: dict[str, object], told: dict[str, object]) -> None:
    (journal,) = decide(program_of(make_spec(rule={"award": award})), MEMBER, make_activity(make_order())).journals

    said = msgspec.to_builtins(journal.why)
    common = {"type", "rule", "order", "store", "currency", "total_minor", "basis_minor"}
    assert {name: value for name, value in said.items() if name not in common} == told
    assert msgspec.convert(said, Why) == journal.why


def test_a_clawback_names_its_cause_by_the_state_of_the_order() -> None:
    driver = MemoryDriver(make_spec())
    driver.see(make_order())
    # One snapshot tells of an edit and a refund at once.
    driver.see(make_order(10_000, as_of=NOON + DAY, refunds=(Refund(id="R1", at=NOON + DAY, amount_minor=2_500),)))

    *_, clawback = driver.journals
    assert clawback.why == ClawbackWhy(
        cause="part_refunded",
        rule="orders",
        order="O1",
        store="falcon",
        units=25,
        currency="SAR",
        basis_minor=10_000,
        returned_minor=2_500,
        granted=100,
        target=25,
        before=0,
    )


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (make_order(as_of=NOON + DAY, status=OrderStatus.CANCELLED), "cancelled"),
        (OrderDeletion(external_id="O1", as_of=NOON + DAY), "deleted"),
        (
            make_order(as_of=NOON + DAY, refunds=(Refund(id="R1", at=NOON + DAY, amount_minor=12_000),)),
            "fully_refunded",
        ),
    ],
)
def test_everything_comes_back_for_a_cause(seen: Seen, cause: str) -> None:
    driver = MemoryDriver(make_spec())
    driver.see(make_order())
    driver.see(seen)

    *_, clawback = driver.journals
    assert isinstance(clawback.why, ClawbackWhy)
    assert (clawback.why.cause, clawback.why.units, clawback.why.returned_minor) == (cause, 120, 12_000)


def test_a_clawback_is_not_told_before_what_it_takes_was_there() -> None:
    driver = MemoryDriver(make_spec(unit={"maturity": {"kind": "after_days", "days": 14}}))
    driver.see(make_order())
    driver.turn_clock(at=NOON + 20 * DAY)

    # The store's refund of the third day reaches us when the points have matured.
    driver.see(make_order(as_of=NOON + 3 * DAY, refunds=(Refund(id="R1", at=NOON + 3 * DAY, amount_minor=12_000),)))

    assert [(journal.kind, journal.occurred_at) for journal in driver.journals] == [
        (JournalKind.ACCRUAL, NOON),
        (JournalKind.MATURITY, NOON + 14 * DAY),
        (JournalKind.CLAWBACK, NOON + 14 * DAY),
    ]
    assert sorted(driver.journals, key=lambda journal: journal.id) == driver.journals


def test_a_lot_opened_after_its_day_moves_when_it_was_opened() -> None:
    driver = MemoryDriver(make_spec(unit={"maturity": {"kind": "after_days", "days": 14}}))
    driver.see(make_order())
    driver.turn_clock(at=NOON + 14 * DAY)
    driver.see(make_order(20_000, as_of=NOON + 30 * DAY))
    driver.turn_clock(at=NOON + 31 * DAY)

    assert [(journal.kind, journal.occurred_at) for journal in driver.journals[2:]] == [
        (JournalKind.CORRECTION, NOON + 30 * DAY),
        (JournalKind.MATURITY, NOON + 30 * DAY),
    ]
    assert sorted(driver.journals, key=lambda journal: journal.id) == driver.journals


def test_a_lot_that_was_given_back_may_mature_again() -> None:
    driver = MemoryDriver(make_spec(unit={"maturity": {"kind": "after_days", "days": 14}}))
    half = Refund(id="R1", at=NOON + 3 * DAY, amount_minor=6_000)
    driver.see(make_order())
    driver.see(make_order(as_of=NOON + 3 * DAY, refunds=(half,)))
    driver.turn_clock(at=NOON + 14 * DAY)
    driver.redeem(key="R1", unit="points", units=60, at=NOON + 15 * DAY)

    # On the fifth day, inside the return window, the store took its refund back; we hear of it only now.
    driver.see(make_order(as_of=NOON + 5 * DAY))
    assert driver.balance("points").pending == 60
    driver.turn_clock(at=NOON + 16 * DAY)

    matured = [journal for journal in driver.journals if journal.kind is JournalKind.MATURITY]
    assert [journal.postings[0].amount for journal in matured] == [60, 60]
    assert driver.balance("points").available == 60


def test_ids_follow_from_their_cause_and_sort_by_time_then_by_what_gives_first() -> None:
    told = [
        journal_id(JournalKind.ACCRUAL, "b", at=NOON),
        journal_id(JournalKind.MATURITY, "a", at=NOON),
        journal_id(JournalKind.REDEMPTION, "z", at=NOON),
        journal_id(JournalKind.CLAWBACK, "y", at=NOON),
        journal_id(JournalKind.ACCRUAL, "a", at=NOON + timedelta(milliseconds=1)),
    ]

    assert told == sorted(told)
    assert len(set(told)) == 5
    assert journal_id(JournalKind.ACCRUAL, "b", at=NOON) == told[0]
    assert [(one.version, one.variant) for one in told] == [(7, "specified in RFC 4122")] * 5


def test_a_debt_is_paid_once_by_two_rules_of_one_order() -> None:
    spec = make_spec()
    bonus = spec.earning[0].model_copy(update={"id": "bonus"})
    driver = MemoryDriver(spec.model_copy(update={"earning": (*spec.earning, bonus)}))
    driver.see(make_order(10_000))
    driver.redeem(key="R1", unit="points", units=200, at=NOON + DAY)
    driver.see(make_order(10_000, as_of=NOON + DAY, refunds=(Refund(id="R1", at=NOON + DAY, amount_minor=10_000),)))
    assert driver.balance("points").debt == 200

    driver.see(replace(make_order(15_000, external_id="O2"), paid_at=NOON + 2 * DAY, as_of=NOON + 2 * DAY))

    assert (driver.balance("points").debt, driver.balance("points").available) == (0, 100)
    repaid = [journal.postings[0].amount for journal in driver.journals if journal.kind is JournalKind.REPAYMENT]
    assert repaid == [150, 50]
