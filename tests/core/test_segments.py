"""Segments of one member: each condition on its bounds, scores, lists, and documents that do not fit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.core.make import NOON, make_spec
from tests.core.test_member_conditions import PROFILE, history_of, past
from tests.core.test_spec import faults_of
from wafa.core.history import History
from wafa.core.know import describe_member
from wafa.core.member import Profile

RFM = {"recency_days": [10, 20, 30, 40], "frequency": [2, 3, 4, 5], "monetary_minor": [1_000, 20_000, 30_000, 40_000]}
# 100.00 a hundred days ago, 150.00 forty days ago.
HISTORY = history_of(past("A", 100), past("B", 40, 15_000))


ORDERS = {"kind": "orders", "at_least": 1}


def segment(*conditions: dict[str, Any], name: str = "asked") -> dict[str, Any]:
    return {"id": name, "name": {"en": name}, "conditions": list(conditions)}


def is_in(*conditions: dict[str, Any], history: History = HISTORY, profile: Profile = PROFILE) -> bool:
    spec = make_spec(segments=[segment(name="press"), segment(*conditions)], rfm=RFM, time_zone="Asia/Riyadh")
    return "asked" in describe_member(spec, profile, history, at=NOON).segments


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"kind": "orders", "at_least": 2, "at_most": 2}, True),
        ({"kind": "orders", "at_least": 3}, False),
        ({"kind": "orders", "at_least": 2, "within_days": 100}, True),
        ({"kind": "orders", "at_least": 2, "within_days": 99}, False),
        ({"kind": "spend", "at_least_minor": 25_000}, True),
        ({"kind": "spend", "at_most_minor": 24_999}, False),
        ({"kind": "spend", "at_most_minor": 15_000, "within_days": 99}, True),
        ({"kind": "average_order", "at_least_minor": 12_500, "at_most_minor": 12_500}, True),
        ({"kind": "average_order", "at_least_minor": 15_000, "within_days": 99}, True),
        ({"kind": "average_order", "at_least_minor": 0, "within_days": 39}, False),
        ({"kind": "bought", "selection": {"products": ["cup", "beans"]}}, True),
        ({"kind": "bought", "selection": {"tags": ["beans"]}}, False),
        ({"kind": "bought", "selection": {"products": ["beans"]}, "within_days": 39}, False),
        ({"kind": "rfm", "recency": {"at_least": 2, "at_most": 2}}, True),
        ({"kind": "rfm", "frequency": {"at_least": 2, "at_most": 2}}, True),
        ({"kind": "rfm", "monetary": {"at_least": 3, "at_most": 3}}, True),
        ({"kind": "rfm", "recency": {"at_least": 2}, "monetary": {"at_least": 4}}, False),
        ({"kind": "days_since_last_order", "at_least": 40}, True),
        ({"kind": "language", "languages": ["fa"]}, False),
        ({"kind": "segment", "segments": ["press"]}, True),
    ],
)
def test_a_condition_holds_or_does_not(condition: dict[str, Any], holds: bool) -> None:
    assert is_in(condition) is holds
    assert is_in({"kind": "none", "of": [condition]}) is not holds
    assert is_in({"kind": "any", "of": [{"kind": "orders", "at_least": 9}, condition]}) is holds
    assert is_in({"kind": "all", "of": [{"kind": "orders", "at_most": 9}, condition]}) is holds


def test_whoever_never_ordered_has_no_average_and_no_scores() -> None:
    assert is_in({"kind": "orders", "at_most": 0}, {"kind": "spend", "at_most_minor": 0}, history={})
    assert not is_in({"kind": "average_order", "at_most_minor": 9}, history={})
    assert not is_in({"kind": "rfm"}, history={})


def test_a_list_has_whom_staff_put_on_it() -> None:
    spec = make_spec(segments=[segment(name="press"), segment(name="gone")])

    assert describe_member(spec, PROFILE, {}, at=NOON).segments == ("press",)


def test_frequency_and_monetary_may_look_at_some_days_only() -> None:
    spec = make_spec(segments=[segment({"kind": "rfm", "frequency": {"at_most": 1}})], rfm=RFM | {"within_days": 50})

    assert describe_member(spec, PROFILE, HISTORY, at=NOON).segments == ("asked",)
    assert describe_member(spec, PROFILE, HISTORY, at=NOON - timedelta(days=12)).segments == ("asked",)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"segments": [segment(), segment()]}, "segments"),
        ({"segments": [segment({"kind": "rfm"})]}, "segments.0.conditions.0.rfm"),
        ({"segments": [segment({"kind": "orders"})]}, "segments.0.conditions.0.orders"),
        ({"segments": [segment({"kind": "spend"})]}, "segments.0.conditions.0.spend"),
        ({"segments": [segment({"kind": "bought", "selection": {}})]}, "segments.0.conditions.0.bought.selection"),
        ({"segments": [segment({"kind": "nth_order", "numbers": [1]})]}, "segments.0.conditions.0.kind"),
        (
            {"segments": [segment(ORDERS), segment({"kind": "segment", "segments": ["asked"]}, name="other")]},
            "segments.1.conditions.0.segment.segments.0",
        ),
        (
            {"segments": [segment({"kind": "any", "of": [{"kind": "segment", "segments": ["none"]}]})]},
            "segments.0.conditions.0.any.of.0.segment.segments.0",
        ),
        ({"rfm": RFM | {"frequency": [2, 2, 3, 4]}}, "rfm.frequency"),
        ({"rfm": RFM | {"frequency": [2, 3, 4]}}, "rfm.frequency.3"),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert faults_of(**changes) == [path]
