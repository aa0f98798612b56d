"""Referrals in the console: the list, what staff have to look at, and a decision with its reason."""

from typing import Any

import pytest
from django.core.cache import cache
from msgspec.structs import replace

from tests.browser import HEIGHTS, find_faults
from tests.console.reading import content_of, rows_of
from tests.console.shop import NOURA, Shop, ordered
from tests.storefront.coffee import POINTS, on
from tests.world import spec_document
from wafa.core.referrals.record import Referral
from wafa.core.snapshots import CustomerRef

pytestmark = pytest.mark.django_db(transaction=True)

REFERRAL = {"advocate": {"each_friend": {"kind": "units", "unit": "points", "units": 200}}}
LINA = CustomerRef(external_id="f1", email="lina@example.com", name="Lina Saad")
KAVEH = CustomerRef(external_id="f2", email="kaveh@example.com", name="کاوه رستمی")


class FriendlyShop(Shop):
    """Noura brought Lina, whose order went to Noura's address, and Kaveh, who has not ordered yet."""

    def __init__(self) -> None:
        super().__init__(spec_document(units=[POINTS], rates={"USD": "3.75"}, referral=REFERRAL))
        self.take(replace(ordered("2001", 5_000, day=30, by=NOURA), fingerprints=("address:ab",)), at=on(30))
        for friend in (LINA, KAVEH):
            self.follow("noura@example.com", email=str(friend.email), at=on(31))
        self.take(replace(ordered("2002", 8_000, day=32, by=LINA), fingerprints=("address:ab",)), at=on(32))
        self.take(replace(ordered("2003", 8_000, day=33, by=KAVEH), paid_at=None), at=on(33))
        self.settle(at=on(33))

    def page_of(self, friend: str) -> str:
        return f"{self.console}referrals/{self.found(friend).id}/"

    def found(self, friend: str) -> Referral:
        found = self.referral(friend)
        assert found is not None
        return found


def test_referrals_are_listed_filtered_and_searched() -> None:
    shop = FriendlyShop()
    client = shop.employ()
    page = client.get(f"{shop.console}referrals/")
    assert [row[:5] for row in rows_of(page)] == [
        ["ک کاوه رستمی", "Noura Alharbi", "Waiting", "Opened the link", "–"],
        ["L Lina Saad", "Noura Alharbi", "To be reviewed", "Opened the link", "1"],
    ]
    assert "All Waiting 1 To be reviewed 1 Counted" in content_of(page)
    reviewed = client.get(f"{shop.console}referrals/?state=qualified")
    assert [row[0] for row in rows_of(reviewed)] == ["L Lina Saad"]
    assert [row[0] for row in rows_of(client.get(f"{shop.console}referrals/?q=lina"))] == ["L Lina Saad"]
    assert len(rows_of(client.get(f"{shop.console}referrals/?q=noura"))) == 2
    assert "Nothing found" in content_of(client.get(f"{shop.console}referrals/?q=nobody"))


def test_what_speaks_against_it_is_said_in_words_and_a_decision_keeps_its_reason() -> None:
    shop = FriendlyShop()
    client = shop.employ()
    page = content_of(client.get(shop.page_of("lina@example.com")))
    assert "Orders of both went to the same address." in page
    assert "The order counts, and staff look first." in page
    unsaid = client.post(f"{shop.page_of('lina@example.com')}rule/", {"ruling": "approve", "note": " "})
    assert unsaid.status_code == 422
    assert "Say why" in unsaid.content.decode()
    assert shop.found("lina@example.com").state == "qualified"

    given = {"ruling": "approve", "note": "Sisters, one house"}
    done = client.post(f"{shop.page_of('lina@example.com')}rule/", given, follow=True)
    page = content_of(done)
    assert "It is approved." in page
    assert "Staff approved it." in page
    assert "owner@example.com: Sisters, one house" in page
    assert "Noura Alharbi: 200 points" in page
    assert shop.balance("noura@example.com").issued == 200 + 200 + 50

    blocked = {"ruling": "block", "note": "One person after all"}
    page = content_of(client.post(f"{shop.page_of('lina@example.com')}rule/", blocked, follow=True))
    assert "It is blocked, and what it had given goes back." in page
    assert "Taken back" in page
    assert shop.balance("noura@example.com").clawed_back >= 200
    assert shop.differences() == []


def test_viewers_look_and_decide_nothing_and_strangers_find_nothing() -> None:
    shop = FriendlyShop()
    viewer = shop.employ("viewer@example.com", role="viewer")
    assert "Approve" not in content_of(viewer.get(shop.page_of("lina@example.com")))
    answer = viewer.post(f"{shop.page_of('lina@example.com')}rule/", {"ruling": "approve", "note": "x"})
    assert answer.status_code == 403
    assert shop.found("lina@example.com").state == "qualified"
    assert Shop().employ("other@example.com").get(shop.page_of("lina@example.com")).status_code == 404


def test_a_program_without_referrals_has_an_empty_page_and_no_entry_in_its_navigation() -> None:
    shop = Shop()
    client = shop.employ()
    assert "/referrals/" not in client.get(shop.console).content.decode()
    assert "No referrals yet" in content_of(client.get(f"{shop.console}referrals/"))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    cache.clear()
    shop = FriendlyShop()
    cookies = {"sessionid": shop.employ().cookies["sessionid"].value}
    for path in (f"{shop.console}referrals/", shop.page_of("lina@example.com")):
        page = open_page(path, cookies=cookies, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()
