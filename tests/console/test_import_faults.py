"""What is wrong with rows of a history is said in the language of whoever looks."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override
from msgspec.structs import replace

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from wafa.connectors.asking import ATTEMPTS
from wafa.connectors.contract import CannotReach, StoreRefused
from wafa.connectors.stores.woocommerce.fetch import WooCommerceFetcher
from wafa.console.import_faults import import_fault, stop_fault
from wafa.core.calendars import OutsideCalendar
from wafa.core.earn import MissingRate
from wafa.core.open_balance import Opening
from wafa.core.snapshots import CustomerRef
from wafa.core.spec import ProfileField
from wafa.flows.import_members import check_member
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.reading.cells import DateOrder, Habits
from wafa.imports.reading.columns import Unmapped, place_columns
from wafa.imports.reading.dialect import NotText, decode, detect
from wafa.imports.reading.members import MemberRules, read_members
from wafa.imports.reading.orders import read_purchases
from wafa.imports.rows import PastMember, PastTier, RowFault

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
MEMBERS = ("email", "phone", "points", "unit", "tier", "joined_at")
PROFILE = {
    "note": ProfileField(id="note", name={"en": "Note"}, reason={"en": "R"}, type="text"),
    "size": ProfileField(id="size", name={"en": "Size"}, reason={"en": "R"}, type="integer", least=30, most=50),
    "news": ProfileField(id="news", name={"en": "News"}, reason={"en": "R"}, type="boolean"),
}
ORDERS = ("order", "email", "paid_at", "total")


def read_member(
    *row: str, tiers: tuple[str, ...] = ("gold",), calendar: str = "gregorian", order: DateOrder = "ymd"
) -> str:
    """What is said of a row of members: e-mail, phone, points, unit, tier and when they joined."""
    columns = {name: place for place, name in enumerate(MEMBERS)}
    rules = MemberRules(units=("points", "miles"), tiers={tier: tier for tier in tiers})
    habits = Habits(time_zone="Asia/Riyadh", calendar=calendar, date_order=order)  # type: ignore[arg-type]
    (told,) = read_members(iter([(2, row)]), columns, rules=rules, habits=habits)
    assert isinstance(told, RowFault)
    return told.expected


def read_answer(field: str, said: str) -> str:
    """What is said of an answer to a field of the profile."""
    rules = MemberRules(units=("points",), tiers={}, profile=PROFILE)
    columns = {"email": 0, f"profile.{field}": 1}
    (told,) = read_members(
        iter([(2, ("noura@example.com", said))]), columns, rules=rules, habits=Habits(time_zone="Asia/Riyadh")
    )
    assert isinstance(told, RowFault)
    return told.expected


def read_order(*rows: tuple[str, ...]) -> str:
    columns = {name: place for place, name in enumerate(ORDERS)}
    habits = Habits(time_zone="Asia/Riyadh")
    numbered = iter(list(enumerate(rows, start=2)))
    (told,) = read_purchases(numbered, columns, currency="SAR", country=None, habits=habits, earns=False)
    assert isinstance(told, RowFault)
    return told.expected


def checked(**changes: object) -> str:
    row = PastMember(line=2, customer=CustomerRef(email="a@example.com"), **changes)  # type: ignore[arg-type]
    fault = check_member(row, at=NOW)
    assert fault is not None
    return fault.expected


def every_fault() -> Iterator[str]:
    """One of each that can be said of a row."""
    noura = "noura@example.com"
    yield read_member("nobody")
    yield read_member("", "12")
    yield read_member("")
    yield read_member(noura, "", "ten")
    yield read_member(noura, "", "-10")
    yield read_member(noura, "", "10", "stars")
    yield read_member(noura, "", "", "", "silver")
    yield read_member(noura, "", "", "", "silver", tiers=())
    yield read_member(noura, "", "", "", "", "soon")
    yield read_member(noura, "", "", "", "", "3/4/2025")
    yield read_member(noura, "", "", "", "", "1446-02-03")
    yield read_member(noura, "", "", "", "", "2025-02-03", calendar="hijri")
    yield read_member(noura, "", "", "", "", "2025-02-03", calendar="jalali")
    yield read_answer("note", "x" * 501)
    yield read_answer("size", "51")
    yield read_answer("news", "perhaps")
    yield read_order(("", noura, "2026-01-01", "10.00"))
    yield read_order(("A1", noura, "", "10.00"))
    yield read_order(("A1", noura, "2026-01-01", "ten"))
    yield read_order(("A1", noura, "2026-01-01", "10.123"))
    yield read_order(("A1", noura, "2026-01-01", "-10.00"))
    yield read_order(("A1", noura, "2026-01-01", "10.00"), ("A1", "", "", ""))
    yield checked(joined_at=LATER)
    yield checked(opening=Opening(unit="points", available=1, earned_at=LATER))
    yield checked(opening=Opening(unit="points", available=1, expires_at=EARLIER))
    yield checked(opening=Opening(unit="points", pending=1, matures_at=EARLIER))
    yield checked(tier=PastTier(tier="gold", until=EARLIER))
    yield from (str(OutsideCalendar(calendar, "9999-1")) for calendar in ("gregorian", "hijri", "jalali"))
    yield str(MissingRate("USD"))
    yield "the store's $.total: expected a decimal amount such as '12.50'"
    yield "this row could not be taken (DataError)"


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_every_fault_of_a_row_is_said_in_the_readers_language(language: str) -> None:
    faults = list(every_fault())
    assert len(set(faults)) > 20
    with override("en"):
        assert [str(import_fault(fault)) for fault in faults] == faults
    with override(language):
        said = [str(import_fault(fault)) for fault in faults]
    still_english = [fault for fault in said if "expected" in fault or "could not" in fault or "decimals" in fault]
    assert still_english == []
    assert len(set(said)) == len(set(faults))


def every_stop(shop: FakeWooCommerce) -> Iterator[str]:
    """One of each for which an import stops, as it is raised."""
    yield str(UsedMeanwhile(12))
    yield "somebody else went on with it"
    for kind, header, columns in (
        ("members", ("a", "b"), {}),
        ("orders", ("a", "b"), {"email": "a"}),
        ("members", ("a", "b"), {"email": "c"}),
        ("members", ("a", "b"), {"gold": "a"}),
    ):
        with pytest.raises(Unmapped) as unmapped:
            place_columns(kind, header, columns)  # type: ignore[arg-type]
        yield str(unmapped.value)
    for read in (lambda: detect(b"\x89PNG\x00\x00"), lambda: list(decode([b"\xff\xfe\xfd"], "utf-8"))):
        with pytest.raises(NotText) as not_text:
            read()
        yield str(not_text.value)
    with pytest.raises(csv.Error) as too_long:
        list(csv.reader(["x" * (csv.field_size_limit() + 1)]))
    yield str(too_long.value)
    for url, status in (
        ("https://cups\n.example.com", 0),
        ("http://cups.example.com", 0),
        (shop.url, 401),
        (shop.url, 503),
        (f"{shop.url}/blog", 0),
    ):
        shop.failures = [(status, {})] * ATTEMPTS if status else []
        store = replace(captured.STORE, url=url)
        with pytest.raises((StoreRefused, CannotReach)) as refused:
            WooCommerceFetcher(store, (KEY, SECRET), wait=lambda _: None).fetch_order("1", at=NOW)
        yield str(refused.value)


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_why_an_import_stopped_is_said_in_the_readers_language(language: str) -> None:
    with FakeWooCommerce() as shop:
        faults = list(every_stop(shop))
    assert len(set(faults)) == 14
    with override("en"):
        assert [str(stop_fault(fault)) for fault in faults] == faults
    with override(language):
        said = [str(stop_fault(fault)) for fault in faults]
    assert not set(said) & set(faults)
    assert len(set(said)) == len(set(faults))


def test_values_stay_as_they_were_written() -> None:
    with override("fa"):
        assert (
            import_fault("expected a whole number, got 'ten {x}'") == "اینجا باید عدد صحیح باشد، اما 'ten {x}' آمده است"
        )
        assert import_fault("something else") == "something else"
