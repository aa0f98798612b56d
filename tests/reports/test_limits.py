"""Limits and budgets are told where a grant was cut, and where a program's document is read."""

from typing import Any, get_args

import pytest

from tests.reports.lines import accrual, line, plain, tell
from tests.world import spec_document
from wafa.core.books import Account, JournalKind
from wafa.core.spec import Language, read_spec
from wafa.core.spec.limits import Recurring, Within
from wafa.core.why import AccrualWhy, CorrectionWhy, Limited
from wafa.kit.formats import Formats
from wafa.reports.summary import summarise

(RULE,) = spec_document()["earning"]
DAILY = Limited(part="limits.0", by="member", withheld=40, most=150, within="day")


def kinds_of(period: Any) -> set[str]:
    parts = get_args(get_args(period)[0])
    return {kind for part in parts for kind in get_args(part.model_fields["kind"].annotation)}


def told(limited: Limited, *, language: Language = "en", **changes: Any) -> list[str]:
    why = accrual(units=150, limited=limited, **changes)
    return [plain(one) for one in tell(journal(why), language=language).sentences]


def journal(why: AccrualWhy | CorrectionWhy) -> Any:
    return line(why, JournalKind.ACCRUAL, [(Account.ISSUED, Account.PENDING, 150)])


def test_what_a_limit_withheld_is_told_with_its_arithmetic() -> None:
    assert told(DAILY) == [
        "SAR 190.00 of the order counted, at 1 point for every SAR 1.00: 190 points.",
        "By this rule a member earns at most 150 points a day.",
        "What is above it, 40 points, is not granted.",
    ]
    arithmetic = tell(journal(accrual(units=150, limited=DAILY))).arithmetic
    assert [(plain(term.name), plain(term.value)) for term in arithmetic[-3:]] == [
        ("This earns", "190 points"),
        ("Above the limit of the rule", "-40 points"),
        ("Granted in all", "150 points"),
    ]


def test_a_cap_and_a_limit_are_told_apart() -> None:
    assert told(DAILY, capped=30)[1:] == [
        "One order earns at most 190 points by this rule; what is above it, 30 points, is not granted.",
        "By this rule a member earns at most 150 points a day.",
        "What is above it, 40 points, is not granted.",
    ]


def test_an_edit_that_a_limit_cut_says_so() -> None:
    why = CorrectionWhy(
        rule="base", order="1042", store="main", before=100, target=150, currency="SAR", basis_minor=19_000,
        limited=DAILY,
    )  # fmt: skip
    assert [plain(one) for one in tell(journal(why)).sentences][1:] == [
        "By this rule a member earns at most 150 points a day.",
        "What is above it, 40 points, is not granted.",
    ]


BOUNDS = [
    *(("member", kind) for kind in sorted(kinds_of(Within))),
    *((by, kind) for by in ("program", "budget") for kind in sorted(kinds_of(Recurring))),
]


@pytest.mark.parametrize(("by", "within"), BOUNDS)
def test_every_bound_is_told_in_three_languages(by: str, within: str) -> None:
    limited = Limited(part="limits.0", by=by, withheld=40, most=150, within=within, days=30)
    sentences = {language: told(limited, language=language)[1] for language in ("en", "ar", "fa")}
    assert len(set(sentences.values())) == 3
    assert "150" in sentences["en"]
    if within == "rolling":
        assert sentences["en"] == "By this rule a member earns at most 150 points within 30 days."


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            {"limits": [{"per": "member", "times": 1, "within": {"kind": "week", "begins": "sat"}}]},
            ["By this rule a member earns at most 1 time a week.", "A week begins on Saturday."],
        ),
        (
            {"limits": [{"per": "program", "units": 500, "within": {"kind": "month", "calendar": "hijri"}}]},
            [
                "By this rule all members together earn at most 500 points a month.",
                "The months are those of the Hijri calendar.",
                "An order that would earn more than is left earns what is left.",
            ],
        ),
        (
            {"budget": {"units": 9_000, "exceeding": "refuse"}},
            [
                "The rule ends when its budget is spent, which is 9,000 points in all.",
                "An order that would earn more than is left earns nothing.",
            ],
        ),
    ],
)
def test_the_document_tells_its_limits(rule: dict[str, Any], expected: list[str]) -> None:
    summary = summarise(read_spec(spec_document(earning=[RULE | rule])), Formats.usual("en"))
    assert [plain(str(one)) for one in summary.rules[0].sentences][-len(expected) :] == expected
