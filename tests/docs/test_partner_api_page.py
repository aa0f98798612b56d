"""The page for partners is a program: its blocks run in order against the product, as a developer would type them."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.partners import partner_world, reward
from tests.served import served
from wafa.api.partner_addresses import PARTNER_ADDRESSES
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

PAGE = (Path(__file__).parents[2] / "docs" / "partner-api.md").read_text("utf-8")


@pytest.mark.django_db(transaction=True)
def test_the_page_is_true() -> None:
    world = partner_world(rewards=[reward("coffee", 10), reward("book", 30, partner="oasis")])
    with program_transaction(world.program_id):
        made = create_api_key(world.program_id, name="books", partner="oasis", at=datetime.now(UTC))
    with served() as origin:
        names: dict[str, Any] = {"origin": origin, "partner_token": made.token}
        for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
            exec(compile(block, "partner-api.md", "exec"), names)
    assert world.balance("huda@example.com") == Balance(available=10, issued=40, redeemed=30)


def test_every_address_is_on_the_page() -> None:
    ends = [pattern.pattern.rpartition("/")[2] for _, pattern, _ in PARTNER_ADDRESSES]
    told = [end for end in ends if not end.startswith("(?P<")]
    assert [end for end in told if f"/{end}`" not in PAGE] == []
