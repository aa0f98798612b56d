"""What a new version changes is told in sentences."""

from typing import Any

import pytest
from django.utils import translation
from hypothesis import given

from tests.core.strategies import specs
from tests.examples import examples
from tests.world import spec_document
from wafa.core.spec import Language, ProgramSpec, read_spec
from wafa.kit.formats import Formats
from wafa.reports.changes import tell_changes

RULE = spec_document()["earning"][0]
UNIT = spec_document()["units"][0]
PER_2_50 = {"kind": "per_amount", "units": 5, "per_minor": 250, "mode": "proportional"}
WEEKEND = {
    "id": "weekend",
    "name": {"en": "Coffee weekend"},
    "rules": [RULE["id"]],
    "gives": {"kind": "multiply", "by": "2"},
}
STAMPS = {"code": "stamps", "kind": "stamps", "name": {"en": {"other": "stamps"}}}
TO_STAMPS = {"id": "stamp_it", "name": {"en": "Stamps"}, "unit": "points", "units": 50, "into": "stamps", "gives": 1}
NEWS = {"id": "news", "name": {"en": "News"}, "reason": {"en": "So that we write."}, "type": "boolean"}
MUG: dict[str, Any] = {
    "id": "mug",
    "name": {"en": "A mug"},
    "gives": {"kind": "free_product", "products": ["mug"]},
    "cost": {"kind": "free"},
}
SILVER, GOLD = (
    {"id": name.lower(), "name": {"en": name}, "entry": {"orders": orders}}
    for name, orders in (("Silver", 2), ("Gold", 5))
)


def rule(**changes: Any) -> dict[str, Any]:
    return {"earning": [RULE | {"name": {"en": "Points for orders"}} | changes]}


def told(before: dict[str, Any], after: dict[str, Any], language: Language = "en") -> list[str]:
    one, other = (read_spec(spec_document(**changes)) for changes in (before, after))
    with translation.override(language):
        return [str(each).replace("\u00a0", " ") for each in tell_changes(one, other, Formats.usual(language))]


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (
            rule(award=PER_2_50),
            rule(award=PER_2_50 | {"units": 6}),
            ["Rule “Points for orders” gives 6 points for every SAR 2.50 instead of 5 points."],
        ),
        (
            rule(award=PER_2_50 | {"mode": "step"}),
            rule(award=PER_2_50 | {"mode": "step", "units": 6}, minimum_minor=5_000),
            [
                "Rule “Points for orders” gives 6 points for every full SAR 2.50 instead of 5 points.",
                "Rule “Points for orders”: now “An order earns from SAR 50.00 on.”",
            ],
        ),
        (
            rule(award={"kind": "percent", "basis_points": 500}),
            rule(award={"kind": "percent", "basis_points": 525}),
            ["Rule “Points for orders” gives 5.25% of what counts instead of 5.00%."],
        ),
        *(
            (
                rule(award={"kind": kind, "units": 1}),
                rule(award={"kind": kind, "units": 2}),
                [f"Rule “Points for orders” gives 2 points for {what} instead of 1 point."],
            )
            for kind, what in (
                ("fixed", "an order"),
                ("per_item", "every line that counts"),
                ("per_quantity", "every piece that counts"),
            )
        ),
        (
            rule(award={"kind": "fixed", "units": 1}),
            rule(award=PER_2_50),
            [
                (
                    "Rule “Points for orders”: “A paid order earns 5 points for every SAR 2.50, and for parts of it"
                    " in proportion.” instead of “A paid order earns 1 point.”"
                ),
            ],
        ),
        (
            rule(),
            rule(basis={"tax": True}),
            ["Rule “Points for orders”: “Tax counts.” instead of “Tax does not count.”"],
        ),
        (
            rule(scope={"exclude": {"products": ["P1"]}}),
            rule(scope={"exclude": {"products": ["P1", "P2"]}}),
            ["Rule “Points for orders”: scope.exclude.products also has P2."],
        ),
        (
            rule(scope={"exclude": {"products": ["P1", "P2"]}}),
            rule(scope={"exclude": {"products": ["P1"]}}),
            ["Rule “Points for orders”: scope.exclude.products no longer has P2."],
        ),
        (
            rule(schedule={"until": "2026-06-30"}),
            rule(schedule={"until": "2026-07-31"}),
            ["Rule “Points for orders”: schedule.until is 2026-07-31 instead of 2026-06-30."],
        ),
        (
            rule(),
            rule(trigger=RULE.get("trigger", "order_paid"), name={"en": "Points"}),
            ["Rule “Points”: name.en is Points instead of Points for orders."],
        ),
        (
            {"units": [UNIT]},
            {"units": [UNIT | {"expiry": {"kind": "after_months", "months": 12}}]},
            ["Unit “points”: “Each earning expires after 12 months.” instead of “It never expires.”"],
        ),
        ({}, {"accelerators": [WEEKEND]}, ["Accelerator “Coffee weekend” is new."]),
        ({"accelerators": [WEEKEND]}, {}, ["Accelerator “Coffee weekend” is gone."]),
        ({}, {"activities": [{"id": "pickup", "name": {"en": "Pick-up"}}]}, ["Activity “Pick-up” is new."]),
        (
            {"units": [UNIT, STAMPS]},
            {"units": [UNIT, STAMPS], "conversions": [TO_STAMPS]},
            ["Conversion “Stamps” is new."],
        ),
        (
            {"units": [UNIT, STAMPS], "conversions": [TO_STAMPS]},
            {"units": [UNIT, STAMPS], "conversions": [TO_STAMPS | {"gives": 2}]},
            ["Conversion “Stamps”: gives is 2 instead of 1."],
        ),
        (
            {"accelerators": [WEEKEND]},
            {"accelerators": [WEEKEND | {"gives": {"kind": "multiply", "by": "3"}}]},
            ["Accelerator “Coffee weekend”: gives.by is 3 instead of 2."],
        ),
        (
            {"guests": {"claim_days": 1}},
            {"guests": None},
            ["Joining: “Guests earn nothing.” instead of “What a guest earns waits 1 day for them to join.”"],
        ),
        (
            {"tiers": {"ladder": [GOLD]}},
            {"tiers": {"ladder": [GOLD | {"entry": {"orders": 7}}]}},
            ["Tier “Gold”: entry.orders is 7 instead of 5."],
        ),
        ({"tiers": {"ladder": [GOLD]}}, {"tiers": {"ladder": [SILVER, GOLD]}}, ["Tier “Silver” is new."]),
        (
            {"rewards": [MUG], "tiers": {"ladder": [GOLD | {"entry_reward": {"unit": "points", "units": 5}}]}},
            {"rewards": [MUG], "tiers": {"ladder": [GOLD | {"entry_reward": {"reward": "mug"}}]}},
            [
                "Tier “Gold”: entry_reward.unit is gone; it was points.",
                "Tier “Gold”: entry_reward.units is gone; it was 5.",
                "Tier “Gold”: entry_reward.reward is mug; there was nothing before.",
            ],
        ),
        (
            rule(),
            rule(limits=[{"per": "member", "times": 1, "within": {"kind": "day"}}]),
            ["Rule “Points for orders”: now “By this rule a member earns at most 1 time a day.”"],
        ),
        ({"rates": {"USD": "3.75"}}, {}, ["The program: rates.USD is gone; it was 3.75."]),
        ({}, {"referral": {}}, ["The program: referral is new; the document says what it holds."]),
        ({"referral": {}}, {}, ["The program: referral is gone."]),
        ({}, {"profile": {"fields": [NEWS]}}, ["Question “News” is new."]),
        ({}, {"rates": {"USD": "3.75"}}, ["The program: rates.USD is 3.75; there was nothing before."]),
        ({}, {}, []),
    ],
)  # fmt: skip
def test_each_change_is_a_sentence(before: dict[str, Any], after: dict[str, Any], sentences: list[str]) -> None:
    assert told(before, after) == sentences


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ar", "القاعدة «Points for orders»: يُكتسب عن كل ٢٫٥٠ ر.س ٦ points بدلًا من ٥ points."),
        ("fa", "قاعدهٔ «Points for orders»: برای هر ۲٫۵۰ ریال سعودی ۶ points کسب می‌شود، به‌جای ۵ points."),
    ],
)
def test_changes_are_told_in_the_readers_language(language: Language, sentence: str) -> None:
    (found,) = told(rule(award=PER_2_50), rule(award=PER_2_50 | {"units": 6}), language)
    assert found == sentence


@examples(100)
@given(specs(), specs())
def test_law_whatever_differs_is_told_and_nothing_else(before: ProgramSpec, after: ProgramSpec) -> None:
    assert (tell_changes(before, after, Formats.usual("en")) == []) == (before == after)
