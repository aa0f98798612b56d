"""Birthdays and membership anniversaries, found by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.world import World, spec_document
from wafa.activities.models import Activity
from wafa.core.snapshots import Birthday, CustomerRef, CustomerSnapshot
from wafa.jobs.turn_clock import celebrate
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def world(*triggers: str, **changes: Any) -> World:
    rules = [
        {"id": trigger, "name": {"en": trigger}, "unit": "points", "trigger": trigger, "award": award}
        for trigger, award in ((trigger, {"kind": "fixed", "units": 100}) for trigger in triggers)
    ]
    return World(spec_document(earning=[*spec_document()["earning"], *rules], **changes), began=BEGAN)


def day(text: str) -> datetime:
    """That day at noon in Riyadh."""
    return datetime.fromisoformat(f"{text}T09:00:00+00:00")


def told(customer: str, birthday: Birthday | None, as_of: str = "2026-01-02") -> CustomerSnapshot:
    ref = CustomerRef(external_id=customer, email=f"{customer}@example.com")
    return CustomerSnapshot(customer=ref, created_at=day(as_of), as_of=day(as_of), birthday=birthday)


def found(world: World) -> list[tuple[str, datetime, dict[str, Any]]]:
    with program_transaction(world.program_id):
        kept = Activity.objects.filter(program_id=world.program_id).order_by("occurred_at", "id")
        return [(each.kind, each.occurred_at, each.told.get("properties", {})) for each in kept]


@pytest.mark.parametrize(
    ("birthday", "comes"),
    [
        (Birthday(calendar="gregorian", month=3, day=10, year=2000), "2026-03-10"),
        (Birthday(calendar="gregorian", month=2, day=29), "2026-02-28"),
        # 30 Shaban 1447: that month had 29 days, the last of which was 17 February.
        (Birthday(calendar="hijri", month=8, day=30), "2026-02-17"),
        (Birthday(calendar="hijri", month=9, day=10, year=1400), "2026-02-27"),
        (Birthday(calendar="jalali", month=1, day=1), "2026-03-21"),
        # 30 Esfand 1404: no leap year.
        (Birthday(calendar="jalali", month=12, day=30), "2026-03-20"),
    ],
)
def test_a_birthday_is_celebrated_on_its_day_and_once_a_year(birthday: Birthday, comes: str) -> None:
    shop = world("birthday")
    shop.take(told("c1", birthday), at=day("2026-01-02"))
    comes_at = day(comes)

    celebrate(shop.program_id, at=comes_at - timedelta(days=1))
    assert shop.balance("c1").available == 0
    for hours in (0, 1, 24, 48):
        celebrate(shop.program_id, at=comes_at + timedelta(hours=hours))

    assert shop.balance("c1").available == 100
    age = {} if birthday.year is None else {"age": 2026 - 2000 if birthday.calendar == "gregorian" else 47}
    assert found(shop) == [("birthday", comes_at - timedelta(hours=12), age)]
    assert shop.differences() == []


def test_a_day_that_the_month_does_not_have_may_come_a_day_later() -> None:
    shop = world("birthday", celebrations={"missing_day": "day_after"})
    shop.take(told("c1", Birthday(calendar="gregorian", month=2, day=29)), at=day("2026-01-02"))

    celebrate(shop.program_id, at=day("2026-02-28"))
    assert shop.balance("c1").available == 0
    celebrate(shop.program_id, at=day("2026-03-01"))
    assert shop.balance("c1").available == 100


def test_after_downtime_all_days_are_caught_up_in_small_batches() -> None:
    shop = world("birthday")
    people = [told(f"c{n}", Birthday(calendar="gregorian", month=2, day=10 + n // 3)) for n in range(7)]
    shop.take(*people, at=day("2026-01-02"))

    celebrate(shop.program_id, at=day("2026-05-01"), limit=2)
    celebrate(shop.program_id, at=day("2026-05-01"), limit=2)

    assert [shop.balance(f"c{n}").available for n in range(7)] == [100] * 7
    assert {at for _, at, _ in found(shop)} == {day(f"2026-02-{n}") - timedelta(hours=12) for n in (10, 11, 12)}


def test_a_birthday_told_shortly_before_waits_for_the_next_year_and_is_changed_once_a_year() -> None:
    shop = world("birthday")
    spring, summer = (Birthday(calendar="gregorian", month=month, day=1) for month in (3, 6))
    shop.take(told("c1", spring, "2026-02-20"), told("c1", summer, "2026-02-21"), at=day("2026-02-21"))
    shop.take(told("c2", None), told("c2", spring, "2026-01-29"), at=day("2026-01-29"))

    celebrate(shop.program_id, at=day("2026-12-31"))
    assert (shop.balance("c1").available, shop.balance("c2").available) == (0, 100)

    shop.take(told("c1", summer, "2027-02-20"), told("c2", summer, "2027-01-29"), at=day("2027-02-20"))
    celebrate(shop.program_id, at=day("2027-12-31"))
    assert (shop.balance("c1").available, shop.balance("c2").available) == (100, 200)
    assert [at for _, at, _ in found(shop)] == [
        day(text) - timedelta(hours=12) for text in ("2026-03-01", "2027-06-01", "2027-06-01")
    ]


def test_a_membership_anniversary_comes_each_year_in_the_program_s_calendar() -> None:
    shop = world("membership_anniversary", calendar="hijri")
    shop.take(told("c1", None), at=day("2026-01-02"))  # 13 Rajab 1447

    celebrate(shop.program_id, at=day("2026-12-21"))
    assert shop.balance("c1").available == 0
    celebrate(shop.program_id, at=day("2026-12-22"))  # 13 Rajab 1448
    celebrate(shop.program_id, at=day("2027-12-31"))

    assert shop.balance("c1").available == 200
    assert [(kind, told) for kind, _, told in found(shop)] == [
        ("membership_anniversary", {"years": 1}),
        ("membership_anniversary", {"years": 2}),
    ]


def test_guests_and_programs_that_do_not_mind_celebrate_nothing() -> None:
    minding, other = world("birthday", joining="opt_in"), world()
    for shop in (minding, other):
        shop.take(told("c1", Birthday(calendar="gregorian", month=3, day=10)), at=day("2026-01-02"))
        celebrate(shop.program_id, at=day("2026-04-01"))
        assert found(shop) == []
