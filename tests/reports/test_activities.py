"""Rules about what members do beside ordering, told in sentences."""

from typing import Any

import pytest
from django.utils import translation

from tests.world import spec_document
from wafa.core.spec import KINDS, read_spec
from wafa.kit.formats import Formats
from wafa.reports.activities import activity_name
from wafa.reports.summary import DocumentTeller

PICKUP = {"id": "pickup", "name": {"en": "Pick-up"}, "properties": {"amount": {"type": "money"}}}
RULE = {**spec_document()["earning"][0], "award": {"kind": "fixed", "units": 5}}


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        ({"trigger": "review"}, ["This is about: Review.", "It earns 5 points every time."]),
        ({"trigger": "signup"}, ["This is about: Joining the program.", "It earns 5 points, once."]),
        ({"trigger": "profile_completed"}, ["This is about: Completing the profile.", "It earns 5 points, once."]),
        ({"trigger": "birthday"}, ["This is about: Birthday.", "It earns 5 points every year."]),
        (
            {
                "trigger": "review",
                "limits": [{"per": "member", "times": 1, "within": {"kind": "day"}}],
                "budget": {"units": 500},
            },
            [
                "This is about: Review.",
                "It earns 5 points every time.",
                "By this rule a member earns at most 1 time a day.",
                "The rule ends when its budget is spent, which is 500 points in all.",
                "What would earn more than is left earns what is left.",
            ],
        ),
        (
            {"trigger": "recycling", "award": {"kind": "per_quantity", "units": 2}, "most_units": 20},
            [
                "This is about: Recycling.",
                "It earns 2 points for every piece.",
                "It earns at most 20 points every time.",
            ],
        ),
        (
            {"trigger": "custom:pickup", "award": {"kind": "percent", "basis_points": 500}, "minimum_minor": 1_000},
            ["This is about: Pick-up.", "It earns 5% of the amount.", "It earns from SAR 10.00 on."],
        ),
        (
            {
                "trigger": "receipt_uploaded",
                "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "step"},
                "scope": {"channels": ["app"]},
                "conditions": [{"kind": "weekday", "days": ["fri"]}],
            },
            [
                "This is about: Uploading a receipt.",
                "It earns 1 point for every full SAR 1.00.",
                "Only some channels or stores count; the document names them.",
                "It earns only where its conditions hold; the document names them.",
            ],
        ),
    ],
)
def test_a_rule_about_another_activity_is_told(rule: dict[str, Any], sentences: list[str]) -> None:
    spec = read_spec(spec_document(earning=[RULE | rule], activities=[PICKUP]))
    told = DocumentTeller(spec, Formats.usual("en")).tell_rule(spec.earning[0])
    assert [str(one).replace("\u00a0", " ") for one in told] == sentences


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_every_kind_has_a_name_of_its_own_in_every_language(language: Any) -> None:
    spec = read_spec(spec_document())
    with translation.override(language):
        names = {activity_name(kind, spec, language) for kind in KINDS}
    assert len(names) == len(KINDS)
