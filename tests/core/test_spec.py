"""A document is a program or names each of its faults."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from tests.core.make import make_spec
from wafa.core.spec import Fault, Version, read_spec
from wafa.core.spec.parts import Part, Whole

GOOD = make_spec().model_dump(mode="json")


def faults_of(**changes: Any) -> list[str]:
    with pytest.raises(Fault) as refused:
        read_spec({**GOOD, **changes})
    return [path for path, _ in refused.value.faults]


def test_a_program_reads_back_what_it_writes() -> None:
    assert read_spec(GOOD) == make_spec()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"currency": "riyal"}, "currency"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"rates": {"USD": "0"}}, "rates.USD"),
        ({"rates": {"USD": 3.75}}, "rates.USD"),
        ({"rates": {"usd": "3.75"}}, "rates.usd"),
        ({"colour": "green"}, "colour"),
        ({"calendar": "julian"}, "calendar"),
        ({"hijri_correction": 2}, "hijri_correction"),
        ({"units": []}, "units"),
        ({"name": {}}, "name"),
        ({"name": {"de": "Falke"}}, "name.de"),
        ({"earning": [{**GOOD["earning"][0], "id": "Bad Id"}]}, "earning.0.id"),
        ({"earning": [{**GOOD["earning"][0], "award": {"kind": "fixed", "units": 0}}]}, "earning.0.award.fixed.units"),
        ({"earning": [{**GOOD["earning"][0], "award": {"kind": "free"}}]}, "earning.0.award.kind"),
        (
            {"units": [{**GOOD["units"][0], "expiry": {"kind": "after_days", "days": 0}}]},
            "units.0.expiry.after_days.days",
        ),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert faults_of(**changes) == [path]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": [GOOD["units"][0]] * 2}, "^units: each code may be used once"),
        ({"earning": [GOOD["earning"][0]] * 2}, "^earning: each id may be used once"),
        (
            {"earning": [{**GOOD["earning"][0], "unit": "beans"}]},
            "^earning.0.unit: 'beans' is none of the units: points",
        ),
        (
            {
                "units": [
                    {
                        **GOOD["units"][0],
                        "maturity": {"kind": "after_days", "days": 30},
                        "expiry": {"kind": "after_months", "months": 1},
                    }
                ]
            },
            "^units.0.expiry: must be later than the 30 days of maturity",
        ),
        (
            {"units": [{**GOOD["units"][0], "maturity": {"kind": "after_days", "days": 0}}]},
            "^units.0.maturity.after_days.days: expected at least 1",
        ),
        (
            {"units": [{**GOOD["units"][0], "warn_days": [30, 7]}]},
            "^units.0.warn_days: expected none: these units end on no date",
        ),
        (
            {"units": [{**GOOD["units"][0], "expiry": {"kind": "after_days", "days": 90}, "warn_days": [7, 7]}]},
            "^units.0.warn_days: each number of days may be used once",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Fault, match=message):
        read_spec({**GOOD, **changes})


def rule(**changes: Any) -> dict[str, Any]:
    return {"earning": [{**GOOD["earning"][0], **changes}]}


def points(**changes: Any) -> dict[str, Any]:
    return {"units": [{**GOOD["units"][0], **changes}]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"currency": "SRA"}, "currency: expected an ISO 4217 code such as 'SAR', got 'SRA'"),
        ({"rates": {"USD": 3.75}}, "rates.USD: expected a text, in quotation marks, got 3.75"),
        ({"name": "Falcon"}, "name: expected fields with names, got 'Falcon'"),
        ({"name": {}}, "name: expected at least 1 of them"),
        ({"name": {"en": ""}}, "name.en: expected a text that is not empty, got ''"),
        ({"name": {"de": "Falke"}}, "name.de: expected one of en, ar, fa, got 'de'"),
        ({"units": {}}, "units: expected a list"),
        ({"units": [3]}, "units.0: expected fields with names, got 3"),
        (
            points(code="Points"),
            (
                "units.0.code: expected 1 to 32 letters a-z, digits and underscores, the first of them a letter,"
                " got 'Points'"
            ),
        ),
        (
            points(expiry={"months": 3}),
            (
                "units.0.expiry.kind: expected one of never, after_days, after_months, end_of, without_activity,"
                " and there is none"
            ),
        ),
        (
            points(expiry="never"),
            "units.0.expiry: expected fields with names, one of which is `kind`, got 'never'",
        ),
        (points(warn_days=[0]), "units.0.warn_days.0: expected at least 1, got 0"),
        (rule(award={"kind": "fixed"}), "earning.0.award.fixed.units: expected a value, and there is none"),
        (rule(award={"kind": "fixed", "units": 1.5}), "earning.0.award.fixed.units: expected a whole number, got 1.5"),
        (
            rule(award={"kind": "fixed", "units": None}),
            "earning.0.award.fixed.units: expected a whole number, got nothing",
        ),
        (rule(award={"kind": "fixed", "units": -1}), "earning.0.award.fixed.units: expected more than 0, got -1"),
        (
            rule(award={"kind": "free"}),
            (
                "earning.0.award.kind: expected one of fixed, per_amount, percent, per_item, per_quantity, by_tier,"
                " got 'free'"
            ),
        ),
        (rule(most_units=True), "earning.0.most_units: expected a whole number, got true"),
        (rule(minimum_minor=False), "earning.0.minimum_minor: expected a whole number, got false"),
        (rule(basis={"tax": "perhaps"}), "earning.0.basis.tax: expected true or false, got 'perhaps'"),
        (
            rule(trigger="order.paid"),
            (
                "earning.0.trigger: expected a trigger such as 'order_paid', or 'custom:' and an activity's id,"
                " got 'order.paid'"
            ),
        ),
    ],
)
def test_a_fault_says_what_was_expected_in_words_of_documents(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Fault) as refused:
        read_spec({**GOOD, **changes})
    assert str(refused.value) == told


def test_a_document_that_is_none_is_told() -> None:
    with pytest.raises(Fault, match=r"^\(document\): expected fields with names, got 'Falcon'$"):
        read_spec("Falcon")


@pytest.mark.parametrize("value", [10**5_000, "x" * 5_000], ids=["number", "text"])
def test_what_is_too_long_is_not_repeated(value: object) -> None:
    with pytest.raises(Fault) as refused:
        read_spec({**GOOD, **rule(most_units=value)})
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"earnings": []}, "earnings: there is no such field here; did you mean 'earning'?"),
        ({"colour": "green"}, "colour: there is no such field here"),
        (
            {"units": [{**GOOD["units"][0], "clawbak": "debt"}]},
            "units.0.clawbak: there is no such field here; did you mean 'clawback'?",
        ),
        (
            {"earning": [{**GOOD["earning"][0], "award": {"kind": "fixed", "units": 1, "unts": 2}}]},
            "earning.0.award.fixed.unts: there is no such field here; did you mean 'units'?",
        ),
        ({"earning": [{**GOOD["earning"][0], "award": {"kind": "per_amont"}}]}, "; did you mean 'per_amount'?"),
        ({"calendar": "hijry"}, "; did you mean 'hijri'?"),
        ({"earning": [{**GOOD["earning"][0], "unit": "point"}]}, "units: points; did you mean 'points'?"),
    ],
)
def test_a_fault_names_what_may_be_meant(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Fault) as refused:
        read_spec({**GOOD, **changes})
    assert str(refused.value).endswith(message)


def test_every_fault_is_told_at_once() -> None:
    assert faults_of(currency="riyal", time_zone="Mars/Olympus") == ["currency", "time_zone"]


def test_what_is_no_document_is_a_fault() -> None:
    with pytest.raises(Fault, match=r"\(document\)"):
        read_spec("points: 1")


def test_a_version_decides_from_a_moment_and_not_from_a_time_of_day_somewhere() -> None:
    aware = Version.model_validate({"number": 1, "effective_from": "2026-03-20T15:00:00+03:00", "spec": GOOD})

    assert aware.effective_from == datetime(2026, 3, 20, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="timezone"):
        Version.model_validate({"number": 1, "effective_from": "2026-03-20T15:00:00", "spec": GOOD})


def test_no_whole_number_is_read_from_a_truth() -> None:
    parts = {part for part in _below(Part) if part.__module__.startswith("wafa.core.spec")}
    hints = [(part, name, hint) for part in parts for name, hint in get_type_hints(part, include_extras=True).items()]
    plain = [f"{part.__name__}.{name}" for part, name, hint in hints if name in part.model_fields and _takes_int(hint)]

    assert len(parts) > 60
    assert plain == []


def _below(part: type[Part]) -> Iterator[type[Part]]:
    for below in part.__subclasses__():
        yield below
        yield from _below(below)


def _takes_int(hint: Any) -> bool:
    """Whether a plain `int` stands anywhere in a hint, but beside `bool`, where a truth is meant."""
    refuses_truths = get_args(Whole)[1]
    if get_origin(hint) is Annotated and refuses_truths in get_args(hint):
        return False
    parts = get_args(hint)
    return hint is int or (bool not in parts and any(_takes_int(part) for part in parts))
