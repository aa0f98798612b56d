"""Who may see what: strangers nothing, viewers everything they cannot change, staff of one program that program."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.console.reading import content_of, words_in
from tests.console.shop import PASSWORD, Shop, order_message
from tests.storefront.coffee import on
from wafa.kit.ids import new_id
from wafa.programs.operations import add_staff, create_program
from wafa.relay.models import DeliveryState

pytestmark = pytest.mark.django_db

PAGES = (
    "",
    "members/",
    "members.csv",
    "segments/",
    "coupons/",
    "deliveries/",
    "outbox/",
    "stores/",
    "program/",
    "program/1/",
)
BROKEN = {"type": "order", "order": {"id": "1"}}


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return Shop()


def test_whoever_is_not_signed_in_is_asked_to(shop: Shop) -> None:
    for page in PAGES:
        answer = Client().get(shop.console + page)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={shop.console}{page}")


@pytest.mark.parametrize("page", PAGES)
def test_to_staff_of_another_program_it_does_not_exist(shop: Shop, page: str) -> None:
    stranger = Shop().employ("stranger@example.com")
    assert stranger.get(shop.console + page).status_code == 404


def test_nothing_of_another_program_is_found_by_its_id(shop: Shop) -> None:
    other = Shop()
    other_member, other_delivery = other.member("c1"), other.deliver(BROKEN)
    other.drain()
    promised = other.promise("fetch_order:x")
    client = shop.employ()
    assert client.get(f"{shop.console}members/{other_member}/").status_code == 404
    assert client.get(f"{shop.console}deliveries/{other_delivery.id}/").status_code == 404
    client.post(f"{shop.console}deliveries/{other_delivery.id}/replay/")
    client.post(f"{shop.console}deliveries/replay/")
    client.post(f"{shop.console}outbox/{promised}/retry/")
    assert other.delivery(other_delivery.id).state == DeliveryState.PARKED


def test_what_nobody_has_is_not_found(shop: Shop) -> None:
    client = shop.employ()
    for page in (
        f"members/{new_id()}/",
        f"deliveries/{new_id()}/",
        "program/2/",
        f"members/{shop.member('c1')}/?unit=stamps",
    ):
        assert client.get(shop.console + page).status_code == 404, page


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("manager", True), ("viewer", False)])
def test_a_viewer_cannot_replay(shop: Shop, role: str, may: bool) -> None:
    parked = shop.deliver(BROKEN)
    shop.drain()
    client = shop.employ(role=role)
    assert ("Replay all parked" in content_of(client.get(f"{shop.console}deliveries/"))) is may
    assert ("Replay" in content_of(client.get(f"{shop.console}deliveries/{parked.id}/"))) is may
    for path in (f"deliveries/{parked.id}/replay/", "deliveries/replay/"):
        assert client.post(shop.console + path).status_code == (302 if may else 403)
    assert shop.delivery(parked.id).state == (DeliveryState.NEW if may else DeliveryState.PARKED)


def test_changing_needs_a_post_with_a_token(shop: Shop) -> None:
    parked = shop.deliver(BROKEN)
    shop.drain()
    client = shop.employ()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    path = f"{shop.console}deliveries/{parked.id}/replay/"
    assert client.get(path).status_code == 405
    assert strict.post(path).status_code == 403
    assert shop.delivery(parked.id).state == DeliveryState.PARKED


def test_staff_of_one_program_come_straight_to_it(shop: Shop) -> None:
    client = shop.employ()
    assert client.get("/", follow=True).redirect_chain[-1] == (shop.console, 302)


def test_staff_of_several_choose(shop: Shop) -> None:
    second = Shop()
    second.wear(name="Oasis Books")
    client = shop.employ()
    second.employ()
    page = client.get("/console/")
    assert content_of(page).startswith("Choose a program F Falcon Coffee O Oasis Books")
    assert second.console in page.content.decode()


def test_staff_of_none_are_told_so() -> None:
    user = get_user_model().objects.create_user("new@example.com", "new@example.com", PASSWORD)
    client = Client()
    client.force_login(user)
    assert "on no program's staff" in content_of(client.get("/console/"))


def test_the_language_is_the_programs_until_it_is_chosen(shop: Shop) -> None:
    shop.wear(locale="ar", digits="arabic")
    client = shop.employ()
    assert content_of(client.get(shop.console)).startswith("الرئيسية لمحة عن Falcon Coffee الأعضاء ٣ الزوار ١")
    client.cookies["django_language"] = "fa"
    assert content_of(client.get(shop.console)).startswith("خانه Falcon Coffee در یک نگاه اعضا ۳ مهمان‌ها ۱")


def test_a_program_without_a_version_says_so() -> None:
    program_id = create_program(slug="unpublished", name="New", currency="SAR", at=on(0))
    client = Shop().employ()
    add_staff(program_id, user_id=int(client.session["_auth_user_id"]), role="owner", at=on(0))
    for page, told in {
        "": "No program is published yet",
        "program/": "No program is published yet",
        "members/": "No members yet",
        "deliveries/": "No deliveries yet",
        "outbox/": "Nothing was promised yet",
        "stores/": "No store is connected yet",
    }.items():
        assert told in content_of(client.get(f"/console/unpublished/{page}"))


def test_a_menu_shows_how_many_deliveries_wait_for_a_person(shop: Shop) -> None:
    client = shop.employ()
    assert "nav-count" not in client.get(shop.console).content.decode()
    shop.deliver(BROKEN)
    shop.deliver(order_message("2001", 4_000))
    shop.drain()
    page = client.get(shop.console).content.decode()
    assert page.count("nav-count") == 1
    assert words_in(page.split('nav-count">')[1].split("</a>")[0]) == "1"
