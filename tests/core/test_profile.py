"""What a program asks its members about themselves: which answers fit, and what conditions make of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from tests.core.programs import FIELDS, PROFILE
from tests.core.test_spec import GOOD, faults_of
from wafa.core.check import BadActivity, check_answers
from wafa.core.complete import completed, is_complete, minds_profiles
from wafa.core.decide import decide
from wafa.core.member import Profile
from wafa.core.spec import DETAILS
from wafa.core.spec.values import ValueIs
from wafa.core.standing import Standing

ROAST, SIZE = PROFILE["fields"][:2]
ANSWERS: dict[str, bool | int | str] = {"roast": "dark", "size": 41, "news": False, "note": "with milk"}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"kind": "details", "told": ["roast", "email"]}, True),
        ({"kind": "details", "told": ["roast", "phone"]}, False),
        ({"kind": "profile", "field": "roast"}, True),
        ({"kind": "profile", "field": "roast", "any_of": ["light", "dark"]}, True),
        ({"kind": "profile", "field": "roast", "any_of": ["light"]}, False),
        ({"kind": "profile", "field": "size", "at_least": 41, "at_most": 41}, True),
        ({"kind": "profile", "field": "size", "at_least": 42}, False),
        ({"kind": "profile", "field": "size", "at_most": 40}, False),
        ({"kind": "profile", "field": "news", "any_of": [False]}, True),
        ({"kind": "profile", "field": "news", "any_of": [True]}, False),
        ({"kind": "segment", "segments": ["dark"]}, True),
    ],
)
def test_a_condition_holds_or_is_named(condition: dict[str, Any], holds: bool) -> None:
    dark = {
        "id": "dark",
        "name": {"en": "Dark"},
        "conditions": [{"kind": "profile", "field": "roast", "any_of": ["dark"]}],
    }
    spec = make_spec(rule={"conditions": [condition]}, profile=PROFILE, segments=[dark])
    profile = Profile(joined_at=NOON, told=("email", *ANSWERS), answers=ANSWERS)

    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID, profile=profile), make_activity(make_order()))
    nobody = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(make_order()))

    assert [journal.rule for journal in decision.journals] == (["orders"] if holds else [])
    assert [miss.reason for miss in decision.not_earned] == ([] if holds else [condition["kind"]])
    assert [miss.reason for miss in nobody.not_earned] == [condition["kind"]]


def test_only_what_conditions_look_into_is_kept_with_an_order() -> None:
    spec = make_spec(rule={"conditions": [{"kind": "profile", "field": "size", "at_least": 1}]}, profile=PROFILE)
    standing = Standing(member_id=MEMBER_ID, profile=Profile(told=tuple(ANSWERS), answers=ANSWERS))

    assert spec.compared_fields == {"size"}
    known = decide(program_of(spec), standing, make_activity(make_order()))
    assert len(known.journals) == 1


@pytest.mark.parametrize(
    ("field", "said", "expected"),
    [
        ("roast", "blue", "one of light, dark"),
        ("size", 29, "a whole number from 30 to 50"),
        ("size", True, "a whole number from 30 to 50"),
        ("size", "41", "a whole number from 30 to 50"),
        ("news", 1, "true or false"),
        ("note", "", "a text of 1 to 500 characters"),
        ("note", "x" * 501, "a text of 1 to 500 characters"),
        ("shoes", 41, "no more than roast, size, news, note"),
    ],
)
def test_an_answer_that_is_none_is_told_with_its_field(field: str, said: object, expected: str) -> None:
    program = program_of(make_spec(profile=PROFILE))
    check_answers(program, {**ANSWERS, "roast": None}, at=NOON)

    with pytest.raises(BadActivity) as refused:
        check_answers(program, {**ANSWERS, field: said}, at=NOON)

    assert refused.value.expected == expected
    assert refused.value.field == ("profile" if field == "shoes" else f"profile.{field}")


def test_a_profile_is_complete_once_all_that_is_wanted_was_told() -> None:
    rule = {"trigger": "profile_completed", "award": {"kind": "fixed", "units": 50}}
    spec = make_spec(rule=rule, profile={**PROFILE, "wanted": ["roast", "phone"]})

    assert minds_profiles(spec)
    assert spec.found - make_spec(rule=rule).found == {"profile_completed"}
    assert not minds_profiles(make_spec(rule=rule))
    assert not minds_profiles(make_spec(profile=PROFILE))
    assert not is_complete(spec, Profile(told=("email", "roast", "size")))
    assert is_complete(spec, Profile(told=("phone", "roast")))
    done = decide(program_of(spec), Standing(member_id=MEMBER_ID), completed(MEMBER_ID, at=NOON))
    assert [journal.lots[0].granted for journal in done.journals] == [50]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"profile": {"fields": [{**ROAST, "choices": []}]}}, "profile.fields.0.choices"),
        ({"profile": {"fields": [{**ROAST, "type": "text"}]}}, "profile.fields.0.choices"),
        ({"profile": {"fields": [{**ROAST, "choices": [ROAST["choices"][0]] * 2}]}}, "profile.fields.0.choices"),
        ({"profile": {"fields": [{**SIZE, "most": 20}]}}, "profile.fields.0.most"),
        ({"profile": {"fields": [ROAST, {**SIZE, "id": "roast"}]}}, "profile.fields.0.id"),
        ({"profile": {"fields": [{**SIZE, "id": "email"}]}}, "profile.fields.0.id"),
        ({"profile": {"fields": [ROAST], "wanted": ["roast", "shoes"]}}, "profile.wanted.1"),
        ({"profile": {"fields": [{key: ROAST[key] for key in ROAST if key != "reason"}]}}, "profile.fields.0.reason"),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert faults_of(**changes) == [path]


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"kind": "details", "told": ["shoes"]}, "details.told.0"),
        ({"kind": "profile", "field": "shoes"}, "profile.field"),
        ({"kind": "profile", "field": "note"}, "profile.field"),
        ({"kind": "profile", "field": "roast", "at_least": 1}, "profile.at_least"),
        ({"kind": "profile", "field": "roast", "any_of": ["blue"]}, "profile.any_of.0"),
    ],
)
def test_a_condition_asks_for_what_there_is(condition: dict[str, Any], path: str) -> None:
    told = {"earning": [{**GOOD["earning"][0], "conditions": [condition]}], "profile": PROFILE}
    assert faults_of(**told) == [f"earning.0.conditions.0.{path}"]
    segment = {"id": "s", "name": {"en": "S"}, "conditions": [condition]}
    assert faults_of(segments=[segment], profile=PROFILE) == [f"segments.0.conditions.0.{path}"]


VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "1", "dark"])


@given(wanted=st.lists(VALUES.filter(lambda each: each is not None), max_size=2), said=VALUES)
def test_law_a_truth_is_no_number_and_nothing_is_no_answer(wanted: list[Any], said: Any) -> None:
    named = any(type(each) is type(said) and each == said for each in wanted)
    assert ValueIs(any_of=tuple(wanted)).holds(said) == (said is not None and (named or not wanted))
    assert ValueIs(at_least=0).holds(said) == (type(said) is int and said >= 0)
    assert not set(DETAILS) & {field["id"] for field in FIELDS}
