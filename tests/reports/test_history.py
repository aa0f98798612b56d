"""What stands around the reason of a line: rule, order, version, dates, balance, what it waits for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template

from tests.reports.lines import AT, LOT, accrual, clawback, line, lot, plain, tell
from wafa.core.books import Account, JournalKind
from wafa.core.why import AdjustmentWhy, MaturityWhy
from wafa.ledger.queries import Pockets
from wafa.reports.told import Told

EARNED = line(accrual(), JournalKind.ACCRUAL, [(Account.ISSUED, Account.PENDING, 190)])
MATURED = line(MaturityWhy(matured_at=AT, units=190), JournalKind.MATURITY, [(Account.PENDING, Account.AVAILABLE, 190)])
PENDING_LOT = lot(matures_at=AT + timedelta(days=14), expires_at=datetime(2027, 3, 20, 21, 0, tzinfo=UTC))


def details(told: Told) -> dict[str, str]:
    return {term.name: plain(term.value) for term in told.details}


def test_a_pending_line_says_when_it_settles() -> None:
    told = tell(EARNED, lots={LOT: PENDING_LOT})
    assert told.state == "Pending until Apr 3, 2026"
    assert details(told) == {
        "Rule": "Points on every order",
        "Order": "1042",
        "Program version": "1",
        "Rounding": "Down to whole units",
        "Pending until": "Apr 3, 2026",
        "Last day to use it": "Mar 20, 2027",
        "Available afterwards": "0 points",
        "Pending afterwards": "190 points",
    }


def test_a_line_waits_no_longer_once_its_lot_moved_on() -> None:
    available = lot(pocket=Account.AVAILABLE, matures_at=AT)
    told = tell(EARNED, lots={LOT: available})
    assert told.state is None
    assert details(told)["Available since"] == "Mar 20, 2026"
    assert tell(EARNED, lots={LOT: lot(remaining=0, matures_at=AT)}).state is None


def test_a_guests_line_says_until_when_it_can_be_claimed() -> None:
    waiting = lot(pocket=Account.CLAIMABLE, claimable_until=datetime(2026, 6, 1, 21, 0, tzinfo=UTC))
    told = tell(line(accrual(), JournalKind.ACCRUAL, [(Account.ISSUED, Account.CLAIMABLE, 190)]), lots={LOT: waiting})
    assert (told.state, told.after) == ("To be claimed until Jun 1, 2026", "190 to be claimed")
    assert details(told)["Can be claimed until"] == "Jun 1, 2026"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "Balance 190"),
        ({"pending": 230}, "Balance 190, 40 pending"),
        ({"debt": 60, "pending": 190}, "Balance 190, 60 owed"),
        ({"debt": 60, "pending": 230, "available": 1000}, "Balance 1,190, 40 pending, 60 owed"),
    ],
)
def test_the_balance_after_a_line_names_what_is_not_usable(before: dict[str, int], after: str) -> None:
    pockets = Pockets(**({"claimable": 0, "pending": 190, "available": 0, "held": 0, "debt": 0} | before))
    matured = line(
        MaturityWhy(matured_at=AT, units=190),
        JournalKind.MATURITY,
        [(Account.PENDING, Account.AVAILABLE, 190)],
        before=pockets,
    )
    assert tell(matured).after == after


def test_a_line_that_names_no_order_shows_it_beside() -> None:
    assert tell(MATURED).order == "Order 1042"
    assert details(tell(MATURED))["Order"] == "1042"
    assert tell(EARNED).order is None
    assert tell(MATURED, orders={}).order is None


def test_store_credit_is_written_as_money() -> None:
    told = tell(line(accrual(units=798), JournalKind.ACCRUAL, [(Account.ISSUED, Account.AVAILABLE, 798)], unit="cash"))
    assert (plain(told.amount), plain(told.after)) == ("+SAR 7.98", "Balance SAR 7.98")


def test_staff_are_told_more_than_members() -> None:
    adjusted = line(
        AdjustmentWhy(units=5, reason="A late parcel", by="staff@example.com"),
        JournalKind.ADJUSTMENT,
        [(Account.ISSUED, Account.AVAILABLE, 5)],
        version=None,
    )
    assert details(tell(adjusted)) == {"Order": "1042", "Available afterwards": "5 points"}
    assert details(tell(adjusted, to_staff=True)) == {
        "Order": "1042",
        "Booked": "Mar 20, 2026, 3:05 PM",
        "Corrected by": "staff@example.com",
        "Available afterwards": "5 points",
    }


def test_a_line_names_its_store_where_asked() -> None:
    assert "Store" not in details(tell(EARNED))
    assert details(tell(EARNED, stores={"main": "Main street"}))["Store"] == "Main street"


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        (
            "ar",
            "استرداد بسبب رد جزء من مبلغ الطلب 1042",
            "رُدّ ٩٥٫٠٠ ر.س من ١٩٠٫٠٠ ر.س المحتسبة، فيسترد البرنامج ٩٥ نقطة من ١٩٠ نقطة.",
        ),
        (
            "fa",
            "برگشت به دلیل بازپرداخت بخشی از سفارش 1042",
            (
                "۹۵٫۰۰ ریال سعودی از ۱۹۰٫۰۰ ریال سعودی محاسبه‌شده بازپرداخت شد؛"
                " بنابراین برنامه ۹۵ امتیاز از ۱۹۰ امتیاز را پس می‌گیرد."
            ),
        ),
    ],
)
def test_a_refund_is_told_in_the_readers_language(language: Any, title: str, sentence: str) -> None:
    told = tell(line(clawback(), JournalKind.CLAWBACK, [(Account.PENDING, Account.CLAWED_BACK, 95)]), language=language)
    assert (told.title, [plain(one) for one in told.sentences]) == (title, [sentence])


def test_values_keep_their_direction_in_html_and_cannot_bring_their_own() -> None:
    told = tell(line(accrual(order="<b>7</b>"), JournalKind.ACCRUAL, [(Account.ISSUED, Account.PENDING, 190)]))
    html = Template("{{ title }}").render(Context({"title": told.title}))
    assert html == "Earned for order <bdi>&lt;b&gt;7&lt;/b&gt;</bdi>"
    assert told.title == "Earned for order <b>7</b>"
