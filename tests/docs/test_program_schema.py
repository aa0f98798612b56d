"""The published schema of a program's document, and the example that the demo uses."""

import json
from pathlib import Path

import jsonschema_rs
import yaml

from wafa.core.spec import ProgramSpec, read_spec

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = {"en", "ar", "fa"}
# CLDR's plural categories of whole numbers in each language.
CATEGORIES = {"en": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}, "fa": {"one", "other"}}


def test_the_published_schema_is_the_one_that_validates() -> None:
    published = (DOCS / "program.schema.json").read_text("utf-8")

    wanted = json.dumps(ProgramSpec.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    assert published == wanted, "docs/program.schema.json: write ProgramSpec.model_json_schema() there again"


def test_schema_and_validator_agree_on_the_example() -> None:
    schema = jsonschema_rs.validator_for(ProgramSpec.model_json_schema())
    document = yaml.safe_load((DOCS / "examples" / "falcon-coffee.yaml").read_text("utf-8"))

    assert schema.is_valid(document)
    assert not schema.is_valid({**document, "colour": "green"})
    assert not schema.is_valid({**document, "units": []})
    assert not schema.is_valid({**document, "currency": "riyal"})


def test_the_example_is_a_program_in_three_languages() -> None:
    spec = read_spec(yaml.safe_load((DOCS / "examples" / "falcon-coffee.yaml").read_text("utf-8")))

    (unit,) = spec.units
    assert set(spec.name) == set(unit.name) == LANGUAGES
    for rule in spec.earning:
        assert set(rule.name) == LANGUAGES
    for language, name in unit.name.items():
        assert set(name.model_dump(exclude_none=True)) == CATEGORIES[language], language


def test_the_example_grants_a_point_for_a_riyal_for_a_year() -> None:
    spec = read_spec(yaml.safe_load((DOCS / "examples" / "falcon-coffee.yaml").read_text("utf-8")))

    (unit,), (rule, _) = spec.units, spec.earning
    assert (spec.currency, spec.time_zone, set(spec.rates)) == ("SAR", "Asia/Riyadh", {"AED", "KWD", "USD"})
    assert unit.maturity.model_dump() == {"kind": "after_days", "days": 14, "after": "paid"}
    assert unit.expiry.model_dump() == {"kind": "after_months", "months": 12, "calendar": None}
    assert (rule.award.kind, unit.clawback) == ("per_amount", "debt")
