"""What members are told of the ways to earn: what is open now, and what it is worth where that is exact."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.storefront.coffee import POINTS
from tests.world import spec_document
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec, Version
from wafa.kit.formats import Formats
from wafa.reports.units import unit_heading
from wafa.reports.ways import list_ways

AT = datetime(2026, 5, 1, tzinfo=UTC)


def rule(award: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"id": "r", "name": {"en": "A rule"}, "unit": "points", "award": award} | changes


def told(*rules: dict[str, Any], unit: dict[str, Any] = POINTS, language: str = "en") -> list[tuple[str, list[str]]]:
    spec = ProgramSpec.model_validate(spec_document(units=[unit], earning=list(rules)))
    program = Program(id="p", versions=(Version(number=1, spec=spec, effective_from=AT - timedelta(days=1)),))
    formats = Formats.usual(language, time_zone="Asia/Riyadh")
    with translation.override(language):
        ways = list_ways(program, formats=formats, at=AT)
        return [(way.name, [str(each).replace("\xa0", " ") for each in way.sentences]) for way in ways]


@pytest.mark.parametrize(
    ("award", "worth"),
    [
        ({"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}, "5% of what counts"),
        ({"kind": "per_amount", "units": 1, "per_minor": 200, "mode": "proportional"}, "2.50% of what counts"),
        ({"kind": "per_amount", "units": 1, "per_minor": 300, "mode": "proportional"}, None),
        ({"kind": "fixed", "units": 50}, "SAR 2.50"),
    ],
)
def test_the_worth_is_told_where_it_can_be_told_exactly(award: dict[str, Any], worth: str | None) -> None:
    ((_name, sentences),) = told(rule(award))
    assert sentences[1:] == ([f"That is worth {worth}."] if worth else [])
    ((_name, sentences),) = told(rule(award), unit={key: POINTS[key] for key in POINTS if key != "face_value"})
    assert len(sentences) == 1


def test_what_is_closed_now_is_left_out_and_what_is_limited_says_so() -> None:
    fixed = {"kind": "fixed", "units": 50}
    past = rule(fixed, id="past", schedule={"until": "2026-04-01"})
    now = rule(fixed, id="now", schedule={"until": "2026-06-01"}, name={"en": "In May"}, minimum_minor=5_000)
    assert told(past, now) == [
        (
            "In May",
            [
                "A paid order earns 50 points.",
                "That is worth SAR 2.50.",
                "An order earns from SAR 50.00 on.",
                "Not everything counts: only certain products, times or members.",
            ],
        )
    ]


def test_members_are_told_their_own_limits_and_that_there_are_others() -> None:
    limits = [
        {"per": "member", "units": 100, "within": {"kind": "week", "begins": "sat"}},
        {"per": "program", "times": 500, "within": {"kind": "day"}},
    ]
    award = {"kind": "fixed", "units": 50}
    review = rule(award, trigger="review", limits=limits, most_units=40)
    order = rule(award, id="o", limits=limits[:1], most_units=40)
    ((_name, of_review), (_other, of_order)) = told(review, order)
    assert of_review == [
        "It earns 50 points every time.",
        "That is worth SAR 2.50.",
        "It earns at most 40 points every time.",
        "By this rule a member earns at most 100 points a week.",
        "A week begins on Saturday.",
        "There is only so much of it for all members together.",
    ]
    assert of_order[2] == "One order earns at most 40 points by it."
    assert of_order[3:] == of_review[3:5]


def test_a_unit_is_called_by_its_plural_where_its_name_stands_alone() -> None:
    spec = ProgramSpec.model_validate(spec_document(units=[POINTS]))
    (unit,) = spec.units
    assert [unit_heading(unit, language) for language in ("en", "ar", "fa")] == ["points", "نقاط", "امتیاز"]
