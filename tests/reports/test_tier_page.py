"""What is told of a member's tier: where they stand, what is left, and every step, in three languages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.core.snapshots import Refund
from wafa.core.spec import Language
from wafa.core.tiers.record import Appointment
from wafa.kit.formats import Formats
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.reports.standings import TierPage, read_tier_page

pytestmark = pytest.mark.django_db(transaction=True)


def names(en: str, ar: str, fa: str) -> dict[str, str]:
    return {"en": en, "ar": ar, "fa": fa}


LADDER: list[dict[str, Any]] = [
    {
        "id": "silver",
        "name": names("Silver", "الفضية", "نقره‌ای"),
        "entry": {"spend_minor": 50_000},
        "perks": [{"id": "shipping", "name": names("Free shipping", "شحن مجاني", "ارسال رایگان")}],
    },
    {
        "id": "gold",
        "name": names("Gold", "الذهبية", "طلایی"),
        "entry": {"match": "any", "spend_minor": 100_000, "units": 2_000, "orders": 10, "referrals": 5},
        "entry_reward": {"reward": "mug"},
    },
    {"id": "black", "name": names("Black", "السوداء", "سیاه")},
]
MUG = {
    "id": "mug",
    "name": names("A mug", "كوب", "یک لیوان"),
    "gives": {"kind": "free_product", "products": ["mug"]},
    "cost": {"kind": "free"},
}
POINTS = {
    "code": "points",
    "name": {
        "en": {"one": "point", "other": "points"},
        "ar": {"one": "نقطة", "two": "نقطتان", "few": "نقاط", "many": "نقطة", "other": "نقطة"},
        "fa": {"other": "امتیاز"},
    },
}


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def page_of(world: World, at: datetime, language: Language = "en", *, to_staff: bool = False) -> TierPage:
    member_id = world.member("c1")
    with translation.override(language), program_transaction(world.program_id):
        formats = Formats.usual(language, time_zone="Asia/Riyadh")
        program = get_program_rules(world.program_id)
        page = read_tier_page(world.program_id, member_id, program=program, formats=formats, at=at, to_staff=to_staff)
    assert page is not None
    return page


def words_of(page: TierPage) -> list[str]:
    told = [page.tier, *([page.kept] if page.kept else []), *page.perks]
    for goal in page.goals:
        told += [goal.title, *([goal.note] if goal.note else []), *(f"{bar.text} ({bar.left})" for bar in goal.bars)]
        told += [goal.brings] if goal.brings else []
    for step in page.steps:
        told += [step.title, *step.sentences]
    return [str(each).replace("\u00a0", " ") for each in told]


@pytest.fixture
def world() -> World:
    """Silver since the third of January; then a refund took it, and another order brought it back."""
    document = spec_document(
        units=[POINTS],
        rewards=[MUG],
        tiers={"ladder": LADDER, "unit": "points", "window": {"kind": "year"}, "landing": "soft"},
    )
    world = World(document)
    first = order("O1", 60_000, day=2)
    world.take(first)
    back = Refund(id="R1", at=day(5), amount_minor=20_000)
    world.take(replace(first, as_of=day(5), refunds=(back,)))
    world.take(order("O2", 30_000, day=9))
    return world


def test_where_a_member_stands_and_what_is_left(world: World) -> None:
    assert words_of(page_of(world, day(20))) == [
        "Silver",
        "Yours until Dec 31, 2027",
        "Free shipping",
        "To reach Gold by Dec 31, 2026",
        "One of these is enough.",
        "Spent: SAR 700.00 of SAR 1,000.00 (SAR 300.00 to go)",
        "Earned: 700 points of 2,000 points (1,300 points to go)",
        "Orders: 2 of 10 (8 to go)",
        "Friends brought: 0 of 5 (5 to go)",
        "Whoever enters it for the first time gets this: A mug",
        "To keep Silver after Dec 31, 2027",
        "Spent: SAR 0.00 of SAR 500.00 (SAR 500.00 to go)",
        "Silver reached",
        "Spent: SAR 700.00 of SAR 500.00",
        "Silver ended",
        "Order O1 was refunded.",
        "Silver reached",
        "Spent: SAR 600.00 of SAR 500.00",
    ]


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_nothing_of_it_falls_back_to_english(world: World, language: Language) -> None:
    for kind, tier, number in (("invited", "black", 11), ("set", "gold", 1_200)):
        until = day(number + 30) if kind == "set" else None
        given = Appointment(id=new_id(), kind=kind, tier=tier, at=day(number), until=until, reason="*", by="Huda")  # type: ignore[arg-type]
        world.turn_clock(day(number))
        world.appoint("c1", given)
    world.turn_clock(day(1_500))
    assert {step.why.kind for step in world.tiers("c1").steps} == {
        *("reached", "corrected", "invited", "landed", "set", "set_ended", "recalculated"),
    }
    told, english = (words_of(page_of(world, day(1_500), each, to_staff=True)) for each in (language, "en"))
    assert len(told) == len(english)
    assert set(told) & set(english) <= {"*"}


def test_a_member_without_a_tier_sees_what_leads_to_one(world: World) -> None:
    assert words_of(page_of(world, day(2_000)))[:2] == ["Silver", "Yours until Dec 31, 2027"]
    world.turn_clock(day(2_000))
    page = page_of(world, day(2_000))
    assert (page.tier, page.kept, page.perks) == ("No tier yet", None, ())
    assert [str(goal.title) for goal in page.goals] == ["To reach Silver by Dec 31, 2031"]
