"""What the member's page says, in three languages, and what it costs."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.storefront.coffee import POINTS, CoffeeClub, basket, lived_club, on
from tests.world import order, spec_document
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderLine, OrderStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def club(module_db: None) -> CoffeeClub:
    return lived_club()


@pytest.fixture(scope="module")
def long_club(module_db: None) -> CoffeeClub:
    club = CoffeeClub()
    for day in range(1, 26):
        club.take(order(f"O{day}", 1_000, day=day), at=on(day))
    return club


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def read(client: Client, path: str, language: str = "en") -> str:
    client.cookies["django_language"] = language
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(answer.content.decode())


def order_of(words: list[str], text: str) -> list[int]:
    return [text.index(word) for word in words]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "Falcon Coffee Club",
                "Welcome back, Noura Alharbi",
                "337 points",
                "worth about SAR 16.85",
                "80 points pending until Mar 26, 2026",
                "337 points to be used until Feb 10, 2027. What expires soonest is always used first.",
            ],
        ),
        (
            "ar",
            [
                "نادي قهوة الصقر",
                "أهلًا بعودتك يا Noura Alharbi",
                "٣٣٧ نقطة",
                "بقيمة ١٦٫٨٥ ر.س تقريبًا",
                "٨٠ نقطة معلّقة حتى ٢٦ مارس ٢٠٢٦",
                "يمكن استخدام ٣٣٧ نقطة حتى ١٠ فبراير ٢٠٢٧",
            ],
        ),
        (
            "fa",
            [
                "باشگاه قهوهٔ شاهین",
                "Noura Alharbi، خوش برگشتید",
                "۳۳۷ امتیاز",
                "به ارزش حدود ۱۶٫۸۵ ریال سعودی",
                "۸۰ امتیاز تا ۲۶ مارس ۲۰۲۶ در انتظار است",
                "۳۳۷ امتیاز تا ۱۰ فوریه ۲۰۲۷ قابل استفاده است",
            ],
        ),
    ],
)
def test_balance_worth_and_dates_come_first(club: CoffeeClub, client: Client, language: str, words: list[str]) -> None:
    club.wear(digits="arabic")
    club.enter(client, "c1")
    text = read(client, club.path, language)
    assert order_of(words, text) == sorted(order_of(words, text))


@pytest.mark.parametrize(
    ("calendar", "day"),
    [("gregorian", "Mar 26, 2026"), ("hijri", "Shawwal 7, 1447 AH"), ("jalali", "Farvardin 6, 1405")],
)
def test_dates_are_of_the_programs_calendar(club: CoffeeClub, client: Client, calendar: str, day: str) -> None:
    club.wear(calendar=calendar)
    club.enter(client, "c1")
    assert f"80 points pending until {day}" in read(client, club.path)


def test_the_history_tells_the_story_newest_first(club: CoffeeClub, client: Client) -> None:
    club.enter(client, "c1")
    client.cookies["django_language"] = "en"
    html = client.get(club.path).content.decode()
    lines = [text_of(part.split("<details")[0]) for part in html.split('<li class="history-line">')[1:]]
    assert lines == [
        "Earned for order 1046 +80 Mar 12, 2026, 3:00 AM Pending until Mar 26, 2026 Balance 337, 80 pending",
        "Returned because order 1045 was cancelled -50 Mar 3, 2026, 3:00 AM Balance 337",
        "Earned for order 1045 +50 Mar 2, 2026, 3:00 AM Balance 337, 50 pending",
        "Paid off what was owed 23 Feb 24, 2026, 3:00 AM Balance 337",
        "Now available 60 Feb 24, 2026, 3:00 AM Order 1044 Balance 360, 23 owed",
        "Now available 300 Feb 24, 2026, 3:00 AM Order 1044 Balance 300, 60 pending, 23 owed",
        "Corrected because order 1044 was changed +60 Feb 11, 2026, 3:00 AM Balance 0, 360 pending, 23 owed",
        "Earned for order 1044 +300 Feb 10, 2026, 3:00 AM Balance 0, 300 pending, 23 owed",
        "Paid off what was owed 37 Feb 5, 2026, 3:00 AM Balance 0, 23 owed",
        "Now available 37 Feb 5, 2026, 3:00 AM Order 1043 Balance 37, 60 owed",
        "Returned because order 1042 was refunded -95 Jan 31, 2026, 3:00 AM Balance 0, 37 pending, 60 owed",
        "Earned for order 1043 +37 Jan 22, 2026, 3:00 AM Balance 35, 37 pending",
        "Used for coffee -60 Jan 21, 2026, 3:00 AM Balance 35",
        "Now available 95 Jan 16, 2026, 3:00 AM Order 1042 Balance 95",
        "Returned because a part of order 1042 was refunded -95 Jan 5, 2026, 3:00 AM Balance 0, 95 pending",
        "Earned for order 1042 +190 Jan 2, 2026, 3:00 AM Balance 0, 190 pending",
    ]


def test_what_is_owed_is_explained_kindly(client: Client) -> None:
    club = CoffeeClub(spec_document(units=[POINTS | {"maturity": {"kind": "at_once"}}]))
    club.take(bought := order("O1", 10_000, day=1), at=on(1))
    club.redeem("c1", 60, key="r1", at=on(2))
    club.take(replace(bought, status=OrderStatus.CANCELLED, as_of=on(3)), at=on(3))
    club.enter(client, "c1")
    text = read(client, club.path)
    assert "60 points owed: a refund took back what had been used already." in text
    assert "There is nothing to do; what you earn next pays it first." in text


def test_a_guest_sees_what_waits_and_how_to_get_it(client: Client) -> None:
    club = CoffeeClub()
    club.take(
        order("G1", 9_000, email="guest@example.com", day=3), order("G2", 4_000, email="guest@example.com", day=5)
    )
    club.enter(client, "guest@example.com")
    text = read(client, club.path)
    assert "130 points worth about SAR 6.50" in text
    assert (
        "This waits for you. Create an account in the store with guest@example.com to claim it:"
        " 90 points by Apr 4, 2026, and the rest after that." in text
    )
    assert "Earned for order G1 +90 Jan 4, 2026, 3:00 AM To be claimed until Apr 4, 2026 90 to be claimed" in text


def test_who_has_nothing_yet_is_told_what_will_come(client: Client) -> None:
    club = CoffeeClub()
    who = CustomerRef(external_id="c9", email="c9@example.com", name="رضا کریمی")
    club.take(CustomerSnapshot(customer=who, created_at=on(1), as_of=on(1)))
    club.enter(client, "c9")
    text = read(client, club.path).replace("\xa0", " ")
    assert "Welcome back, رضا کریمی" in text
    assert "0 points Ways to earn Points on every order A paid order earns 1 point for every SAR 1.00" in text
    assert "That is worth 5% of what counts. History Each line tells why Nothing here yet" in text


def titles(html: str) -> list[str]:
    return [text_of(title) for title in re.findall(r'<p class="history-title">(.*?)</p>', html)]


def test_the_history_goes_on_page_by_page_without_a_script(long_club: CoffeeClub, client: Client) -> None:
    long_club.enter(client, "c1")
    first = client.get(long_club.path).content.decode()
    assert titles(first) == [f"Earned for order O{day}" for day in range(25, 5, -1)]
    (more,) = re.findall(r'href="([^"]*before=[^"]*)#history"', first)
    second = client.get(unescape(more)).content.decode()
    assert titles(second) == [f"Earned for order O{day}" for day in range(5, 0, -1)]
    assert "Back to the newest" in second
    assert "more-link" not in second


def test_the_script_gets_the_next_lines_alone(long_club: CoffeeClub, client: Client) -> None:
    long_club.enter(client, "c1")
    (more,) = re.findall(r'hx-get="([^"]*)"', client.get(long_club.path).content.decode())
    part = client.get(unescape(more), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<li")
    assert titles(part) == [f"Earned for order O{day}" for day in range(5, 0, -1)]


def test_each_unit_has_its_own_history(client: Client) -> None:
    cash = {"code": "cash", "kind": "credit", "name": {"en": {"other": "Cashback"}}}
    rule = {
        "id": "cash",
        "name": {"en": "Cashback on everything"},
        "unit": "cash",
        "award": {"kind": "percent", "basis_points": 420},
    }
    document = spec_document(units=[POINTS, cash])
    club = CoffeeClub(document | {"earning": [*document["earning"], rule]})
    club.take(order("O1", 10_000, day=1))
    club.enter(client, "c1")
    text = read(client, f"{club.path}?unit=cash")
    assert "SAR 4.20 Cashback" in text
    assert "Earned for order O1 +SAR 4.20" in text
    assert "SAR 100.00 of the order counted, and 4.2% of it is earned: SAR 4.20." in text
    assert "Earned for order O1 +100" in read(client, club.path)
    assert client.get(f"{club.path}?unit=gold").status_code == 404


CARDS = [
    {
        "code": f"{drink}_card",
        "kind": "stamps",
        "name": {"en": {"one": f"{drink} stamp", "other": f"{drink} stamps"}, "ar": {"other": "ختم"}},
    }
    for drink in ("coffee", "tea")
]


def test_several_cards_are_told_apart(client: Client) -> None:
    rules = [
        {
            "id": card["code"],
            "name": {"en": "A stamp for every cup"},
            "unit": card["code"],
            "award": {"kind": "per_quantity", "units": 1},
            "limits": [{"per": "member", "units": most, "within": {"kind": "day"}}],
        }
        for card, most in zip(CARDS, (3, 1), strict=True)
    ]
    club = CoffeeClub(spec_document(units=[POINTS, *CARDS], earning=rules))
    cups = OrderLine(id="1", product_id="cup", quantity=2, subtotal_minor=4_000, total_minor=4_000)
    club.take(order("O1", 4_000, lines=(cups,)))
    club.enter(client, "c1")
    coffee, tea = (read(client, f"{club.path}?unit={card['code']}") for card in CARDS)
    assert "2 coffee stamps" in coffee
    assert "1 tea stamp" in coffee
    assert "2 pieces counted, at 1 coffee stamp each: 2 coffee stamps." in coffee
    assert "2 pieces counted, at 1 tea stamp each: 2 tea stamps." in tea
    assert "By this rule a member earns at most 1 tea stamp a day." in tea
    assert "What is above it, 1 tea stamp, is not granted." in tea


def test_a_place_in_the_history_that_is_none_is_refused(club: CoffeeClub, client: Client) -> None:
    club.enter(client, "c1")
    answer = client.get(f"{club.path}?before=yesterday")
    assert (answer.status_code, answer.content) == (400, b"before: expected the id of a line")


def test_a_member_sees_nothing_of_another(club: CoffeeClub, client: Client) -> None:
    club.take(basket("9001", 5_000, day=80, customer="c2"), at=on(80))
    club.enter(client, "c2")
    text = read(client, club.path)
    assert "Earned for order 9001" in text
    assert re.findall(r"104\d|c1@example", text) == []


def test_members_download_their_own_data(club: CoffeeClub, client: Client) -> None:
    assert client.get(f"{club.path}data.json").status_code == 403
    club.enter(client, "c1")
    assert f'href="{club.path}data.json"' in client.get(club.path).content.decode()
    data = client.get(f"{club.path}data.json")
    assert data["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert data.json()["member"]["id"] == str(club.member("c1"))


def test_the_page_asks_the_same_few_questions_however_long_the_history(
    club: CoffeeClub, long_club: CoffeeClub, client: Client
) -> None:
    counts = []
    for made in (club, long_club):
        made.enter(client, "c1")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(made.path).status_code == 200
        statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
        about_programs = [
            sql for sql in statements if not sql.startswith("SET LOCAL") and "programs_program" not in sql
        ]
        assert [sql for sql in about_programs if made.program_id.hex not in sql.replace("-", "")] == []
        counts.append(len(statements))
    assert counts == [8, 8]


def test_no_page_carries_inline_style_or_script(club: CoffeeClub, client: Client) -> None:
    club.enter(client, "c1")
    html: Any = client.get(club.path).content.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) == []


def test_a_member_sees_their_tier_and_a_guest_none(client: Client) -> None:
    ladder = [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 1}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 3}},
    ]
    club = CoffeeClub(spec_document(units=[POINTS], tiers={"ladder": ladder}))
    club.take(order("O1", 5_000), order("G1", 5_000, email="guest@example.com"))

    club.enter(client, "c1")
    told = read(client, club.path)
    assert "Your tier Silver To reach Gold Orders: 1 of 3 · 2 to go How it came to this Silver reached" in told

    club.enter(client, "guest@example.com")
    assert "Your tier" not in read(client, club.path)
