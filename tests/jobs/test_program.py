"""`wafa program`: make, validate, publish; whatever is wrong is named, and changes nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.world import spec_document, unit
from wafa.jobs.cli.program import command
from wafa.jobs.cli.program.reading import read_file
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program
from wafa.programs.queries import find_program, get_program_rules
from wafa.programs.templates import fill_template, list_templates

MAKE = ("create", "--slug", "falcon", "--name", "Falcon", "--currency", "SAR", "--time-zone", "Asia/Riyadh")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "falcon.yaml"
    path.write_text(yaml.safe_dump(spec_document(), allow_unicode=True))
    return path


def published() -> Sequence[int]:
    program = find_program("falcon")
    assert program is not None
    with program_transaction(program.id):
        latest = get_program_rules(program.id).latest
    return range(1, latest.number + 1) if latest else ()


def test_a_valid_document_is_said_to_be_valid(document: Path) -> None:
    result = run("validate", document)
    assert (result.exit_code, result.output) == (0, f"{document}: a valid program. Units: 1; earning rules: 1.\n")


def test_every_fault_of_a_document_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(yaml.safe_dump(spec_document(currency="riyal", time_zone="Asia/Riad")))
    zone = path.read_text().splitlines().index("time_zone: Asia/Riad") + 1
    result = run("validate", path)
    assert result.exit_code == 1
    assert f"{path} is no program:\n" in result.output
    assert "  line 1, currency: expected an ISO 4217 code such as 'SAR', got 'riyal'" in result.output
    assert f"  line {zone}, time_zone: expected an IANA time zone such as 'Asia/Riyadh'" in result.output


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.yaml"
    path.write_text("name: {en: Falcon")
    result = run("validate", path)
    assert result.exit_code == 1
    assert f"Error: {path}: expected YAML or JSON." in result.output


@pytest.mark.django_db(transaction=True)
def test_a_program_is_made_once() -> None:
    assert run(*MAKE).exit_code == 0
    again = run(*MAKE)
    assert (again.exit_code, again.output) == (1, "Error: slug: expected one that no other program has\n")
    assert [program.time_zone for program in Program.objects.all()] == ["Asia/Riyadh"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command_line", [("check",), ("publish",), ("publish", "--anyway")])
def test_another_currency_is_an_error_and_never_published(document: Path, command_line: tuple[str, ...]) -> None:
    run(*MAKE)
    document.write_text(yaml.safe_dump(spec_document(currency="KWD"), allow_unicode=True))
    name, *options = command_line
    result = run(name, "falcon", document, *options)
    assert result.exit_code == 1
    assert "rror: currency: expected SAR, in which this program counts money, got KWD" in result.output
    assert published() == ()


@pytest.mark.django_db(transaction=True)
def test_publishing_twice_makes_two_versions(document: Path) -> None:
    run(*MAKE)
    for number in (1, 2):
        result = run("publish", "falcon", document, "--by", "nora@example.com")
        assert result.exit_code == 0
        assert f"\nPublished version {number} of falcon, in force from " in result.output
    assert published() == range(1, 3)


@pytest.mark.django_db(transaction=True)
def test_only_the_first_version_may_begin_in_the_past_unless_that_is_meant(document: Path) -> None:
    run(*MAKE)
    long_ago = ("--effective-from", "2025-01-01T00:00:00Z")
    first = run("publish", "falcon", document, *long_ago)
    assert first.output.endswith("Published version 1 of falcon, in force from 2025-01-01T00:00:00+00:00.\n")
    refused = run("publish", "falcon", document, *long_ago)
    assert refused.exit_code == 1
    assert "got 2025-01-01T00:00:00+00:00. Add --backdated where that is meant." in refused.output
    assert published() == range(1, 2)
    assert run("publish", "falcon", document, *long_ago, "--backdated").exit_code == 0
    assert published() == range(1, 3)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The document with twice as many points."""
    path = tmp_path / "other.yaml"
    rule = spec_document()["earning"][0]
    told = spec_document(earning=[{**rule, "award": {**rule["award"], "units": 2}}])
    path.write_text(yaml.safe_dump(told, allow_unicode=True))
    return path


DOUBLED = "  Rule “Points on every order” gives 2\u00a0points for every SAR\u00a01.00 instead of 1\u00a0point.\n"


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_looked_at_and_published(document: Path, other: Path) -> None:
    run(*MAKE)
    run("publish", "falcon", document)
    nothing = run("diff", "falcon")
    assert (nothing.exit_code, nothing.output) == (
        1,
        "Error: falcon has no draft: name a FILE, or wafa program import falcon FILE\n",
    )
    assert run("import", "falcon", other, "--by", "nora@example.com").output.startswith(
        f"{other} is the draft of falcon."
    )
    assert run("diff", "falcon").output == "Against version 1:\n" + DOUBLED
    assert run("diff", "falcon", document).output == "No difference from version 1.\n"
    assert "به‌جای" in run("diff", "falcon", "--language", "fa").output
    assert published() == range(1, 2)

    assert DOUBLED in run("publish", "falcon").output

    assert published() == range(1, 3)
    assert run("publish", "falcon").exit_code == 1
    assert published() == range(1, 3)


@pytest.mark.django_db(transaction=True)
def test_what_is_exported_is_imported_again(document: Path, other: Path, tmp_path: Path) -> None:
    run(*MAKE)
    run("publish", "falcon", document)
    run("import", "falcon", other)
    exported = tmp_path / "exported.yaml"
    for options, against in (((), document), (("--version", "1"), document), (("--draft",), other)):
        exported.write_text(run("export", "falcon", *options).output)
        assert read_file(exported) == read_file(against)
    missing = run("export", "falcon", "--version", "7")
    assert (missing.exit_code, missing.output) == (1, "Error: falcon has no version 7.\n")


@pytest.mark.django_db(transaction=True)
def test_what_is_scheduled_is_shown_and_can_be_withdrawn(document: Path, other: Path) -> None:
    run(*MAKE)
    run("publish", "falcon", document, "--effective-from", "2025-01-01T00:00:00Z", "--by", "nora")
    run("publish", "falcon", other, "--effective-from", "2099-01-01T00:00:00Z", "--by", "nora")
    notice = "Version 2 is scheduled and takes over from 2099-01-01T00:00:00+00:00.\n"
    assert run("diff", "falcon", document).output == notice + "No difference from version 1.\n"
    assert run("publish", "falcon", document).output.endswith(notice)
    states = [line.split()[:2] for line in run("versions", "falcon").output.splitlines()]
    assert states == [["3", "in"], ["2", "scheduled"], ["1", "past"]]

    assert run("withdraw", "falcon", "2").output == "Version 2 of falcon is withdrawn: it will never decide.\n"

    assert "withdrawn" in run("versions", "falcon").output
    refused = run("withdraw", "falcon", "1")
    assert refused.exit_code == 1
    assert "version: expected one that begins after" in refused.output


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A document in which two rules pay for the same thing."""
    path = tmp_path / "doubtful.yaml"
    rule = spec_document()["earning"][0]
    units = [unit(face_value={"units": 100, "minor": 500})]
    told = spec_document(units=units, earning=[rule, {**rule, "id": "again", "name": {"en": "Again"}}])
    path.write_text(yaml.safe_dump(told, allow_unicode=True))
    return path


@pytest.mark.django_db(transaction=True)
def test_a_program_is_checked_for_what_it_gives_back(document: Path, doubtful: Path) -> None:
    run(*MAKE)
    stated = ("--average-order", "180.00", "--margin", "20")
    checked = run("check", "falcon", doubtful, *stated)
    assert (checked.exit_code, checked.output.replace("\u00a0", " ").splitlines()) == (
        1,
        [
            "  An order of SAR 180.00 gives SAR 18.00 back: 10.0% of it.",
            "  The first reward, at 100 points, takes 1 such order.",
            "error: “Points on every order” and “Again” pay for the same thing, always: make one rule of them.",
            "warning: A usual order gives SAR 18.00 back: 50.0% of its gross margin of SAR 36.00.",
        ],
    )
    without = run("check", "falcon", document)
    assert (without.exit_code, without.output) == (
        0,
        "No orders are recorded: with --average-order it is told what an order gives back.\n",
    )
    for wrong in ("much", "0"):
        refused = run("check", "falcon", document, "--average-order", wrong)
        assert (refused.exit_code, "--average-order: expected" in refused.output) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_a_program_that_begins_after_its_calendar_has_ended_is_refused(tmp_path: Path) -> None:
    run(*MAKE)
    path = tmp_path / "ramadan.yaml"
    schedule = {"windows": [{"kind": "season", "name": "ramadan"}]}
    path.write_text(yaml.safe_dump(spec_document(earning=[{**spec_document()["earning"][0], "schedule": schedule}])))
    refused = run("publish", "falcon", path, "--effective-from", "2098-01-01T00:00:00Z")
    assert (refused.exit_code, "Error: the hijri calendar has no " in refused.output) == (1, True)
    assert published() == ()


@pytest.mark.django_db(transaction=True)
def test_what_nobody_can_have_meant_is_published_on_purpose_only(doubtful: Path) -> None:
    run(*MAKE)
    refused = run("publish", "falcon", doubtful)
    assert refused.exit_code == 1
    assert "Error: nothing was published. Mend what is called an error, or add --anyway." in refused.output
    assert published() == ()
    assert run("publish", "falcon", doubtful, "--anyway").exit_code == 0
    assert published() == range(1, 2)


def test_a_template_is_written_for_the_store_and_reads_as_a_program(tmp_path: Path) -> None:
    assert [line.split()[0] for line in run("template", "list").output.splitlines()] == list_templates()
    assert "شب یلدا" in run("template", "list", "--language", "fa").output
    stated = ("--currency", "KWD", "--average-order", "15.000", "--time-zone", "Asia/Kuwait")
    path = tmp_path / "mine.yaml"
    path.write_text(run("template", "write", "nowruz-yalda", *stated).output)
    assert path.read_text().startswith("# A season pack for Nowruz, Yalda night and Mother's Day")
    filled = fill_template("nowruz-yalda", currency="KWD", average_minor=15_000, time_zone="Asia/Kuwait")
    assert read_file(path) == filled.spec


@pytest.mark.parametrize(
    ("name", "order", "message"),
    [
        ("cafe", "1.00", "Error: there is no template 'cafe'"),
        ("cafe-stamps", "much", "Error: --average-order: expected a decimal amount"),
    ],
)
def test_a_template_that_cannot_be_written_is_refused(name: str, order: str, message: str) -> None:
    result = run("template", "write", name, "--currency", "SAR", "--average-order", order)
    assert (result.exit_code, message in result.output) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_rolling_back_publishes_what_was_before(document: Path, other: Path) -> None:
    run(*MAKE)
    run("publish", "falcon", document)
    run("publish", "falcon", other)
    result = run("rollback", "falcon", "1")
    assert "gives 1\u00a0point for every SAR\u00a01.00 instead of 2\u00a0points" in result.output
    assert "Published version 3 of falcon" in result.output
    assert "No difference" in run("diff", "falcon", document).output
    assert run("rollback", "falcon", "9").exit_code == 1
    assert published() == range(1, 4)


@pytest.mark.django_db(transaction=True)
def test_a_program_nobody_made_is_not_published(document: Path) -> None:
    result = run("publish", "falcon", document)
    assert result.exit_code == 1
    assert "there is no program 'falcon'; `wafa program create` makes one." in result.output
    assert Program.objects.count() == 0
