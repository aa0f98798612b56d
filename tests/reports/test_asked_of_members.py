"""What a program asks of members, in three languages: every condition there is, with its bounds."""

from typing import Any, get_args

import pytest
from django.utils import translation

from tests.core.make import make_spec
from wafa.core.spec.members import MemberCondition
from wafa.kit.formats import Formats
from wafa.reports.asked_of_members import MemberTeller

SCALE = {"recency_days": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary_minor": [1, 2, 3, 4]}
NAMED = "the document names them."
CASES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "days_since_last_order", "at_least": 60}, "Since the member's last order: 60 days or more."),
    ({"kind": "days_since_last_order", "at_most": 1}, "Since the member's last order: 1 day or less."),
    ({"kind": "days_since_joining", "at_least": 2, "at_most": 9}, "Since the member joined: 2 to 9 days."),
    ({"kind": "joined"}, "The member is no guest."),
    ({"kind": "joined", "since": "2026-03-01"}, "The member joined on Mar 1, 2026 or later."),
    ({"kind": "joined", "until": "2026-03-01"}, "The member joined on Mar 1, 2026 or earlier."),
    (
        {"kind": "joined", "since": "2026-03-01", "until": "2026-03-09"},
        "The member joined from Mar 1, 2026 to Mar 9, 2026.",
    ),
    ({"kind": "language", "languages": ["ar", "fa"]}, "The store account is in one of these languages: ar, fa."),
    ({"kind": "details", "told": ["email", "phone"]}, "The member has told: e-mail, phone."),
    ({"kind": "profile", "field": "children"}, "The profile answers Children."),
    ({"kind": "profile", "field": "children", "at_least": 2}, "The profile answers Children with: 2 or more."),
    (
        {"kind": "profile", "field": "skin", "any_of": ["dry", "oily"]},
        "The profile answers Skin with one of: Dry, Oily.",
    ),
    ({"kind": "segment", "segments": ["press"]}, "The member is in one of these segments: Press."),
    ({"kind": "tier", "tiers": ["gold"]}, "The member has one of these tiers: Gold."),
    ({"kind": "orders", "at_least": 3}, "Paid orders: 3 or more."),
    ({"kind": "orders", "at_most": 3, "within_days": 90}, "Paid orders in the last 90 days: 3 or less."),
    ({"kind": "spend", "at_least_minor": 10_000, "at_most_minor": 20_000}, "Spent: SAR 100.00 to SAR 200.00."),
    ({"kind": "spend", "at_least_minor": 1, "within_days": 2}, "Spent in the last 2 days: SAR 0.01 or more."),
    ({"kind": "average_order", "at_most_minor": 5_000}, "An order on average: SAR 50.00 or less."),
    (
        {"kind": "average_order", "at_most_minor": 5_000, "within_days": 1},
        "An order on average in the last 1 day: SAR 50.00 or less.",
    ),
    ({"kind": "bought", "selection": {"tags": ["new"]}}, f"Some of certain products were bought; {NAMED}"),
    (
        {"kind": "bought", "selection": {"tags": ["new"]}, "within_days": 9},
        f"Some of certain products were bought in the last 9 days; {NAMED}",
    ),
    (
        {"kind": "rfm", "recency": {"at_least": 4}},
        "Scores of 1 to 5: how recently 4 to 5, how often 1 to 5, for how much 1 to 5.",
    ),
    ({"kind": "any", "of": [{"kind": "joined"}]}, f"At least one of some further conditions holds; {NAMED}"),
    ({"kind": "all", "of": [{"kind": "joined"}]}, f"All of some further conditions hold; {NAMED}"),
    ({"kind": "none", "of": [{"kind": "joined"}]}, f"None of some further conditions holds; {NAMED}"),
]


GOLD = {"id": "gold", "name": {"en": "Gold", "ar": "الذهبية", "fa": "طلایی"}, "entry": {"orders": 9}}
LADDER = {"ladder": [GOLD]}
WHY = {"en": "To recommend", "ar": "للتوصية", "fa": "برای پیشنهاد"}
PROFILE = {
    "fields": [
        {
            "id": "children",
            "name": {"en": "Children", "ar": "الأطفال", "fa": "فرزندان"},
            "reason": WHY,
            "type": "integer",
        },
        {
            "id": "skin",
            "name": {"en": "Skin", "ar": "البشرة", "fa": "پوست"},
            "reason": WHY,
            "type": "choice",
            "choices": [
                {"id": "dry", "name": {"en": "Dry", "ar": "جافة", "fa": "خشک"}},
                {"id": "oily", "name": {"en": "Oily", "ar": "دهنية", "fa": "چرب"}},
            ],
        },
    ]
}


def told(condition: dict[str, Any], locale: Any) -> list[str]:
    press = {"id": "press", "name": {"en": "Press", "ar": "الصحافة", "fa": "رسانه‌ها"}}
    asked = {"id": "asked", "name": {"en": "A"}, "conditions": [condition]}
    spec = make_spec(segments=[press, asked], rfm=SCALE, tiers=LADDER, profile=PROFILE)
    with translation.override(locale):
        return [str(each) for each in MemberTeller(spec, Formats(locale=locale)).tell_segment(spec.segments[1])]


@pytest.mark.parametrize(("condition", "english"), CASES)
def test_a_condition_of_a_segment_is_told(condition: dict[str, Any], english: str) -> None:
    assert told(condition, "en") == [english.replace("SAR ", "SAR\N{NO-BREAK SPACE}")]
    assert len({*told(condition, "en"), *told(condition, "ar"), *told(condition, "fa")}) == 3


def test_every_condition_is_told() -> None:
    parts = get_args(get_args(MemberCondition)[0])
    kinds = {kind for part in parts for kind in get_args(part.model_fields["kind"].annotation)}

    assert kinds == {condition["kind"] for condition, _ in CASES}


def test_arabic_and_persian_count_days_their_own_way() -> None:
    days = {"kind": "days_since_last_order"}

    assert told(days | {"at_least": 2}, "ar") == ["منذ آخر طلب للعضو: يومان أو أكثر."]
    assert told(days | {"at_least": 60}, "ar") == ["منذ آخر طلب للعضو: 60 يومًا أو أكثر."]
    assert told({"kind": "orders", "at_least": 3, "within_days": 5}, "ar") == [
        "الطلبات المدفوعة في آخر 5 أيام: 3 أو أكثر."
    ]
    assert told(days | {"at_most": 60}, "fa") == ["از آخرین سفارش عضو: 60 روز یا کمتر."]


@pytest.mark.parametrize(
    ("condition", "sentences"),
    [
        (
            {"kind": "nth_order", "numbers": [1, 10]},
            ["It is this order of the member, counted from the first: 1, 10."],
        ),
        ({"kind": "nth_order", "every": 5}, ["It is the last of every 5 orders of the member."]),
        ({"kind": "channel", "channels": ["pos"]}, []),
        ({"kind": "any", "of": [{"kind": "joined"}]}, []),
        ({"kind": "expression", "cel": "member.orders > 2"}, []),
    ],
)
def test_a_rule_tells_what_it_asks_of_the_member(condition: dict[str, Any], sentences: list[str]) -> None:
    spec = make_spec(rule={"conditions": [condition]})

    assert MemberTeller(spec, Formats(locale="en")).tell_conditions(spec.earning[0].conditions) == sentences


def test_a_list_says_that_it_is_one() -> None:
    spec = make_spec(segments=[{"id": "press", "name": {"en": "Press"}}])

    told = MemberTeller(spec, Formats(locale="en")).tell_segment(spec.segments[0])

    assert told == ["It is a list: staff say who is on it."]
