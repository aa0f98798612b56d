"""Segments in the console: what each comes to, and the members' list and its file of one of them."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from tests.storefront.coffee import POINTS
from tests.world import spec_document
from wafa.kit.transactions import program_transaction
from wafa.members.queries import matching_members
from wafa.programs.queries import get_program_rules
from wafa.reports.segments import ids_in_segment

pytestmark = pytest.mark.django_db

SEGMENTS = [
    {
        "id": "big",
        "name": {"en": "Big spenders", "ar": "كبار المنفقين", "fa": "پرخریدها"},
        "conditions": [{"kind": "spend", "at_least_minor": 110_00}],
    },
    {"id": "press", "name": {"en": "Press", "ar": "الصحافة", "fa": "رسانه‌ها"}},
]


def make_shop() -> Shop:
    return Shop(spec_document(units=[POINTS], rates={"USD": "3.75"}, segments=SEGMENTS))


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return make_shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.employ()


def names_in(page: Any) -> list[str]:
    return [row[0] for row in rows_of(page)]


def test_the_members_list_shows_one_segment_with_its_count(shop: Shop, client: Client) -> None:
    page = client.get(f"{shop.console}members/?segment=big")
    assert names_in(page) == ["ع عُمر حدّاد omar@example.com", "N Noura Alharbi noura@example.com"]
    content = content_of(page)
    assert "2 in this list" in content
    assert "Members 2 Guests 0" in content  # the other filter counts within the segment


def test_a_segment_is_searched_and_filtered_further(shop: Shop, client: Client) -> None:
    assert names_in(client.get(f"{shop.console}members/?segment=big&q=noura")) == ["N Noura Alharbi noura@example.com"]
    assert "Nobody found" in content_of(client.get(f"{shop.console}members/?segment=big&q=reza"))
    page = client.get(f"{shop.console}members/?segment=press")
    assert "No one in this list is in this segment now." in content_of(page)
    assert (
        "?state=member&amp;segment=press"
        in client.get(f"{shop.console}members/?segment=big&state=member").content.decode()
    )


def test_who_is_in_a_segment_is_not_compared_with_each_member(shop: Shop) -> None:
    with program_transaction(shop.program_id):
        version = get_program_rules(shop.program_id).latest
        assert version is not None
        at = version.effective_from + timedelta(days=60)
        among = ids_in_segment(shop.program_id, version.spec, version.spec.segments[0], at=at)
        found = matching_members(shop.program_id, "", among=among)
        assert len(found) == 2
        plan = found.explain()
    assert "Nested Loop Semi Join" not in plan


def test_a_segment_that_does_not_exist_filters_nothing(shop: Shop, client: Client) -> None:
    assert "4 in this list" in content_of(client.get(f"{shop.console}members/?segment=none"))


def test_the_file_holds_what_the_list_shows(shop: Shop, client: Client) -> None:
    answer = client.get(f"{shop.console}members.csv?segment=big")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert [row["email"] for row in csv.DictReader(StringIO(text))] == ["omar@example.com", "noura@example.com"]


def test_each_segment_tells_what_it_comes_to(shop: Shop, client: Client) -> None:
    # 124.06 and 250.00 with tax and shipping, less 115.00 that came back; 90 and 100 points at 5 riyals a hundred.
    rows = rows_of(client.get(f"{shop.console}segments/"))
    assert rows == [
        ["B Big spenders", "Its conditions", "2", "2", "SAR 259.06", "190 points", "SAR 9.50"],
        ["P Press", "A list you keep", "0", "0", "SAR 0.00", "–", "–"],
    ]


@pytest.mark.parametrize(("language", "words"), [("ar", ["الشرائح", "كبار المنفقين"]), ("fa", ["بخش‌ها", "پرخریدها"])])
def test_the_page_speaks_three_languages(shop: Shop, language: str, words: list[str]) -> None:
    client = shop.employ()
    client.cookies["django_language"] = language
    content = content_of(client.get(f"{shop.console}segments/"))
    for word in words:
        assert word in content
    assert "Outstanding" not in content


def test_without_segments_there_is_no_such_filter(module_db: None) -> None:
    plain = Shop()
    client = plain.employ("plain@example.com")
    assert "Everybody" not in content_of(client.get(f"{plain.console}members/"))
    assert "No segments yet" in content_of(client.get(f"{plain.console}segments/"))
