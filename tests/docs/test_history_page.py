"""The page about bringing a history runs from its first command to its last, and prints what it shows."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.world import BEGAN, spec_document, unit
from wafa.imports.reading.columns import OF_MEMBERS, OF_THE_BUYER
from wafa.imports.reading.presets import PRESETS
from wafa.jobs.cli.import_ import command
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import connect_store, create_program, publish_version

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide" / "history.md").read_text("utf-8")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIERS = {
    "ladder": [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"spend_minor": 50_000}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 500_000}},
    ]
}


def commands() -> list[tuple[str, str]]:
    """Each command of the page, in its order, with what it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    told = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in told]


@pytest.fixture
def falcon() -> None:
    program_id = create_program(slug="falcon", name="Falcon Coffee", currency="SAR", time_zone="Asia/Riyadh", at=BEGAN)
    document = spec_document(units=[unit(face_value={"units": 100, "minor": 100})], tiers=TIERS)
    with program_transaction(program_id):
        publish_version(program_id, document, published_by="tests", at=BEGAN)
        connect_store(
            program_id,
            code="main",
            connector="direct",
            name="Main",
            currency="SAR",
            secret="a-secret-for-tests",
            at=BEGAN,
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("falcon")
def test_the_page_runs_from_its_first_command_to_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert len(commands()) >= 10
    names: dict[str, str] = {}
    for line, shown in commands():
        _, _, *arguments = [names.get(word, word) for word in shlex.split(line)]
        result = CliRunner(env={"COLUMNS": "200"}).invoke(command, arguments)
        assert result.exit_code == 0, (line, result.output)
        printed = "".join(f"{text.rstrip()}\n" for text in result.stdout.splitlines())
        if arguments[0] == "add":
            names[shown.strip()] = printed.strip()
        for name, found in names.items():
            printed = printed.replace(found, name)
        assert not _ID.search(printed)
        assert re.sub(r" +", " ", printed) == re.sub(r" +", " ", shown), line


def test_every_column_and_preset_is_on_the_page_and_no_other() -> None:
    columns = PAGE[PAGE.index("### The columns of members") : PAGE.index("### The columns of orders")]
    told = [name for row in re.findall(r"^\| (`.*?) \|", columns, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(OF_MEMBERS)
    orders = PAGE[PAGE.index("### The columns of orders") : PAGE.index("## Keep it")]
    assert all(f"`{name}`" in orders for name in OF_THE_BUYER)
    assert all(f"`{preset.slug}`" in PAGE for preset in PRESETS)
