"""A member's page in the console: balances, the history in which each line explains itself, lots and orders."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.console.reading import content_of, rows_of, words_in
from tests.console.shop import NOURA, OMAR, Shop, ordered
from tests.storefront.coffee import POINTS, fully_refunded, on
from tests.world import spec_document
from wafa.console import timeline

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.employ()


def page_of(shop: Shop, client: Client, who: str = "c1", query: str = "") -> Any:
    return client.get(f"{shop.console}members/{shop.member(who)}/{query}")


def test_the_figures_are_the_balance(shop: Shop, client: Client) -> None:
    told = content_of(page_of(shop, client))
    assert told.startswith(
        "Members Noura Alharbi Member Open the member's page"
        " Available 100 points worth SAR 5.00 Pending 0 points Expires next 100 points last day Jan 2, 2027"
    )
    assert "E-mail noura@example.com Joined Jan 2, 2026 First seen Jan 2, 2026" in told
    assert "Recognised by E-mail noura@example.com Customer of a store main:c1" in told


def test_a_guest_shows_what_waits_for_them(shop: Shop, client: Client) -> None:
    told = content_of(page_of(shop, client, "guest@example.com"))
    assert "Layla Guest Guest" in told
    assert "To be claimed 70 points until Apr 5, 2026" in told


def test_a_debt_is_told(shop: Shop, client: Client) -> None:
    shop.redeem("c2", 90, key="r1", at=on(22))
    second = ordered("1002", 9_050, day=2, by=OMAR)
    shop.take(fully_refunded(second, day=23), at=on(23))
    assert "Owed 90 points what is earned next pays it first" in content_of(page_of(shop, client, "c2"))


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        (
            "en",
            "Returned because a part of order 1001 was refunded",
            "of the SAR 200.00 that counted was refunded, so the program takes back 100 points of 200 points.",
        ),
        (
            "ar",
            "استرداد بسبب رد جزء من مبلغ الطلب 1001",
            "من 200.00 ر.س المحتسبة",
        ),
        (
            "fa",
            "برگشت به دلیل بازپرداخت بخشی از سفارش 1001",
            "200.00 ریال سعودی",
        ),
    ],
)
def test_a_refunded_order_explains_itself(shop: Shop, client: Client, language: str, title: str, sentence: str) -> None:
    client.cookies["django_language"] = language
    first = words_in(page_of(shop, client).content.decode().split('<li class="history-line">')[1].split("</li>")[0])
    assert first.startswith(f"{title} ")
    assert sentence in first


def test_staff_see_store_version_and_when_it_was_booked(shop: Shop, client: Client) -> None:
    told = content_of(page_of(shop, client))
    assert (
        "Rule Points on every order Order 1001 Store Main store Program version 1 Booked Jan 22, 2026, 3:00 AM" in told
    )


def test_the_history_pages_by_its_lines(shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_LINES", 2)
    first = page_of(shop, client)
    assert _titles(first) == ["Returned because a part of order 1001 was refunded", "Now available"]
    older = re.search(r'href="(\?unit=points&amp;before=[0-9a-f-]+)"', first.content.decode())
    assert older
    second = page_of(shop, client, query=older[1].replace("&amp;", "&"))
    assert _titles(second) == ["Earned for order 1001"]
    assert "Back to the newest" in content_of(second)
    assert "Older lines" not in content_of(second)
    assert page_of(shop, client, query="?before=x").status_code == 400


def test_lots_say_where_they_are_and_until_when(shop: Shop, client: Client) -> None:
    shop.take(ordered("1005", 3_000, day=24, by=NOURA), at=on(24))
    assert rows_of(page_of(shop, client, query="?tab=lots")) == [
        ["Jan 25, 2026", "Pending", "30", "30", "Feb 8, 2026", "Jan 25, 2027"],
        ["Jan 2, 2026", "Available", "200", "100", "Jan 16, 2026", "Jan 2, 2027"],
    ]


@pytest.mark.parametrize(
    ("policies", "days"),
    [
        (
            {"maturity": {"kind": "on_confirmation"}, "expiry": {"kind": "after_days", "days": 90}},
            ["not known yet", "not known yet"],
        ),
        ({"maturity": {"kind": "at_once"}, "expiry": {"kind": "never"}}, ["at once", "never"]),
        (
            {"maturity": {"kind": "at_once"}, "expiry": {"kind": "without_activity", "months": 12}},
            ["at once", "without activity"],
        ),
    ],
)
def test_a_lot_without_days_says_why(policies: dict[str, Any], days: list[str]) -> None:
    shop = Shop(spec_document(units=[POINTS | policies]))

    (row,) = rows_of(page_of(shop, shop.employ(), "c2", query="?tab=lots"))

    assert row[-2:] == days


def test_orders_are_as_the_store_last_told_them(shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.take(ordered("1005", 3_000, day=24, by=NOURA), at=on(24))
    newer = ["1005", "Main store", "Jan 25, 2026", "Paid", "SAR 54.50", "–"]
    older = ["1001", "Main store", "Jan 2, 2026", "Partly refunded", "SAR 250.00", "SAR 115.00"]
    assert rows_of(page_of(shop, client, query="?tab=orders")) == [newer, older]
    monkeypatch.setattr(timeline, "_ORDERS", 1)
    first = page_of(shop, client, query="?tab=orders")
    assert rows_of(first) == [newer]
    link = re.search(r'href="(\?tab=orders&amp;before=[^"]+)"', first.content.decode())
    assert link
    assert rows_of(page_of(shop, client, query=link[1].replace("&amp;", "&"))) == [older]


def test_the_members_own_page_opens_from_here(shop: Shop, client: Client) -> None:
    link = re.search(r'href="(/m/[^"]+/enter/[^"]+)"', page_of(shop, client).content.decode())
    assert link
    visitor = Client()
    assert visitor.get(link[1], follow=True).redirect_chain == [(shop.path, 302)]


def _titles(page: Any) -> list[str]:
    titles = re.findall(r'<p class="history-title">(.*?)</p>', page.content.decode(), re.DOTALL)
    return [words_in(title) for title in titles]


def test_the_tab_of_tiers_tells_every_step_and_is_not_there_without_tiers(shop: Shop, client: Client) -> None:
    assert "?tab=tier" not in page_of(shop, client).content.decode()
    ladder = [{"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}}]
    shop.publish(spec_document(tiers={"ladder": ladder}), at=on(30))
    shop.take(ordered("1009", 9_050, day=31, by=NOURA))

    told = content_of(page_of(shop, client, query="?tab=tier"))

    assert "Tier Where the member stands, and every step there Gold" in told
    assert "Gold reached" in told
    assert "Orders: 1 of 1" in told
