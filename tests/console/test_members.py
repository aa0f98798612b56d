"""The members' list: what it shows, how it is searched, sorted and paged, and its file for spreadsheets."""

import csv
import re
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from msgspec.structs import replace

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from tests.world import order
from wafa.console import export_members, members
from wafa.core.snapshots import CustomerRef

pytestmark = pytest.mark.django_db

LAYLA = ["L Layla Guest guest@example.com", "Guest", "0", "0", "70", "Jan 5, 2026"]
REZA = ["ر رضا کریمی reza@example.com", "Member", "50", "0", "0", "Jan 4, 2026"]
OMAR = ["ع عُمر حدّاد omar@example.com", "Member", "90", "0", "0", "Jan 3, 2026"]
NOURA = ["N Noura Alharbi noura@example.com", "Member", "100", "0", "0", "Jan 2, 2026"]


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.employ()


def test_the_newest_stand_first(shop: Shop, client: Client) -> None:
    page = client.get(f"{shop.console}members/")
    assert rows_of(page) == [LAYLA, REZA, OMAR, NOURA]
    assert "4 in this list" in content_of(page)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("noura", [NOURA]),
        ("NOURA AL", [NOURA]),
        ("omar@", [OMAR]),
        ("عمر", [OMAR]),
        ("رضا كريمي", [REZA]),  # typed on an Arabic keyboard
        ("alharbi", [NOURA]),
        ("alharbi omar", []),
    ],
)
def test_names_and_addresses_are_found_by_how_they_begin(
    shop: Shop, client: Client, text: str, found: list[list[str]]
) -> None:
    page = client.get(f"{shop.console}members/?q={quote(text)}")
    if found:
        assert rows_of(page) == found
        assert "1 in this list" in content_of(page)
    else:
        assert "Nobody found" in content_of(page)


@pytest.mark.parametrize(("state", "found"), [("member", [REZA, OMAR, NOURA]), ("guest", [LAYLA])])
def test_members_and_guests_are_told_apart(shop: Shop, client: Client, state: str, found: list[list[str]]) -> None:
    assert rows_of(client.get(f"{shop.console}members/?state={state}")) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("search_name", [LAYLA, NOURA, REZA, OMAR]),
        ("-search_name", [OMAR, REZA, NOURA, LAYLA]),
        ("since", [NOURA, OMAR, REZA, LAYLA]),
        ("nonsense", [LAYLA, REZA, OMAR, NOURA]),
    ],
)
def test_the_list_is_sorted(shop: Shop, client: Client, sort: str, found: list[list[str]]) -> None:
    assert rows_of(client.get(f"{shop.console}members/?sort={sort}")) == found


@pytest.mark.parametrize("sort", ["-since", "since", "search_name", "-search_name"])
def test_pages_follow_each_other_both_ways(
    shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    whole = rows_of(client.get(f"{shop.console}members/?sort={sort}"))
    monkeypatch.setattr(members, "LIMIT", 3)
    first = client.get(f"{shop.console}members/?sort={sort}")
    second = client.get(_link(first, "next"))
    assert rows_of(first) + rows_of(second) == whole
    assert (_link(first, "prev"), _link(second, "next")) == ("", "")
    assert rows_of(client.get(_link(second, "prev"))) == rows_of(first)


def test_a_cursor_that_nobody_gave_out_is_refused(shop: Shop, client: Client) -> None:
    for cursor in ("x", "bm8", "WyJhIiwiYiIsZmFsc2Vd"):
        assert client.get(f"{shop.console}members/?cursor={cursor}").status_code == 400


def test_a_page_costs_as_many_queries_with_more_members(
    shop: Shop, client: Client, django_assert_num_queries: Any
) -> None:
    client.get(f"{shop.console}members/")
    for _ in range(2):
        # Session, user, program, role; the transaction's begin, program and end; members, their balances, two counts;
        # the program's rules twice; parked deliveries.
        with django_assert_num_queries(14):
            client.get(f"{shop.console}members/")
        shop.take(*(order(f"9{n}", 100, customer=f"new{n}") for n in range(20)))


def test_the_file_has_what_the_list_has(shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_members, "_CHUNK", 2)
    text, rows = _file(client, f"{shop.console}members.csv?sort=since")
    assert text.startswith("\ufeffid,state,name,email,phone,joined_at,first_seen_at,points_available,points_pending,")
    assert [row[1:4] + row[7:] for row in rows[1:]] == [
        ["member", "Noura Alharbi", "noura@example.com", "100", "0", "0", "0", "0"],
        ["member", "عُمر حدّاد", "omar@example.com", "90", "0", "0", "0", "0"],
        ["member", "رضا کریمی", "reza@example.com", "50", "0", "0", "0", "0"],
        ["guest", "Layla Guest", "guest@example.com", "0", "0", "0", "70", "0"],
    ]


def test_the_file_is_filtered_as_the_list_is(shop: Shop, client: Client) -> None:
    page = client.get(f"{shop.console}members/?state=guest&q=lay").content.decode()
    address = re.search(r'href="([^"]*members\.csv[^"]*)"', page)
    assert address
    _text, rows = _file(client, address[1].replace("&amp;", "&"))
    assert [row[2] for row in rows[1:]] == ["Layla Guest"]


def test_a_name_is_never_a_formula(shop: Shop, client: Client) -> None:
    trap = CustomerRef(external_id="c9", email="trap@example.com", name="=HYPERLINK(1)", phone="+966500000009")
    shop.take(replace(order("1009", 100), customer=trap))
    _text, rows = _file(client, f"{shop.console}members.csv?q=trap")
    assert rows[1][2:5] == ["'=HYPERLINK(1)", "trap@example.com", "'+966500000009"]


def test_names_are_escaped(shop: Shop, client: Client) -> None:
    named = CustomerRef(external_id="c10", name="<b>O'Neil</b> & co")
    shop.take(replace(order("1010", 100), customer=named))
    page = client.get(f"{shop.console}members/?q=%3Cb")
    assert rows_of(page)[0][0].endswith("<b>O'Neil</b> & co")
    assert "<b>O" not in page.content.decode()


def _file(client: Client, path: str) -> tuple[str, list[list[str]]]:
    answer: Any = client.get(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    return text, list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def _link(page: Any, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', page.content.decode())
    return page.request["PATH_INFO"] + "?" + found[1].split("?")[1].replace("&amp;", "&") if found else ""
