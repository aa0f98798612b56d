"""The member's rewards: two taps to a code, and nobody has what they should not."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import POINTS, CoffeeClub
from tests.storefront.test_member import text_of
from tests.world import order, spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import Refund

pytestmark = pytest.mark.django_db(transaction=True)

REWARDS = [
    {
        "id": "wallet",
        "name": {"en": "Money off", "ar": "خصم نقدي", "fa": "تخفیف نقدی"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 50}},
        "cost": {"kind": "variable", "unit": "points", "step": 10, "least": 20, "most": 500},
        "valid_days": 30,
    },
    {
        "id": "cup",
        "name": {"en": "A cup", "ar": "كوب", "fa": "فنجان"},
        "gives": {"kind": "free_product", "products": ["white", "blue"]},
        "cost": {"kind": "fixed", "unit": "points", "units": 100},
    },
    {
        "id": "feast",
        "name": {"en": "A feast", "ar": "وليمة", "fa": "ضیافت"},
        "gives": {"kind": "experience"},
        "cost": {"kind": "fixed", "unit": "points", "units": 5_000},
    },
]


CREDIT = {"code": "credit", "kind": "credit", "name": {"en": {"other": "credit"}}}
CONVERSIONS = [
    {
        "id": "to_credit",
        "name": {"en": "Store credit", "ar": "رصيد متجر", "fa": "اعتبار فروشگاه"},
        "unit": "points",
        "units": 60,
        "into": "credit",
        "gives": 250,
    },
    {
        "id": "by_staff",
        "name": {"en": "By staff"},
        "unit": "points",
        "units": 1,
        "into": "credit",
        "gives": 1,
        "on_page": False,
    },
]


class RewardingClub(CoffeeClub):
    """Two members: c1 has 300 points, c2 has 50."""

    def __init__(self) -> None:
        units = [POINTS | {"maturity": {"kind": "at_once"}}, CREDIT]
        super().__init__(spec_document(units=units, rewards=REWARDS, conversions=CONVERSIONS))
        bought = datetime.now(UTC) - timedelta(days=1)
        for customer, total in (("c1", 30_000), ("c2", 5_000)):
            self.take(order(f"O-{customer}", total, customer=customer, paid_at=bought, placed_at=bought, as_of=bought))


def redeem(club: RewardingClub, client: Client, reward: str, **form: str) -> Any:
    return client.post(f"{club.path}rewards/{reward}/", {"key": "k", **form})


def test_two_taps_lead_to_a_code_and_a_form_sent_twice_has_it_once() -> None:
    club, client = RewardingClub(), Client()
    club.enter(client, "c1")
    page = text_of(client.get(f"{club.path}rewards/").content.decode())
    assert "Money off 20 points · SAR 1.00" in page.replace("\xa0", " ")
    assert "A feast 5,000 points 4,700 points more" in page.replace("\xa0", " ")

    first, again = (redeem(club, client, "wallet", units="120") for _ in range(2))
    assert first.status_code == 302
    assert first["Location"] == again["Location"]
    assert club.balance("c1") == Balance(available=180, issued=300, redeemed=120)
    voucher = text_of(client.get(first["Location"]).content.decode())
    assert re.search(r"Ready to use ([0-9A-Z]{4}-){2}[0-9A-Z]{4}", voucher)


def test_the_first_view_says_how_far_the_nearest_reward_is() -> None:
    club, client = RewardingClub(), Client()
    told = {}
    for customer in ("c1", "c2"):
        club.enter(client, customer)
        told[customer] = text_of(client.get(club.path).content.decode()).replace("\xa0", " ")
    assert "300 points worth about SAR 15.00 300 of 5,000 points: A feast" in told["c1"]
    assert "50 points worth about SAR 2.50 Only 50 points to go: A cup" in told["c2"]


def test_who_owes_is_shown_no_goal_before_that_is_paid() -> None:
    club, client = RewardingClub(), Client()
    club.enter(client, "c1")
    redeem(club, client, "wallet", units="120")
    now = datetime.now(UTC)
    back = Refund(id="R", at=now, amount_minor=30_000)
    bought: dict[str, Any] = {"paid_at": now - timedelta(days=1), "placed_at": now - timedelta(days=1), "as_of": now}
    club.take(order("O-c1", 30_000, customer="c1", refunds=(back,), **bought))
    assert club.balance("c1").debt == 120
    page = text_of(client.get(club.path).content.decode()).replace("\xa0", " ")
    assert "120 points owed" in page
    assert "A cup" not in page
    offers = text_of(client.get(f"{club.path}rewards/").content.decode()).replace("\xa0", " ")
    assert "A feast 5,000 points 5,120 points more" in offers


def test_what_is_in_the_way_is_said_and_nothing_is_taken() -> None:
    club, client = RewardingClub(), Client()
    club.enter(client, "c2")
    answer = redeem(club, client, "cup", choice="blue")
    assert answer.status_code == 409
    assert "nothing was taken" in answer.content.decode()
    assert club.balance("c2") == Balance(available=50, issued=50)


def test_a_voucher_is_given_back_by_its_member_alone() -> None:
    club, client, stranger = RewardingClub(), Client(), Client()
    club.enter(client, "c1")
    club.enter(stranger, "c2")
    address = redeem(club, client, "cup", choice="blue")["Location"]

    for path in (address, f"{club.path}vouchers/{uuid4()}/"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}give-back/").status_code == 404
    assert club.balance("c1").redeemed == 100
    assert client.post(f"{address}give-back/").status_code == 302
    assert "Given back" in client.get(address).content.decode()
    assert club.balance("c1") == Balance(available=300, issued=300)
    assert Client().get(address).status_code == 403


def test_what_a_tier_gave_is_there_and_what_it_could_not_give_is_told() -> None:
    club, now = RewardingClub(), datetime.now(UTC)
    scarce: dict[str, Any] = REWARDS[1] | {"stock": 1}  # type: ignore[operator]
    ladder = [{"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}, "entry_reward": {"reward": "cup"}}]
    club.publish(spec_document(units=[POINTS], rewards=[scarce], tiers={"ladder": ladder}), at=now - timedelta(hours=2))
    for customer in ("c1", "c2"):
        bought = now - timedelta(hours=1)
        club.take(order(f"T-{customer}", 100, customer=customer, paid_at=bought, placed_at=bought, as_of=bought))

    for customer, stage in (("c1", "Ready to use"), ("c2", "Could not be delivered")):
        client = Client()
        club.enter(client, customer)
        page = text_of(client.get(f"{club.path}rewards/").content.decode())
        assert stage in page


def test_points_become_credit_once_for_a_form_that_is_sent_twice() -> None:
    club, client = RewardingClub(), Client()
    club.enter(client, "c1")
    page = text_of(client.get(f"{club.path}rewards/").content.decode()).replace("\xa0", " ")
    assert "What you can convert Store credit 60 points · SAR 2.50 Convert" in page
    assert "300 points · SAR 12.50" in page
    assert "By staff" not in page

    for _ in range(2):
        answer = client.post(f"{club.path}conversions/to_credit/", {"key": "k", "units": "120"})
        assert answer.status_code == 302
    assert club.balance("c1") == Balance(available=180, issued=300, redeemed=120)
    assert club.balance("c1", "credit") == Balance(available=500, issued=500)
    history = text_of(client.get(answer["Location"]).content.decode()).replace("\xa0", " ")
    assert "Converted by Store credit: 120 points. What expires soonest was used first." in history


@pytest.mark.parametrize(("conversion", "units"), [("to_credit", "50"), ("to_credit", "600"), ("by_staff", "1")])
def test_what_cannot_be_converted_stays(conversion: str, units: str) -> None:
    club, client = RewardingClub(), Client()
    club.enter(client, "c1")
    answer = client.post(f"{club.path}conversions/{conversion}/", {"key": "k", "units": units})
    assert answer.status_code == 409
    assert club.balance("c1") == Balance(available=300, issued=300)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = RewardingClub()
    page = open_page(club.link("c1"), language=language, width=width)
    page.locator("a.button-primary").click()
    page.locator(".reward").first.wait_for()
    assert find_faults(page) == []
    page.reload()
    # Two taps: what it costs, and yes.
    page.locator(".reward summary").first.click()
    page.locator(".reward form button").first.click()
    code = page.locator(".voucher-code")
    code.wait_for()
    assert re.fullmatch(r"([0-9A-Z]{4}-){2}[0-9A-Z]{4}", code.inner_text())
    assert find_faults(page) == []
