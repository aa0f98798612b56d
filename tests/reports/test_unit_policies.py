"""When units can be used, in whole sentences of three languages."""

from typing import Any

import pytest
from django.utils.translation import override

from tests.core.make import make_spec
from wafa.kit.formats import Formats
from wafa.reports.unit_policies import tell_expiry, tell_maturity

POLICIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["It can be used at once.", "It never expires."]),
    (
        {"maturity": {"kind": "after_days", "days": 14}, "expiry": {"kind": "after_days", "days": 365}},
        ["It can be used 14 days after the order was paid.", "Each earning expires after 365 days."],
    ),
    (
        {
            "maturity": {"kind": "after_days", "days": 1, "after": "fulfilled"},
            "expiry": {"kind": "after_months", "months": 12, "calendar": "hijri"},
        },
        [
            "It can be used 1 day after the order was fulfilled.",
            "Each earning expires after 12 months.",
            "The months are those of the Hijri calendar.",
        ],
    ),
    (
        {
            "maturity": {"kind": "after_days", "days": 7, "after": "delivered"},
            "expiry": {"kind": "end_of", "period": "quarter"},
        },
        [
            "It can be used 7 days after the order was delivered.",
            "Each earning expires with the quarter in which it was earned.",
        ],
    ),
    (
        {
            "maturity": {"kind": "after_days", "days": 0, "after": "fulfilled"},
            "expiry": {"kind": "end_of", "period": "year", "calendar": "jalali", "plus_months": 3},
        },
        [
            "It can be used once the order is fulfilled.",
            "It can be used to the end of the year in which it was earned.",
            "After that it can be used for 3 more months.",
            "The months are those of the Jalali calendar.",
        ],
    ),
    (
        {
            "maturity": {"kind": "after_days", "days": 0, "after": "delivered"},
            "expiry": {"kind": "without_activity", "months": 12},
        },
        [
            "It can be used once the order is delivered.",
            "All of it expires when nothing was earned or used for 12 months.",
        ],
    ),
    (
        {
            "maturity": {"kind": "on_confirmation"},
            "expiry": {"kind": "without_activity", "months": 3, "basis_points": 2_550, "keep_days": 90},
        },
        [
            "It can be used once the order is confirmed.",
            "A share of 25.50% expires each time nothing was earned or used for 3 months.",
            "What was earned in the last 90 days stays.",
        ],
    ),
]


def sentences(unit: dict[str, Any], formats: Formats) -> list[str]:
    spec = make_spec(unit=unit)
    with override(formats.locale):
        told = [tell_maturity(spec.units[0], formats), *tell_expiry(spec.units[0], spec, formats)]
        return [str(phrase) for phrase in told]


@pytest.mark.parametrize(("unit", "expected"), POLICIES)
def test_policies_are_told_in_whole_sentences(unit: dict[str, Any], expected: list[str]) -> None:
    assert sentences(unit, Formats()) == expected


@pytest.mark.parametrize("language", ["ar", "fa"])
@pytest.mark.parametrize(("unit", "expected"), POLICIES)
def test_no_policy_falls_back_to_english(unit: dict[str, Any], expected: list[str], language: Any) -> None:
    told = sentences(unit, Formats.usual(language))

    assert len(told) == len(expected)
    assert not [sentence for sentence in told if any("a" <= letter <= "z" for letter in sentence)]
