"""Joining on the member's page, by agreeing to what is shown there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import POINTS, CoffeeClub
from tests.world import order, spec_document
from wafa.core.books import Balance

pytestmark = pytest.mark.django_db(transaction=True)


class OpenClub(CoffeeClub):
    """c1 has an account and 100 points that wait for them to join."""

    def __init__(self) -> None:
        terms = {"version": 3, "text": {"en": "Be kind to baristas.", "ar": "كن لطيفًا.", "fa": "مهربان باش."}}
        units = [POINTS | {"maturity": {"kind": "at_once"}}]
        super().__init__(spec_document(units=units, joining="opt_in", terms=terms))
        bought = datetime.now(UTC) - timedelta(days=1)
        self.take(order("O1", 10_000, paid_at=bought, placed_at=bought, as_of=bought))


def test_whoever_agrees_to_what_is_shown_is_a_member() -> None:
    club, client = OpenClub(), Client()
    club.enter(client, "c1")
    page = client.get(club.path).content.decode()
    assert "Be kind to baristas." in page
    assert "Agree and join" in page
    assert client.post(f"{club.path}join/", {"version": "2"}).status_code == 302
    assert club.balance("c1") == Balance(claimable=100, issued=100)
    assert client.post(f"{club.path}join/", {"version": "3"}).status_code == 302
    assert club.balance("c1") == Balance(available=100, issued=100)
    assert "Be kind to baristas." not in client.get(club.path).content.decode()
    assert Client().post(f"{club.path}join/", {"version": "3"}).status_code == 403


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_page_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = OpenClub()
    page = open_page(club.link("c1"), language=language, width=width)
    assert find_faults(page) == []
    page.locator(f'form[action$="{club.path}join/"] button').click()
    page.locator(".history").first.wait_for()
    assert club.balance("c1").available == 100
