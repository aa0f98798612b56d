"""Redemptions in the console: found, told, given back, and goodwill in two clicks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from tests.world import order, spec_document
from wafa.core.books import Balance
from wafa.flows.issue_vouchers import WRITE_VOUCHER, voucher_command
from wafa.flows.redeem_rewards import Had
from wafa.kit.transactions import program_transaction
from wafa.relay.operations import park_command, put_commands, take_commands
from wafa.rewards.models import Redemption

pytestmark = pytest.mark.django_db

REWARDS: list[dict[str, Any]] = [
    {
        "id": "off",
        "name": {"en": "Money off", "ar": "خصم نقدي", "fa": "تخفیف نقدی"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "cost": {"kind": "fixed", "unit": "points", "units": 40},
        "valid_days": 30,
    },
    {
        "id": "evening",
        "name": {"en": "An evening with the roaster", "ar": "أمسية مع المحمّص", "fa": "شبی با برشته‌کار"},
        "gives": {"kind": "experience"},
        "cost": {"kind": "fixed", "unit": "points", "units": 60},
    },
]


class RewardingShop(Shop):
    """The shop with rewards; Noura's voucher is ready, Omar's evening waits for staff, Reza's code was used."""

    def __init__(self) -> None:
        super().__init__()
        self.publish(spec_document(rewards=REWARDS), at=datetime.now(UTC) - timedelta(days=2))
        self.now = datetime.now(UTC)
        bought = self.now - timedelta(days=1)
        for customer in ("c1", "c2", "c3"):
            told = order(f"N{customer}", 20_000, customer=customer, placed_at=bought, paid_at=bought, as_of=bought)
            self.take(told)
        self.ready = self.had("c1", "off")
        self.awaited = self.had("c2", "evening")
        self.used = self.had("c3", "off")
        self.use(self.used, used_on="till 3", at=self.now)

    def had(self, customer: str, reward: str) -> UUID:
        answer = self.ask(customer, reward, key=f"{customer}-{reward}", at=self.now)
        assert isinstance(answer, Had)
        return answer.redemption.id


@pytest.fixture(scope="module")
def shop(module_db: None) -> RewardingShop:
    return RewardingShop()


def test_the_list_tells_who_had_what_and_what_became_of_it(shop: RewardingShop) -> None:
    rows = rows_of(shop.employ().get(f"{shop.console}redemptions/"))
    assert [row[:5] for row in rows] == [
        ["Money off", "رضا کریمی", "Used", shop.code(shop.used), "40 points"],
        ["An evening with the roaster", "عُمر حدّاد", "Being prepared", shop.code(shop.awaited), "60 points"],
        ["Money off", "Noura Alharbi", "Ready to use", shop.code(shop.ready), "40 points"],
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=noura", ["ready"]),
        ("q=رضا", ["used"]),
        ("q=nobody", []),
        ("state=preparing", ["awaited"]),
        ("state=used", ["used"]),
        ("state=failed", []),
        ("state=used&q=noura", []),
        ("sort=id", ["ready", "awaited", "used"]),
    ],
)
def test_it_is_searched_and_filtered(shop: RewardingShop, query: str, found: list[str]) -> None:
    page = shop.employ().get(f"{shop.console}redemptions/?{query}")
    codes = [row[3] for row in rows_of(page)] if "<tbody" in page.content.decode() else []
    assert codes == [shop.code(getattr(shop, name)) for name in found]


def test_a_code_is_found_however_it_is_typed(shop: RewardingShop) -> None:
    staff, code = shop.employ(), shop.code(shop.ready)
    for typed in (code, code.lower(), code.replace("-", ""), f"%20{code.replace('-', '%20')}"):
        assert [row[3] for row in rows_of(staff.get(f"{shop.console}redemptions/?q={typed}"))] == [code]


def test_it_is_gone_through_by_pages(shop: RewardingShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wafa.console.redemptions.LIMIT", 2)
    staff = shop.employ()
    first = staff.get(f"{shop.console}redemptions/")
    second = staff.get(first.context["next"])
    assert [len(rows_of(page)) for page in (first, second)] == [2, 1]
    assert rows_of(staff.get(second.context["previous"])) == rows_of(first)
    assert staff.get(f"{shop.console}redemptions/?cursor=nonsense").status_code == 400


def test_without_any_it_says_so() -> None:
    shop = Shop()
    assert "No redemptions yet" in content_of(shop.employ().get(f"{shop.console}redemptions/"))


def test_one_tells_its_story_and_is_given_back(shop: RewardingShop) -> None:
    staff, path = shop.employ(), f"{shop.console}redemptions/{shop.ready}/"
    told = content_of(staff.get(path))
    assert "It was redeemed through the API" in told
    assert "Its code ends at once. This comes back: 40 points." in told
    before = shop.balance("c1")
    answer = staff.post(f"{path}cancel/", follow=True)
    assert "It was given back." in content_of(answer)
    assert shop.balance("c1") == Balance(
        **{name: getattr(before, name) for name in before.__struct_fields__}
        | {"available": before.available + 40, "redeemed": before.redeemed - 40}
    )
    # Twice is once.
    assert "This cannot be given back any more" in content_of(staff.post(f"{path}cancel/", follow=True))
    assert shop.balance("c1").available == before.available + 40
    assert "Give it back" not in content_of(staff.get(path))
    assert shop.differences() == []


def test_what_was_used_says_where_and_cannot_be_given_back(shop: RewardingShop) -> None:
    staff, path = shop.employ(), f"{shop.console}redemptions/{shop.used}/"
    told = content_of(staff.get(path))
    assert "It was used: till 3." in told
    assert "Give it back" not in told
    staff.post(f"{path}cancel/")
    assert shop.redemption(shop.used).state == "used"


def test_an_order_that_used_what_was_given_back_is_told(shop: RewardingShop) -> None:
    shop.give_back(shop.ready, "cancelled", at=shop.now)
    code = shop.code(shop.ready)
    shop.take(order("77", 5_000, placed_at=shop.now, paid_at=shop.now, as_of=shop.now, coupon_codes=(code.lower(),)))
    told = content_of(shop.employ().get(f"{shop.console}redemptions/{shop.ready}/"))
    assert "The store let this be used (order 77 in Main store) although what it cost had gone back." in told


def test_staff_says_that_an_evening_is_arranged(shop: RewardingShop) -> None:
    staff, path = shop.employ(), f"{shop.console}redemptions/{shop.awaited}/"
    assert "It is done" in staff.get(path).content.decode()
    assert "It is written down as done." in content_of(staff.post(f"{path}fulfil/", follow=True))
    assert shop.redemption(shop.awaited).fulfilment == "done"
    for other in (shop.awaited, shop.ready):
        answer = staff.post(f"{shop.console}redemptions/{other}/fulfil/", follow=True)
        assert "This waits for nothing" in content_of(answer)


def test_what_a_store_answered_is_shown_and_tried_again(shop: RewardingShop) -> None:
    with program_transaction(shop.program_id):
        put_commands(shop.program_id, [voucher_command(WRITE_VOUCHER, shop.ready, at=shop.now)], at=shop.now)
    with program_transaction(shop.program_id):
        (command,) = take_commands(shop.program_id, limit=10, at=datetime.now(UTC))
        park_command(shop.program_id, command, error="the store's key may not write", at=shop.now)
    staff, path = shop.employ(), f"{shop.console}redemptions/{shop.ready}/"
    assert "Make a discount in the stores Parked the store's key may not write" in content_of(staff.get(path))
    assert "Make a discount" not in content_of(staff.get(f"{shop.console}redemptions/{shop.used}/"))


def test_a_viewer_looks_and_changes_nothing(shop: RewardingShop) -> None:
    viewer = shop.employ("viewer@example.com", "viewer")
    for one, verb in ((shop.ready, "cancel"), (shop.awaited, "fulfil")):
        path = f"{shop.console}redemptions/{one}/"
        page = viewer.get(path)
        assert page.status_code == 200
        assert f"{path}{verb}/" not in page.content.decode()
        assert viewer.post(f"{path}{verb}/").status_code == 403
    assert shop.redemption(shop.ready).state == "issued"
    assert shop.redemption(shop.awaited).fulfilment == "pending"


def test_a_members_page_lists_what_they_had(shop: RewardingShop) -> None:
    rows = rows_of(shop.employ().get(f"{shop.console}members/{shop.member('c1')}/?tab=rewards"))
    assert [row[:2] for row in rows] == [["Money off", "Ready to use"]]


def test_what_entering_a_tier_gave_is_told_and_so_is_what_was_not_given() -> None:
    shop = Shop()
    ladder = [{"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}, "entry_reward": {"reward": "off"}}]
    at = datetime.now(UTC) - timedelta(days=1)
    shop.publish(spec_document(rewards=[REWARDS[0] | {"stock": 1}], tiers={"ladder": ladder}), at=at)
    for number, customer in enumerate(("c1", "c2")):
        bought = at + timedelta(hours=1 + number)
        shop.take(order(f"T{number}", 10_000, customer=customer, placed_at=bought, paid_at=bought, as_of=bought))

    staff = shop.employ()
    rows = rows_of(staff.get(f"{shop.console}redemptions/?sort=id"))
    assert [(row[0], row[2]) for row in rows] == [
        ("Money off", "Ready to use"),
        ("Money off", "Could not be delivered"),
    ]
    with program_transaction(shop.program_id):
        given, missed = Redemption.objects.filter(program_id=shop.program_id).order_by("id")
    assert "It was given for entering a tier." in content_of(staff.get(f"{shop.console}redemptions/{given.id}/"))
    assert "It was not given, for none were left." in content_of(staff.get(f"{shop.console}redemptions/{missed.id}/"))
