"""A street of partner shops: the partners of a template have customers in the demo too."""

from pathlib import Path

import pytest

from wafa.jobs.demo.fill import fill
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Obligation
from wafa.ledger.verify import verify

pytestmark = pytest.mark.slow


@pytest.mark.django_db(transaction=True)
def test_the_partners_of_a_template_have_customers_too(tmp_path: Path) -> None:
    demo = fill(tmp_path, members=60, orders=240, seed=1, template="shopping-street")
    with program_transaction(demo.program.id):
        assert verify(demo.program.id).differences == []
        owed = Obligation.objects.filter(program_id=demo.program.id).exclude(kind="paid")
        partners = {one.debtor if one.kind == "granted" else one.creditor for one in owed if one.kind != "taken_back"}
    assert partners == {partner.id for partner in demo.program.spec.partners}
    assert {one.kind for one in owed} >= {"granted", "taken_back", "redeemed"}
