"""What accelerators add is told one by one, in three languages, and adds up."""

from typing import Any

import pytest

from tests.reports.lines import accrual, clawback, line, plain, tell
from wafa.core.books import Account, JournalKind
from wafa.core.spec import Language
from wafa.core.why import Acceleration, AccrualWhy
from wafa.reports.told import Told

ISSUED, PENDING, BACK = Account.ISSUED, Account.PENDING, Account.CLAWED_BACK
WEEKEND = Acceleration(accelerator="weekend", multiplier="2", part_minor=4_000, units=40)
LAUNCH = Acceleration(accelerator="launch", units=50)


def told_of(why: AccrualWhy, language: Language = "en") -> Told:
    return tell(line(why, JournalKind.ACCRUAL, [(ISSUED, PENDING, why.units)]), language=language)


def sentences(why: AccrualWhy, language: Language = "en") -> list[str]:
    return [plain(one) for one in told_of(why, language).sentences]


def arithmetic(why: AccrualWhy) -> list[tuple[str, str, bool]]:
    return [(plain(term.name), plain(term.value), term.is_result) for term in told_of(why).arithmetic]


ACCELERATED = accrual(units=280, base_units=190, accelerations=(WEEKEND, LAUNCH))
CAPPED = accrual(units=200, base_units=190, accelerations=(WEEKEND,), capped=30)


def test_each_accelerator_is_told_with_its_arithmetic() -> None:
    assert sentences(ACCELERATED) == [
        "SAR 190.00 of the order counted, at 1 point for every SAR 1.00: 190 points.",
        "Coffee weekend counts SAR 40.00 of it 2 times, which adds 40 points.",
        # A program that is read with another version's names still says which it was.
        "launch adds 50 points.",
        "Together this makes 280 points.",
    ]
    assert arithmetic(ACCELERATED)[-5:] == [
        ("For every SAR 1.00", "1 point", False),
        ("This earns", "190 points", True),
        ("Coffee weekend: 2 times on SAR 40.00", "+40 points", False),
        ("launch", "+50 points", False),
        ("Granted in all", "280 points", True),
    ]


def test_what_a_cap_cuts_off_is_told() -> None:
    assert (
        sentences(CAPPED)[-1]
        == "One order earns at most 200 points by this rule; what is above it, 30 points, is not granted."
    )
    assert arithmetic(CAPPED)[-3:] == [
        ("Coffee weekend: 2 times on SAR 40.00", "+40 points", False),
        ("Above the most for one order", "-30 points", False),
        ("Granted in all", "200 points", True),
    ]
    alone = accrual(units=150, capped=40)
    assert sentences(alone)[0] == "SAR 190.00 of the order counted, at 1 point for every SAR 1.00: 190 points."
    assert arithmetic(alone)[-3:] == [
        ("This earns", "190 points", True),
        ("Above the most for one order", "-40 points", False),
        ("Granted in all", "150 points", True),
    ]


@pytest.mark.parametrize(
    ("formula", "count", "sentence", "counted"),
    [
        ("per_item", 1, "1 line of the order counted, at 10 points each: 10 points.", "Lines that counted"),
        ("per_item", 3, "3 lines of the order counted, at 10 points each: 30 points.", "Lines that counted"),
        ("per_quantity", 1, "1 piece counted, at 10 points each: 10 points.", "Pieces that counted"),
        ("per_quantity", 4, "4 pieces counted, at 10 points each: 40 points.", "Pieces that counted"),
    ],
)
def test_lines_and_pieces_are_counted(formula: str, count: int, sentence: str, counted: str) -> None:
    why = counting(formula, count)

    assert sentences(why) == [sentence]
    assert arithmetic(why)[-3:] == [
        (counted, str(count), False),
        ("For each of them", "10 points", False),
        ("This earns", f"{count * 10} points", True),
    ]


def counting(formula: str, count: int) -> AccrualWhy:
    return accrual(
        formula=formula, mode=None, rounding=None, per_minor=None, award_units=10, count=count, units=count * 10
    )


def test_a_part_that_is_counted_is_told_as_a_number() -> None:
    step = Acceleration(accelerator="weekend", multiplier="1.5", part_count=2, units=10)
    why = accrual(
        formula="per_quantity", mode=None, rounding="down", per_minor=None, award_units=10, count=4, units=50,
        base_units=40, accelerations=(step,),
    )  # fmt: skip

    assert sentences(why)[1] == "Coffee weekend counts 2 of them 1.5 times, which adds 10 points."


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", ["«عطلة القهوة» يضرب", "«launch» يضيف", "والمجموع"]),
        ("fa", ["«آخر هفته قهوه»", "«launch»", "روی هم می‌شود"]),
    ],
)
def test_accelerators_are_told_in_arabic_and_persian(language: Language, expected: list[str]) -> None:
    told = sentences(ACCELERATED, language)[1:]

    assert [one.startswith(start) for one, start in zip(told, expected, strict=True)] == [True] * 3


@pytest.mark.parametrize("language", ["ar", "fa"])
@pytest.mark.parametrize(
    "why", [ACCELERATED, CAPPED, *(counting("per_item", n) for n in (1, 2, 3, 11, 100)), counting("per_quantity", 2)]
)
def test_nothing_of_it_falls_back_to_english(why: AccrualWhy, language: Any) -> None:
    told, english = told_of(why, language), told_of(why)

    assert len(told.sentences) == len(english.sentences)
    assert set(told.sentences) & set(english.sentences) == set()
    names = {term.name for term in told.arithmetic} & {term.name for term in english.arithmetic}
    # But for the accelerator that only has its id.
    assert names <= {"launch"}


def test_a_clawback_says_why_another_share_of_the_units_than_of_the_money_comes_back() -> None:
    why = clawback(units=120, target=120, by_earnings=True)
    told = tell(line(why, JournalKind.CLAWBACK, [(PENDING, BACK, 120)]))

    assert [plain(one) for one in told.sentences] == [
        "SAR 95.00 of the SAR 190.00 that counted was refunded, so the program takes back 120 points of 190 points.",
        "Not all of the order had earned alike: what was refunded takes back what it had earned.",
    ]
