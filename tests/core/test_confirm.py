"""Lots that wait for more than a payment."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import MemoryDriver
from wafa.core.books import Account, Journal, JournalKind, Lot
from wafa.core.calendars import OutsideCalendar
from wafa.core.check import check_order
from wafa.core.earn import MissingRate
from wafa.core.why import ConfirmationWhy


def day(number: int) -> datetime:
    return NOON + timedelta(days=number)


def waiting(**expiry: Any) -> MemoryDriver:
    unit = {"maturity": {"kind": "after_days", "days": 14, "after": "fulfilled"}, **expiry}
    return MemoryDriver(make_spec(unit=unit))


def only_lot(driver: MemoryDriver) -> Lot:
    (lot,) = driver.standing.lots.values()
    return lot


def confirmations(driver: MemoryDriver) -> list[Journal]:
    return [journal for journal in driver.journals if journal.kind is JournalKind.CONFIRMATION]


def test_a_lot_has_no_dates_before_what_it_waits_for_is_told() -> None:
    driver = waiting(expiry={"kind": "after_days", "days": 60})
    driver.see(make_order())

    lot = only_lot(driver)
    assert (lot.pocket, lot.waits_for, lot.matures_at, lot.expires_at) == (Account.PENDING, "fulfilled", None, None)
    driver.turn_clock(at=day(10_000))
    assert only_lot(driver) == lot

    driver.see(make_order(as_of=day(5), fulfilled_at=day(3)))

    lot = only_lot(driver)
    assert (lot.matures_at, lot.expires_at) == (day(17), day(60))
    (told,) = confirmations(driver)
    assert (told.postings, told.occurred_at) == ((), day(3))
    assert told.why == ConfirmationWhy(awaited="fulfilled", happened_at=day(3), matures_at=day(17), expires_at=day(60))


def test_an_order_that_is_told_paid_and_fulfilled_at_once_has_its_dates_at_once() -> None:
    driver = waiting()
    driver.see(make_order(as_of=day(5), fulfilled_at=day(3)))

    assert [journal.kind for journal in driver.journals] == [JournalKind.ACCRUAL, JournalKind.CONFIRMATION]
    assert only_lot(driver).matures_at == day(17)


def test_the_earliest_telling_counts_and_is_never_taken_back() -> None:
    driver = waiting()
    driver.see(make_order())
    driver.see(make_order(as_of=day(6), fulfilled_at=day(6)))
    driver.see(make_order(as_of=day(7), fulfilled_at=day(7)))
    driver.see(make_order(as_of=day(8)))
    assert only_lot(driver).matures_at == day(20)

    driver.see(make_order(as_of=day(4), fulfilled_at=day(4)))

    assert only_lot(driver).matures_at == day(18)
    assert len(confirmations(driver)) == 2


def test_what_was_fulfilled_before_it_was_paid_counts_from_the_payment() -> None:
    driver = waiting()
    driver.see(make_order(paid_at=day(9), as_of=day(9), fulfilled_at=day(2)))

    assert only_lot(driver).matures_at == day(23)


def test_a_store_that_tells_only_the_delivery_has_fulfilled() -> None:
    driver = waiting()
    driver.see(make_order(as_of=day(5), delivered_at=day(5)))

    assert only_lot(driver).matures_at == day(19)


def test_an_order_that_cannot_be_decided_is_told_before() -> None:
    hijri = {"kind": "end_of", "period": "year", "calendar": "hijri"}
    driver = MemoryDriver(make_spec(unit={"expiry": hijri}))
    far = datetime(2090, 1, 1, tzinfo=NOON.tzinfo)

    check_order(driver.program, make_order())
    with pytest.raises(MissingRate):
        check_order(driver.program, make_order(currency="USD"))
    with pytest.raises(OutsideCalendar):
        check_order(driver.program, make_order(paid_at=far))
    seasonal = MemoryDriver(make_spec(rule={"schedule": {"windows": [{"kind": "season", "name": "ramadan"}]}}))
    with pytest.raises(OutsideCalendar):
        check_order(seasonal.program, make_order(paid_at=far))
