"""Files as people write them: encodings, delimiters, digits, calendars, headers in three languages."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from wafa.core.snapshots import Birthday
from wafa.imports.reading.cells import Cells, DateOrder, Habits, Wrong
from wafa.imports.reading.columns import Kind, Unmapped, guess_columns, place_columns
from wafa.imports.reading.dialect import NotText, decode, detect, detect_date_order
from wafa.imports.reading.presets import PRESETS, find_preset


def cell(text: str, calendar: str = "gregorian", date_order: DateOrder = "ymd") -> Cells:
    habits = Habits(time_zone="Asia/Riyadh", calendar=calendar, date_order=date_order)  # type: ignore[arg-type]
    cells = Cells({"x": 0}, habits)
    cells.turn_to([text])
    return cells


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1250", 1_250),
        ("1,250", 1_250),
        ("1250.00", 1_250),
        ("١٬٢٥٠", 1_250),
        ("۱۲۵۰", 1_250),
        ("۱٬۲۵۰٫۰", 1_250),
        ("1 250", 1_250),
        (" 7 ", 7),
        ("", 3),
    ],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert cell(text).whole("x", usual=3) == number


@pytest.mark.parametrize("text", ["12.5", "1,25", "-3", "ten", "1e3", "9" * 16])
def test_what_is_no_whole_number_is_named(text: str) -> None:
    with pytest.raises(Wrong, match="expected a"):
        cell(text).whole("x", usual=0)


@pytest.mark.parametrize(
    ("text", "calendar", "date_order", "moment"),
    [
        ("2026-03-01T12:00:00+03:00", "gregorian", "ymd", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", "gregorian", "ymd", datetime(2026, 2, 28, 21, tzinfo=UTC)),
        ("2026-03-01 10:30:15 UTC", "gregorian", "ymd", datetime(2026, 3, 1, 10, 30, 15, tzinfo=UTC)),
        ("2026/3/1 10:30 +0300", "gregorian", "ymd", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        ("01/03/2026", "gregorian", "dmy", datetime(2026, 2, 28, 21, tzinfo=UTC)),
        ("3/1/2026 1:05 PM", "gregorian", "mdy", datetime(2026, 3, 1, 10, 5, tzinfo=UTC)),
        ("٢٠٢٦-٠٣-٠١ ١٢:٠٠", "gregorian", "ymd", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("1447-09-12", "hijri", "ymd", datetime(2026, 2, 28, 21, tzinfo=UTC)),
        ("۱۴۰۴/۱۲/۱۰", "jalali", "ymd", datetime(2026, 2, 28, 21, tzinfo=UTC)),
        ("۱۴۰۴/۱۲/۱۰ ۱۲:۳۰", "jalali", "ymd", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_times_in_three_calendars(text: str, calendar: str, date_order: DateOrder, moment: datetime) -> None:
    assert cell(text, calendar, date_order).time("x") == moment


@pytest.mark.parametrize(
    ("text", "calendar", "expected"),
    [
        ("yesterday", "gregorian", "expected a time such as 2026-03-01"),
        ("01/03/2026", "gregorian", "expected a day that begins with its year"),
        ("1404-12-10", "gregorian", "expected a Gregorian year"),
        ("2026-03-01", "jalali", "expected a jalali year"),
        ("1404-12-30", "jalali", "expected a time such as 1404-12-10"),
        ("2026-02-30", "gregorian", "expected a time such as"),
        ("2026-02-10 what", "gregorian", "expected a time such as"),
        ("1900-01-01", "gregorian", "expected a time between the years 1970 and 2999"),
        ("9999-12-31", "gregorian", "expected a time between the years 1970 and 2999"),
    ],
)
def test_what_is_no_time_is_named(text: str, calendar: str, expected: str) -> None:
    with pytest.raises(Wrong, match=expected):
        cell(text, calendar).time("x")


def test_something_lasts_until_its_last_day_is_over() -> None:
    assert cell("2026-12-31").day_end("x") == datetime(2026, 12, 31, 21, tzinfo=UTC)
    assert cell("2026-12-31 12:00").day_end("x") == datetime(2026, 12, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "calendar", "date_order", "birthday"),
    [
        ("03/21", "gregorian", "mdy", Birthday(calendar="gregorian", month=3, day=21)),
        ("21/03/1990", "gregorian", "dmy", Birthday(calendar="gregorian", year=1990, month=3, day=21)),
        ("۱۳۶۹/۰۱/۰۱", "jalali", "ymd", Birthday(calendar="jalali", year=1369, month=1, day=1)),
    ],
)
def test_birthdays(text: str, calendar: str, date_order: DateOrder, birthday: Birthday) -> None:
    assert cell(text, calendar, date_order).birthday("x") == birthday


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        (b"email,points\na@example.com,1\n", "utf-8", ","),
        ("\ufeffemail;points;name\na@example.com;1;نورة\n".encode(), "utf-8-sig", ";"),
        ("email\tpoints\na@example.com\t1\n".encode("utf-16"), "utf-16", "\t"),
        ("الاسم,النقاط\nنورة الحربي,120\n".encode("cp1256"), "cp1256", ","),
        ("nom,points\nHélène,120\n".encode("cp1252"), "cp1252", ","),
    ],
)
def test_encodings_and_delimiters_are_found(content: bytes, encoding: str, delimiter: str) -> None:
    found = detect(content)
    assert (found.encoding, found.delimiter) == (encoding, delimiter)
    # However it is cut into parts, the same lines come out.
    lines = list(decode([content[place : place + 1] for place in range(len(content))], encoding))
    assert "".join(lines) == content.decode(encoding)
    assert all(line.endswith("\n") for line in lines)


def test_a_picture_is_no_table() -> None:
    with pytest.raises(NotText):
        detect(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")


@pytest.mark.parametrize(
    ("days", "order"), [(["21/03/1990"], "dmy"), (["03/21/1990"], "mdy"), (["1990-03-21", "01/02/1990"], "ymd")]
)
def test_the_order_of_days_is_found_where_it_shows(days: list[str], order: str) -> None:
    assert detect_date_order([[day] for day in days]) == order


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        ("members", ["Email", "Points Balance", "VIP Tier"], ["email", "points", "tier"]),
        ("members", ["البريد الإلكتروني", "رصيد النقاط", "المستوى", "الجوال"], ["email", "points", "tier", "phone"]),
        ("members", ["ایمیل", "امتیاز", "سطح", "تاریخ عضویت"], ["email", "points", "tier", "joined_at"]),
        (
            "orders",
            ["Order Number", "Customer Email", "Paid Date", "Order Total"],
            ["order", "email", "paid_at", "total"],
        ),
        ("orders", ["شماره سفارش", "موبایل", "تاریخ پرداخت", "مبلغ کل"], ["order", "phone", "paid_at", "total"]),
    ],
)
def test_columns_are_recognised_in_three_languages(kind: Kind, header: list[str], expected: Sequence[str]) -> None:
    guessed = guess_columns(kind, header)
    assert guessed == dict(zip(expected, header, strict=True))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)
def test_a_service_is_recognised_by_its_columns(preset: object) -> None:
    header = list(preset.columns.values())  # type: ignore[attr-defined]
    found = find_preset(preset.kind, [*preset.marks, *header])  # type: ignore[attr-defined]
    assert found is preset


@pytest.mark.parametrize(
    ("kind", "mapping", "says"),
    [
        ("members", {"points": "Points"}, "who it is"),
        ("members", {"email": "E-mail"}, "no such column"),
        ("members", {"email": "Email", "colour": "Points"}, "colour: expected one of"),
        ("orders", {"email": "Email", "order": "Points"}, "columns for paid_at, total"),
    ],
)
def test_columns_that_do_not_fit_are_named(kind: Kind, mapping: dict[str, str], says: str) -> None:
    with pytest.raises(Unmapped, match=says):
        place_columns(kind, ["Email", "Points"], mapping)


def test_days_of_a_hijri_file_are_those_of_umm_al_qura() -> None:
    moment = cell("1447-09-01", "hijri").time("x")
    assert moment is not None
    assert moment.date() == date(2026, 2, 17)  # the evening before, in UTC
