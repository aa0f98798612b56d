"""What staff do about a member in the console: it says what it will do, asks why, and is done once confirmed."""

from typing import Any

import pytest

from tests.browser import HEIGHTS, find_faults
from tests.console.reading import content_of, words_in
from tests.console.shop import NOURA, Shop
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return Shop()


def path_of(shop: Shop, customer: str | None = NOURA.external_id) -> str:
    return f"{shop.console}members/{shop.member(str(customer))}/"


def state_of(shop: Shop, customer: str | None = NOURA.external_id) -> str:
    member_id = shop.member(str(customer))
    with program_transaction(shop.program_id):
        return Member.objects.get(program_id=shop.program_id, id=member_id).state


def test_a_member_is_suspended_and_let_go_again(shop: Shop) -> None:
    client, path = shop.employ(), path_of(shop)
    assert f'href="{path}suspend/"' in client.get(path).content.decode()
    assert "Nothing can be redeemed" in content_of(client.get(f"{path}suspend/"))
    assert state_of(shop) == MemberState.MEMBER

    page = client.post(f"{path}suspend/", {"reason": "Chargebacks"}, follow=True)
    assert "The membership is suspended." in content_of(page)
    assert "by owner@example.com: Chargebacks" in content_of(page)
    assert state_of(shop) == MemberState.SUSPENDED

    page = client.post(f"{path}lift/", follow=True)
    assert "The suspension is lifted." in content_of(page)
    assert state_of(shop) == MemberState.MEMBER


def test_a_member_is_erased_for_ever(shop: Shop) -> None:
    client, path = shop.employ(), path_of(shop)
    data = client.get(f"{path}data.json")
    assert data["Content-Disposition"].startswith("attachment")
    assert data.json()["member"]["email"] == "noura@example.com"
    assert shop.employ("viewer@example.com", "viewer").get(f"{path}data.json").status_code == 403
    assert "This cannot be undone." in content_of(client.get(f"{path}erase/"))
    page = client.post(f"{path}erase/", follow=True)
    assert "The member is erased." in content_of(page)
    assert "noura" not in content_of(page).lower()
    assert client.post(f"{path}erase/").status_code == 409


def test_without_a_reason_or_twice_nothing_is_done(shop: Shop) -> None:
    client, path = shop.employ(), path_of(shop)
    page = client.post(f"{path}suspend/", {"reason": " "})
    assert (page.status_code, state_of(shop)) == (409, MemberState.MEMBER)
    assert "Please say why. Nothing was changed." in words_in(page.content.decode())
    page = client.post(f"{path}lift/")
    assert "not suspended any more. Nothing was changed." in words_in(page.content.decode())


def test_viewers_and_strangers_do_nothing(shop: Shop) -> None:
    viewer, path = shop.employ("viewer@example.com", "viewer"), path_of(shop)
    assert f'href="{path}suspend/"' not in viewer.get(path).content.decode()
    assert viewer.post(f"{path}suspend/", {"reason": "x"}).status_code == 403
    owner = shop.employ()
    assert owner.get(f"{path}promote/").status_code == 404
    assert owner.get(f"{shop.console}members/{shop.program_id}/suspend/").status_code == 404
    other = Shop().employ("stranger@example.com")
    assert other.post(f"{path}suspend/", {"reason": "x"}).status_code == 404
    assert state_of(shop) == MemberState.MEMBER


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    shop = Shop()
    page = open_page(
        path_of(shop), language=language, width=width, cookies={"sessionid": shop.employ().cookies["sessionid"].value}
    )
    assert find_faults(page) == []
    page.locator('a[href$="/suspend/"]').click()
    page.locator("input[name=reason]").fill("Chargebacks")
    assert find_faults(page) == []
    page.locator("form button.button-danger").click()
    page.locator('a[href$="/lift/"]').wait_for()
    assert find_faults(page) == []
