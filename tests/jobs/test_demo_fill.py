"""What a home can be filled with: the history under every template, and nothing where that is not possible."""

from pathlib import Path

import pytest

from wafa.core.books import Account
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.fill import fill
from wafa.jobs.demo.found_program import SLUG
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Lot
from wafa.ledger.verify import verify
from wafa.programs.queries import find_program
from wafa.programs.templates import list_templates

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
@pytest.mark.parametrize("template", list_templates())
def test_the_history_runs_under_every_template(template: str, tmp_path: Path) -> None:
    demo = fill(tmp_path, members=10, orders=60, seed=1, template=template)

    with program_transaction(demo.program.id):
        assert verify(demo.program.id).differences == []
        lots = Lot.objects.filter(program_id=demo.program.id)
        granted, in_use = set(lots.values_list("rule", flat=True)), lots.exclude(pocket=Account.PENDING).count()
    rules = {rule.id for rule in demo.program.spec.earning}
    # In sixty orders of ten people not every season comes by, and not everybody tells a birthday; most else does.
    assert granted & rules
    assert in_use > 0
    assert fill(tmp_path, members=None, orders=None, seed=None) == demo
    with pytest.raises(DemoFailed, match=f"under {template}: leave these out"):
        fill(tmp_path, members=None, orders=None, seed=None, template="")


def test_a_template_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="there is no template 'cafe': `wafa program template list` has them all"):
        fill(tmp_path, members=10, orders=60, seed=1, template="cafe")
    assert list(tmp_path.iterdir()) == []
    assert find_program(SLUG) is None


def test_too_small_a_history_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="got 9 members and 60 orders"):
        fill(tmp_path, members=9, orders=60, seed=None)
    assert list(tmp_path.iterdir()) == []
    assert find_program(SLUG) is None
