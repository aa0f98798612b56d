"""Giving to another member on the member's page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import POINTS, CoffeeClub
from tests.storefront.test_member import text_of
from tests.world import order, spec_document
from wafa.core.books import Balance
from wafa.rewards.guesses import MOST_MISSES

pytestmark = pytest.mark.django_db(transaction=True)


class GivingClub(CoffeeClub):
    """Members c1, with 300 points, and c2, with 50."""

    def __init__(self, **transfer: Any) -> None:
        giveable = POINTS | {"maturity": {"kind": "at_once"}, "transfer": transfer}
        super().__init__(spec_document(units=[giveable]))
        bought = datetime.now(UTC) - timedelta(days=1)
        for customer, total in (("c1", 30_000), ("c2", 5_000)):
            self.take(order(f"O-{customer}", total, customer=customer, paid_at=bought, placed_at=bought, as_of=bought))

    def post(self, client: Client, **form: str) -> Any:
        return client.post(f"{self.path}give/", {"key": "k", "unit": "points", **form})


def test_it_is_looked_at_before_it_is_given_and_given_once() -> None:
    club, client = GivingClub(), Client()
    club.enter(client, "c1")
    assert "Give to another member" in client.get(club.path).content.decode()

    looked = club.post(client, to="C2@example.com", units="120")
    assert "It cannot be taken back." in text_of(looked.content.decode())
    assert club.balance("c1") == Balance(available=300, issued=300)

    for _ in range(2):
        assert club.post(client, to="C2@example.com", units="120", confirmed="yes").status_code == 302
    assert club.balance("c1") == Balance(available=180, issued=300, transferred=120)
    assert club.balance("c2") == Balance(available=170, issued=50, transferred=-120)
    assert "Given to a member" in client.get(club.path).content.decode()


def test_the_amount_is_read_in_the_digits_of_any_script_and_kept_where_it_is_no_number() -> None:
    club, client = GivingClub(), Client()
    club.enter(client, "c1")
    assert "120 points" in text_of(club.post(client, to="c2@example.com", units="۱۲۰").content.decode()).replace(
        "\xa0", " "
    )
    refused = club.post(client, to="c2@example.com", units="a few")
    assert refused.status_code == 409
    assert "Please say how many, in whole numbers." in refused.content.decode()
    assert 'value="a few"' in refused.content.decode()
    given = client.post(
        f"{club.path}give/",
        {"key": "k", "unit": "points", "to": "c2@example.com", "units": "٦٠", "confirmed": "yes"},
        follow=True,
    )
    assert "It was given." in given.content.decode()
    assert (club.balance("c1").available, club.balance("c2").available) == (240, 110)


@pytest.mark.parametrize(
    ("to", "units", "says"),
    [
        ("nobody@example.com", "20", "No member has this e-mail or phone."),
        ("+966500000009", "20", "No member has this e-mail or phone."),
        ("what", "20", "No member has this e-mail or phone."),
        ("c1@example.com", "20", "This is you."),
        ("c2@example.com", "9", "At least this can be given at a time: 10 points."),
        ("c2@example.com", "201", "The most is: 200 points."),
        ("c2@example.com", "-5", "At least this can be given at a time: 10 points."),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_is_given(to: str, units: str, says: str) -> None:
    club, client = GivingClub(least=10, most=200), Client()
    club.enter(client, "c1")
    answer = club.post(client, to=to, units=units, confirmed="yes")
    assert answer.status_code == 409
    assert says in text_of(answer.content.decode()).replace("\xa0", " ")
    assert club.balance("c1") == Balance(available=300, issued=300)


def test_the_page_is_no_list_of_the_members() -> None:
    club, client = GivingClub(), Client()
    club.enter(client, "c1")
    for number in range(MOST_MISSES):
        club.post(client, to=f"n{number}@example.com", units="20", confirmed="yes")
    answer = club.post(client, to="c2@example.com", units="20", confirmed="yes")
    assert "Too many addresses were tried." in answer.content.decode()
    assert club.balance("c2").available == 50


def test_where_nothing_may_be_given_there_is_no_page() -> None:
    club, client = CoffeeClub(), Client()
    club.take(order("O1", 1_000))
    club.enter(client, "c1")
    assert client.get(f"{club.path}give/").status_code == 404
    assert "Give to another member" not in client.get(club.path).content.decode()
    assert Client().get(f"{club.path}give/").status_code == 403


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_page_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = GivingClub()
    page = open_page(club.link("c1"), language=language, width=width)
    page.locator(f'a[href$="{club.path}give/"]').click()
    page.locator("input[name=to]").fill("c2@example.com")
    page.locator("input[name=units]").fill("20")
    assert find_faults(page) == []
    page.locator("form button.button-primary").click()
    page.locator("button[name=confirmed]").wait_for()
    assert find_faults(page) == []
    page.locator("button[name=confirmed]").click()
    page.locator(".history").first.wait_for()
    assert club.balance("c2").available == 70
