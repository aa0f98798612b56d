"""What was found in a program is told in sentences."""

import pytest
from django.utils import translation

from tests.world import spec_document, unit
from wafa.core.appraisal.conflicts import NeverOpen, PaysTwice
from wafa.core.appraisal.economics import Economics, FirstReward, GivenBack
from wafa.core.appraisal.findings import FarReward, Finding, GivesMuch
from wafa.core.spec import Language, read_spec
from wafa.kit.formats import Formats
from wafa.reports.appraisal import tell_economics, tell_finding

RULE = spec_document()["earning"][0]
SPEC = read_spec(
    spec_document(
        units=[unit(face_value={"units": 100, "minor": 500})],
        tiers={"ladder": [{"id": "gold", "name": {"en": "Gold", "ar": "ذهبي", "fa": "طلایی"}}]},
        earning=[
            RULE,
            RULE | {"id": "beans", "name": {"en": "Points for beans", "ar": "نقاط البن", "fa": "امتیاز قهوه"}},
        ],
    )
)
FIRST = FirstReward(unit="points", units=100, orders=3)


def told(finding: Finding, language: Language = "en") -> str:
    with translation.override(language):
        return str(tell_finding(finding, SPEC, Formats.usual(language))).replace("\u00a0", " ")


def given_back(*given: GivenBack, first_reward: FirstReward | None = None) -> list[str]:
    economics = Economics(average_minor=18_000, given_back=given, first_reward=first_reward)
    with translation.override("en"):
        sentences = tell_economics(economics, SPEC, Formats.usual("en"))
    return [str(each).replace("\u00a0", " ") for each in sentences]


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            PaysTwice(first="base", second="beans", is_same=True),
            "“Points on every order” and “Points for beans” pay for the same thing, always: make one rule of them.",
        ),
        (
            PaysTwice(first="base", second="beans", is_same=False),
            (
                "“Points on every order” and “Points for beans” may both pay for the same thing: "
                "let one leave out what the other counts, or make one an accelerator."
            ),
        ),
        (
            NeverOpen(part="beans"),
            "“Points for beans” is not open at any time in the next three years: check its schedule, or leave it out.",
        ),
        (FarReward(reward=None), "A usual order earns nothing that has a face value: say what the units are worth."),
        (
            FarReward(reward=FIRST),
            (
                "The first reward, at 100 points, takes 3 such orders. "
                "Most who buy never get that far: let it be reached with two orders."
            ),
        ),
        (
            GivesMuch(tier=None, given_minor=900, margin_minor=2_000, at_most=False),
            "A usual order gives SAR 9.00 back: 45.0% of its gross margin of SAR 20.00.",
        ),
        (
            GivesMuch(tier=None, given_minor=900, margin_minor=900, at_most=False),
            "Every order gives SAR 9.00 back and loses money: its gross margin is SAR 9.00.",
        ),
        (
            GivesMuch(tier=None, given_minor=9_000, margin_minor=7_200, at_most=True),
            "At best an order gives SAR 90.00 back, more than its gross margin of SAR 72.00.",
        ),
        (
            GivesMuch(tier="gold", given_minor=900, margin_minor=2_000, at_most=False),
            "In the tier “Gold” a usual order gives SAR 9.00 back: 45.0% of its gross margin of SAR 20.00.",
        ),
        (
            GivesMuch(tier="gold", given_minor=900, margin_minor=900, at_most=False),
            "In the tier “Gold” every order gives SAR 9.00 back and loses money: its gross margin is SAR 9.00.",
        ),
        (
            GivesMuch(tier="gold", given_minor=9_000, margin_minor=7_200, at_most=True),
            "In the tier “Gold” an order at best gives SAR 90.00 back, more than its gross margin of SAR 72.00.",
        ),
        (
            GivesMuch(tier=None, given_minor=900, margin_minor=0, at_most=False),
            "There is no gross margin to give anything back from.",
        ),
    ],
)
def test_each_finding_is_a_sentence(finding: Finding, sentence: str) -> None:
    assert told(finding) == sentence
    assert len({sentence, told(finding, "ar"), told(finding, "fa")}) == 3


def test_what_is_given_back_is_told_with_its_share() -> None:
    usual = "An order of SAR 180.00 gives SAR 9.00 back: 5.0% of it."
    plain = GivenBack(tier=None, usual_minor=900, most_minor=900)
    assert given_back(plain) == [usual]
    assert given_back(
        GivenBack(tier=None, usual_minor=900, most_minor=3_600),
        GivenBack(tier="gold", usual_minor=1_800, most_minor=1_800),
        first_reward=FIRST,
    ) == [
        usual,
        "Where all that can be open together applies, it gives SAR 36.00 back: 20.0% of it.",
        "In the tier “Gold” an order of SAR 180.00 gives SAR 18.00 back: 10.0% of it.",
        "The first reward, at 100 points, takes 3 such orders.",
    ]
