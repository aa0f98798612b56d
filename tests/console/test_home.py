"""The first page: figures that are those of the books."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.console.reading import content_of, rows_of
from tests.console.shop import OMAR, Shop, ordered
from tests.storefront.coffee import POINTS, fully_refunded, on
from tests.world import spec_document
from wafa.console import home

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon of 25 January 2026."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Clock":
            return cls(2026, 1, 25, 12, tzinfo=UTC)

    monkeypatch.setattr(home, "datetime", Clock)


def test_the_figures_are_those_of_the_books() -> None:
    shop = Shop()
    told = content_of(shop.employ().get(shop.console))
    # Noura 100, Omar 90, Reza 50 available, a hundred of which are worth SAR 5; the guest's 70 are nobody's yet.
    assert told.startswith(
        "Home Falcon Coffee at a glance Members 3 Guests 1 ordered, but have not joined points"
        " Outstanding 240 available, pending or reserved Liability SAR 12.00 what is outstanding, at face value"
        " Claimable by guests 70 granted when they join in time Owed by members 0 refunded after it was used"
    )


def test_a_debt_is_no_part_of_what_is_outstanding() -> None:
    shop = Shop()
    shop.redeem("c2", 90, key="r1", at=on(22))
    shop.take(fully_refunded(ordered("1002", 9_050, day=2, by=OMAR), day=23), at=on(23))
    told = content_of(shop.employ().get(shop.console))
    assert "Outstanding 150 " in told
    assert "Redemption rate 22% used, of what was earned in twelve weeks" in told
    assert "Liability SAR 7.50 " in told
    assert "Owed by members 90 " in told


def test_twelve_weeks_end_with_today() -> None:
    shop = Shop()
    rows = rows_of(shop.employ().get(shop.console))
    assert len(rows) == 12
    assert (rows[0], rows[-5:]) == (
        ["Nov 3", "0", "0", "0", "0"],
        [
            ["Dec 22", "0", "0", "0", "0"],
            ["Dec 29", "340", "0", "0", "0"],
            ["Jan 5", "70", "0", "0", "0"],
            ["Jan 12", "0", "0", "0", "0"],
            ["Jan 19", "0", "0", "100", "0"],
        ],
    )


def test_store_credit_is_money() -> None:
    credit = POINTS | {"kind": "credit", "face_value": None}
    shop = Shop(spec_document(units=[credit]))
    told = content_of(shop.employ().get(shop.console))
    assert "Outstanding SAR 2.40 " in told
    assert "Liability SAR 2.40 " in told
    assert rows_of(shop.employ().get(shop.console))[-4][1] == "SAR 3.40"
