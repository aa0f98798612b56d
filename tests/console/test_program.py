"""The program's page: what decides now, in sentences and as the document; and the stores."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop, order_message
from tests.storefront.coffee import POINTS
from tests.world import spec_document, unit
from wafa.core.spec import read_spec
from wafa.kit.formats import Formats
from wafa.programs.documents import write_document
from wafa.reports.summary import summarise

pytestmark = pytest.mark.django_db

RULE = spec_document()["earning"][0]
DOUBLE = {
    "id": "weekend",
    "name": {"en": "Coffee weekend"},
    "rules": [RULE["id"]],
    "gives": {"kind": "multiply", "by": "2"},
}
LAUNCH = {**DOUBLE, "id": "launch", "name": {"en": "New mill"}, "gives": {"kind": "bonus", "units": 50}}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_the_program_is_told_in_sentences(shop: Shop) -> None:
    told = content_of(shop.employ().get(f"{shop.console}program/"))
    assert told.startswith(
        "Program Version 1, which decides now"
        " points It can be used 14 days after the order was paid. Each earning expires after 12 months."
        " 100 points are worth SAR 5.00."
        " A refund of what was used already leaves a debt, which later earnings pay first."
        " Points on every order"
        " A paid order earns 1 point for every SAR 1.00, and for parts of it in proportion."
        " Tax does not count. Shipping does not count. Fees do not count."
        " What is paid with a gift card counts. What is paid with store credit does not count."
        " What is paid with points does not count. The price after discounts counts."
        " Joining Whoever has an account in a store is a member. What a guest earns waits 90 days for them to join."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"units": [unit()]}, "It can be used at once."),
        ({"units": [unit()]}, "It never expires."),
        ({"units": [unit(expiry={"kind": "after_days", "days": 1})]}, "Each earning expires after 1 day."),
        ({"units": [unit(clawback="clamp")]}, "A refund takes back only what is still there."),
        ({"earning": [RULE | {"award": {"kind": "fixed", "units": 1}}]}, "A paid order earns 1 point."),
        (
            {"earning": [RULE | {"award": {"kind": "percent", "basis_points": 250}}]},
            "A paid order earns 2.50% of what counts.",
        ),
        (
            {"earning": [RULE | {"award": {"kind": "per_amount", "units": 2, "per_minor": 500, "mode": "step"}}]},
            "A paid order earns 2 points for every full SAR 5.00.",
        ),
        (
            {"earning": [RULE | {"award": {"kind": "per_item", "units": 2}}]},
            "A paid order earns 2 points for every line that counts.",
        ),
        (
            {"earning": [RULE | {"award": {"kind": "per_quantity", "units": 1}}]},
            "A paid order earns 1 point for every piece that counts.",
        ),
        ({"earning": [RULE | {"minimum_minor": 5000}]}, "An order earns from SAR 50.00 on."),
        ({"earning": [RULE | {"most_units": 500}]}, "One order earns at most 500 points by it."),
        (
            {"earning": [RULE | {"conditions": [{"kind": "coupon_used"}]}]},
            "Only orders that meet its conditions earn; the document names them.",
        ),
        ({"accelerators": [DOUBLE]}, "Coffee weekend counts what it is about 2 times."),
        ({"accelerators": [LAUNCH]}, "New mill adds 50 points."),
        (
            {"accelerators": [DOUBLE, LAUNCH]},
            "Where several of them apply, each adds to what the rule alone earns.",
        ),
        (
            {"accelerators": [DOUBLE, LAUNCH], "stacking": "multiply"},
            "Where several of them apply, each multiplies what the others made of it.",
        ),
        (
            {"accelerators": [DOUBLE, LAUNCH], "stacking": "best_of"},
            "Where several of them apply, only the one that adds most counts.",
        ),
        (
            {"earning": [RULE | {"scope": {"exclude": {"tags": ["sale"]}}}]},
            "Only some products count; the document names them.",
        ),
        ({"guests": None}, "Guests earn nothing."),
        ({"joining": "opt_in"}, "Whoever has an account in a store may join."),
    ],
)
def test_every_part_of_the_document_is_told(changes: dict[str, Any], sentence: str) -> None:
    summary = summarise(read_spec(spec_document(**changes)), Formats.usual("en"))
    told = [*summary.units[0].sentences, *summary.rules[0].sentences, *summary.joining]
    assert sentence in [str(one).replace("\u00a0", " ") for one in told]


def test_the_document_read_again_is_the_same_program(shop: Shop) -> None:
    page = shop.employ().get(f"{shop.console}program/").content.decode()
    shown = re.search(r'<pre class="code"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert shown
    assert read_spec(yaml.safe_load(html.unescape(shown[1]))) == read_spec(
        spec_document(units=[POINTS], rates={"USD": "3.75"})
    )


def test_the_document_names_its_format() -> None:
    assert write_document(read_spec(spec_document())).splitlines()[0] == "format: wafa.program/1"


def test_a_version_to_come_does_not_decide_yet(shop: Shop) -> None:
    begins = datetime.now(UTC) + timedelta(days=1)
    shop.publish(spec_document(units=[POINTS], guests=None), at=begins)
    client = shop.employ()
    page = client.get(f"{shop.console}program/")
    assert content_of(page).startswith("Program Version 1, which decides now")
    assert [(row[0], row[3], row[4]) for row in rows_of(page)] == [
        ("Version 2", "tests", "Decides later"),
        ("Version 1", "tests", "Decides now"),
    ]
    told = content_of(client.get(f"{shop.console}program/2/"))
    assert told.startswith("Program Version 2, which does not decide now")
    assert "Guests earn nothing." in told


def test_a_store_tells_where_it_delivers_and_when_it_last_did(shop: Shop, settings: Any) -> None:
    settings.ORIGIN = "https://loyalty.example.com"
    client = shop.employ()
    address = f"https://loyalty.example.com/hooks/{shop.program_id}/main"
    told = content_of(client.get(f"{shop.console}stores/"))
    assert told == (
        "Stores Where this program's orders come from Main store Direct Connected"
        f" Delivers to {address} Copy Last delivery none yet Currency SAR Code main"
    )
    shop.deliver(order_message("2001", 4_000))
    assert "Last delivery Jan 6, 2026, 3:00 AM" in content_of(client.get(f"{shop.console}stores/"))
