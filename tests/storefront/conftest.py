"""A club whose first member has a history."""

import pytest

from tests.storefront.coffee import CoffeeClub, live


@pytest.fixture
def club() -> CoffeeClub:
    made = CoffeeClub()
    live(made)
    return made
