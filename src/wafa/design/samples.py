"""What the style page shows: a shop, people and figures that do not exist."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from wafa.core.spec import Unit
from wafa.design.charts import LineChart, Series, build_line_chart
from wafa.design.icons import ICONS
from wafa.design.shells import ConsoleShell, NavGroup, NavItem
from wafa.kit.formats import Formats

NOON = datetime(2026, 3, 20, 12, 5, tzinfo=UTC)
POINTS = Unit.model_validate(
    {
        "code": "points",
        "name": {
            "en": {"one": "point", "other": "points"},
            "ar": {"one": "نقطة", "two": "نقطتان", "few": "نقاط", "many": "نقطة", "other": "نقطة"},
            "fa": {"other": "امتیاز"},
        },
    }
)
_PEOPLE = (
    ("Noura Alharbi", "noura.alharbi@example.com", 1275, 655_800),
    ("عمر حداد", "omar.haddad@example.com", 811, 608_100),
    ("Layla Mansour", "layla.mansour@example.com", 1798, 70_400),
    ("رضا کریمی", "reza.karimi@example.com", 3465, 123_450),
)
_EARNED = (420, 510, 480, 620, 700, 660, 810, 905, 870, 990, 1120, 1080)
_USED = (120, 160, 210, 190, 260, 310, 280, 390, 420, 405, 470, 520)


def console_page(formats: Formats) -> dict[str, Any]:
    """Everything the style page of the console shows."""
    return {
        "shell": _shell(formats),
        "chart": _chart(formats),
        "people": _people(),
        "unit": POINTS,
        "at": NOON,
        "icons": sorted(ICONS),
        "tones": [
            ("good", _("Booked")),
            ("warn", _("Pending")),
            ("bad", _("Parked")),
            ("calm", _("Expired")),
            ("brand", _("Gold")),
        ],
        "formats": formats,
        "calendars": [
            (_("Gregorian"), Formats.usual(formats.locale, calendar="gregorian")),
            (_("Hijri"), Formats.usual(formats.locale, calendar="hijri")),
            (_("Jalali"), Formats.usual(formats.locale, calendar="jalali")),
        ],
    }


def member_page(formats: Formats) -> dict[str, Any]:
    """What a member of the sample program would see."""
    return {"unit": POINTS, "at": NOON, "later": NOON + timedelta(days=40), "formats": formats}


def _shell(formats: Formats) -> ConsoleShell:
    main = (
        NavItem(_("Home"), "#home", "home"),
        NavItem(_("Members"), "#members", "members", current=True),
        NavItem(_("Deliveries"), "#deliveries", "deliveries", count=formats.number(2)),
    )
    program = (
        NavItem(_("Ways to earn"), "#earn", "rules"),
        NavItem(_("Rewards"), "#rewards", "gift"),
        NavItem(_("Stores"), "#stores", "store"),
    )
    groups = (NavGroup("", main), NavGroup(_("Program"), program))
    return ConsoleShell("Falcon Coffee", True, groups, account="staff@example.com", sign_out_url="#")


def _chart(formats: Formats) -> LineChart:
    weeks = [formats.date(date(2025, 12, 29) + timedelta(weeks=week), style="day") for week in range(len(_EARNED))]
    return build_line_chart(
        labels=weeks, series=(Series(_("Earned"), _EARNED), Series(_("Used"), _USED)), formats=formats
    )


def _people() -> list[dict[str, Any]]:
    tiers = (("warn", _("Bronze")), ("warn", _("Bronze")), ("calm", _("Silver")), ("brand", _("Gold")))
    names = ("name", "email", "points", "spent_minor", "tone", "tier", "place")
    rows = [(*person, *tier, place) for place, (person, tier) in enumerate(zip(_PEOPLE, tiers, strict=True))]
    return [dict(zip(names, row, strict=True)) for row in rows]
