"""The demo's partners: their customers earn and use points, months are paid, and loading twice changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from wafa.jobs.demo.fill import Demo, fill
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Obligation
from wafa.ledger.verify import verify
from wafa.programs.queries import get_program_rules
from wafa.reports.partners import Statement, day_of, list_statements, month_around

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(module_db: None, home: Path) -> Demo:
    """Filled once, in its home."""
    return fill(home, members=60, orders=240, seed=1)


def statement(demo: Demo, *, months_ago: int) -> Statement:
    at = demo.record.ends_at
    with program_transaction(demo.program.id):
        rules = get_program_rules(demo.program.id)
        month = month_around(rules, day_of(at, rules), at=at)
        for _ in range(months_ago):
            month = month_around(rules, day_of(month.begins - timedelta(days=1), rules), at=at)
        (told,) = list_statements(demo.program.id, rules, month, Formats.usual("en"))
    return told


@pytest.mark.django_db
def test_a_month_has_everything_that_can_be_on_a_statement(demo: Demo) -> None:
    told = [statement(demo, months_ago=ago) for ago in (1, 2)]
    assert {one.account.partner for one in told} == {"oasis"}
    kinds = {line.movement.kind for one in told for line in one.lines}
    assert kinds >= {"granted", "taken_back", "redeemed", "paid"}
    assert told[0].account.opening_minor == told[1].account.closing_minor
    paid = [line.movement.amount_minor for line in told[0].lines if line.movement.kind == "paid"]
    assert paid == [-told[0].account.opening_minor]


@pytest.mark.django_db
def test_the_books_add_up_and_loading_again_changes_nothing(demo: Demo, home: Path) -> None:
    with program_transaction(demo.program.id):
        assert verify(demo.program.id).differences == []
        before = list(Obligation.objects.filter(program_id=demo.program.id).order_by("key").values_list("key"))
    assert len(before) > 20
    assert fill(home, members=None, orders=None, seed=None) == demo
    with program_transaction(demo.program.id):
        after = list(Obligation.objects.filter(program_id=demo.program.id).order_by("key").values_list("key"))
    assert after == before
