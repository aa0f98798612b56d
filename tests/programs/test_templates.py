"""Every template is a program in three languages with sensible numbers, whatever the store's currency."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wafa.core.appraisal.economics import measure_economics
from wafa.core.appraisal.findings import appraise
from wafa.core.spec import Fault, read_spec
from wafa.programs.documents import read_document, write_document
from wafa.programs.templates import UnknownTemplate, fill_template, find_step, list_templates

AT = datetime(2026, 3, 20, 12, tzinfo=UTC)
STORES = {
    "SAR": (18_000, "Asia/Riyadh"),
    "KWD": (15_000, "Asia/Kuwait"),
    "AED": (4_500, "Asia/Dubai"),
    "IRR": (900_000_000, "Asia/Tehran"),
    "JPY": (5_000, "Asia/Tokyo"),
}
LANGUAGES = {"en", "ar", "fa"}
CATEGORIES = {"en": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}, "fa": {"one", "other"}}


def names_in(document: Any) -> list[Any]:
    """Everything that readers see a name of."""
    if isinstance(document, list):
        return [name for each in document for name in names_in(each)]
    if not isinstance(document, dict):
        return []
    own = [document["name"]] if isinstance(document.get("name"), dict) else []
    return own + [name for each in document.values() for name in names_in(each)]


def test_there_are_ten_and_more() -> None:
    assert len(list_templates()) >= 10


@pytest.mark.parametrize("name", list_templates())
@pytest.mark.parametrize("currency", STORES)
def test_a_template_passes_the_checkers_in_any_store(name: str, currency: str) -> None:
    average_minor, time_zone = STORES[currency]
    spec = fill_template(name, currency=currency, average_minor=average_minor, time_zone=time_zone).spec

    economics = measure_economics(spec, average_minor=average_minor, at=AT)

    assert appraise(spec, economics, margin_basis_points=4_000, at=AT) == []
    assert (spec.currency, spec.time_zone) == (currency, time_zone)
    for given in economics.given_back:
        assert average_minor <= given.usual_minor * 100 <= average_minor * 10, "a store gives back 1% to 10%"


@pytest.mark.parametrize("name", list_templates())
def test_a_template_speaks_three_languages(name: str) -> None:
    template = fill_template(name, currency="SAR", average_minor=18_000)

    assert set(template.description) == LANGUAGES
    told = names_in(template.spec.model_dump(mode="json"))
    assert len(told) >= 4
    assert [each for each in told if set(each) != LANGUAGES] == []
    for unit in template.spec.units:
        for language, forms in unit.name.items():
            assert set(forms.model_dump(exclude_none=True)) == CATEGORIES[language], (unit.code, language)


@pytest.mark.parametrize("name", list_templates())
def test_a_template_written_out_is_the_same_program(name: str) -> None:
    spec = fill_template(name, currency="KWD", average_minor=15_000).spec

    assert read_spec(read_document(write_document(spec))) == spec


@pytest.mark.parametrize(
    ("average_minor", "step"),
    [(18_000, 100), (15_000, 50), (4_500, 20), (900_000_000, 5_000_000), (5_000, 20), (200, 1), (1, 1), (1_700, 10)],
)
def test_steps_are_round_and_near_a_two_hundredth_of_an_order(average_minor: int, step: int) -> None:
    assert find_step(average_minor) == step


def test_what_is_no_template_and_no_currency_is_told() -> None:
    with pytest.raises(UnknownTemplate, match="there is no template 'cafe'; there are beauty-tiers, "):
        fill_template("cafe", currency="SAR", average_minor=18_000)
    with pytest.raises(Fault, match="currency"):
        fill_template("cafe-stamps", currency="riyal", average_minor=18_000)
