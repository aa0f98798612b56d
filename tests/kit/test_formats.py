"""Our figures and dates against what a browser's Intl prints, kept in intl_golden.json and asked again of Node.

Written again with `node tests/kit/intl.mjs > tests/kit/intl_golden.json`.
"""

import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wafa.core.calendars import HIJRI_FIRST, HIJRI_LAST
from wafa.core.spec import Unit
from wafa.kit.calendars import in_calendar
from wafa.kit.formats import Formats

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "intl_golden.json").read_text())
READERS = GOLDEN["readers"]
NODE = shutil.which("node")
MARKS = re.compile("[\u200e\u200f\u061c]")


def ask_node(*arguments: str) -> Any:
    assert NODE is not None
    run = subprocess.run(
        [NODE, HERE / "intl.mjs", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def formats_of(reader: dict[str, Any], calendar: Any = "gregorian") -> Formats:
    return Formats(reader["locale"], reader["digits"], calendar, "UTC")


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


every_reader = pytest.mark.parametrize("reader", READERS, ids=lambda r: f"{r['locale']}-{r['digits']}")
every_calendar = pytest.mark.parametrize("calendar", ["gregorian", "hijri", "jalali"])


@every_reader
def test_numbers_are_those_of_intl(reader: dict[str, Any]) -> None:
    formats = formats_of(reader)
    assert [formats.number(Decimal(value)) for value, _ in reader["numbers"]] == [text for _, text in reader["numbers"]]
    assert [formats.number(value, signed=True) for value, _ in reader["signed"]] == [
        text for _, text in reader["signed"]
    ]
    percents = [formats.percent(basis_points, decimals=1) for basis_points, _ in reader["percents"]]
    assert percents == [text for _, text in reader["percents"]]


@every_reader
def test_money_is_that_of_intl_but_for_the_place_of_the_symbol(
    reader: dict[str, Any],
) -> None:
    """We differ on purpose: direction marks are left to <bdi>; Arabic symbols lose their closing dot; Persian writes
    the amount first and names a currency that CLDR gives only a code for."""
    names = {
        "SAR": "ریال سعودی",
        "KWD": "دینار کویت",
        "BHD": "دینار بحرین",
        "OMR": "ریال عمان",
        "EGP": "پوند مصر",
    }
    names["AED"] = "درهم امارات متحدهٔ عربی"
    for minor, currency, text in reader["money"]:
        ours = MARKS.sub("", str(formats_of(reader).money(minor, currency)))
        expected = MARKS.sub("", text)
        if reader["locale"] == "ar":
            expected = expected.removesuffix(".")
        elif reader["locale"] == "fa":
            sign, symbol, figures = re.fullmatch(r"(−?)([^\d−]+?)\xa0?([\d٬٫,.]+)", expected).groups()  # type: ignore[union-attr]
            expected = f"{sign}{figures}\xa0{names.get(symbol, symbol)}"
        assert ours == expected


# CLDR's Arabic names of the Jalali months are misspelt transliterations; these are the ones Arabic writers use.
ARABIC_JALALI = {
    "فرفردن": "فروردين",
    "أذربيهشت": "أرديبهشت",
    "تار": "تير",
    "شهرفار": "شهريور",
    "آيان": "آبان",
    "اسفندار": "إسفند",
}
# CLDR shortens the Hijri months in English ("Shaw."), which no reader knows: we never do.
ENGLISH_HIJRI = {
    "Muh.": "Muharram",
    "Saf.": "Safar",
    "Rab.": "Rabiʻ",
    "Jum.": "Jumada",
    "Raj.": "Rajab",
    "Sha.": "Shaʻban",
    "Ram.": "Ramadan",
    "Shaw.": "Shawwal",
    "Dhuʻl-Q.": "Dhuʻl-Qiʻdah",
    "Dhuʻl-H.": "Dhuʻl-Hijjah",
}


def as_we_decided(text: str, locale: str, calendar: str) -> str:
    if locale == "ar" and calendar == "hijri":
        return text.removesuffix(" هـ")  # the era says nothing to a reader who chose the calendar
    if locale == "ar" and calendar == "jalali":
        return re.sub(r"\S+", lambda word: ARABIC_JALALI.get(word[0], word[0]), text)
    if locale == "en" and calendar == "hijri":
        return re.sub(r"\S+", lambda word: ENGLISH_HIJRI.get(word[0], word[0]), text)
    return text


@every_reader
@every_calendar
def test_dates_are_those_of_intl(reader: dict[str, Any], calendar: Any) -> None:
    formats = formats_of(reader, calendar)
    for style in ("long", "day"):
        for milliseconds, text in reader[style][calendar]:
            ours = formats.date(moment(milliseconds), style=style)
            assert ours == as_we_decided(text, reader["locale"], calendar)


@every_reader
def test_times_are_those_of_intl(reader: dict[str, Any]) -> None:
    ours = [formats_of(reader).time(moment(milliseconds)) for milliseconds, _ in reader["times"]]
    assert ours == [re.sub(r"\s", "\xa0", text) for _, text in reader["times"]]  # we keep the time on one line


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_golden_values_are_those_of_this_node() -> None:
    now = ask_node()
    if now["cldr"] != GOLDEN["cldr"]:
        pytest.skip(f"this node carries CLDR {now['cldr']}, the golden values come from {GOLDEN['cldr']}")
    assert now == GOLDEN


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_every_day_of_thirty_years_agrees_with_intl() -> None:
    theirs = ask_node("days")
    first = date(1999, 5, 1)
    for calendar in ("hijri", "jalali"):
        ours = [list(in_calendar(first + timedelta(n), calendar)[1:]) for n in range(len(theirs[calendar]))]
        assert len(ours) == 10958
        assert ours == theirs[calendar]


POINTS = Unit.model_validate(
    {
        "code": "points",
        "name": {
            "en": {"one": "point", "other": "points"},
            "ar": {"one": "نقطة", "two": "نقطتان", "few": "نقاط", "many": "نقطة", "other": "نقطة"},
        },
    }
)
CREDIT = Unit.model_validate({"code": "credit", "kind": "credit", "name": {"en": {"other": "credit"}}})


def test_units_take_their_plural_form() -> None:
    english, arabic = Formats(), Formats("ar", "arabic")
    forms = [str(english.units(n, POINTS)) for n in (0, 1, 2, -1)]
    assert forms == ["0\xa0points", "1\xa0point", "2\xa0points", "-1\xa0point"]
    forms = [str(arabic.units(n, POINTS)) for n in (0, 1, 2, 3, 11, 100)]
    assert forms == ["٠\xa0نقطة", "١\xa0نقطة", "٢\xa0نقطتان", "٣\xa0نقاط", "١١\xa0نقطة", "١٠٠\xa0نقطة"]
    assert str(Formats("fa", "persian").units(3, POINTS)) == "۳\xa0points"  # no Persian name: the English one


def test_store_credit_is_money() -> None:
    assert str(Formats().units(1250, CREDIT, currency="KWD", signed=True)) == "+KWD\xa01.250"
    with pytest.raises(ValueError, match=r"^currency: expected the program's currency"):
        Formats().units(1250, CREDIT)


def test_money_leaves_out_empty_decimals_when_asked() -> None:
    assert str(Formats().money(2500, "SAR", trim=True)) == "SAR\xa025"
    assert str(Formats().money(2550, "SAR", trim=True)) == "SAR\xa025.50"
    assert str(Formats("ar", "arabic").money(2500, "SAR", trim=True)) == "٢٥\xa0ر.س"


def test_numbers_round_half_up_only_when_told_the_decimals() -> None:
    assert Formats().number(Decimal("2.345"), decimals=2) == "2.35"
    assert Formats().number(Decimal("2.345")) == "2.345"


def test_a_moment_is_shown_on_its_day_in_the_time_zone() -> None:
    late = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)
    assert Formats(time_zone="Asia/Riyadh").datetime(late) == "Mar 21, 2026, 1:30\xa0AM"
    assert Formats("fa", "persian", "jalali", "Asia/Tehran").datetime(late) == "۱ فروردین ۱۴۰۵، ۲:۰۰"
    assert Formats("fa", "persian", "jalali").date(late, style="month") == "اسفند ۱۴۰۴"
    with pytest.raises(ValueError, match="expected a time with its zone"):
        Formats().datetime(late.replace(tzinfo=None))


def test_days_outside_the_tables_stay_gregorian_and_say_so() -> None:
    hijri = Formats("ar", "arabic", "hijri")
    assert hijri.date(HIJRI_LAST) == "٣٠ ذو الحجة ١٥٠٠"
    assert hijri.date(HIJRI_LAST + timedelta(1)) == "١٧ نوفمبر ٢٠٧٧ م"
    assert hijri.date(HIJRI_FIRST) == "١ محرم ١٣٤٣"
    assert hijri.date(HIJRI_FIRST - timedelta(1)) == "٣١ يوليو ١٩٢٤ م"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("locale", "de"),
        ("digits", "roman"),
        ("calendar", "julian"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc"),
    ],
)
def test_unknown_settings_are_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: expected"):
        Formats(**{field: value})  # type: ignore[arg-type]


def test_a_program_changes_what_is_usual() -> None:
    assert Formats.usual("ar-SA") == Formats("ar", "arabic", "gregorian", "UTC")
    assert Formats.usual("fa", digits="latin", time_zone="Asia/Tehran") == Formats(
        "fa", "latin", "jalali", "Asia/Tehran"
    )
    assert Formats.usual("de") == Formats()
