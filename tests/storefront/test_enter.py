"""Entering by a link: who may, for how long, in which language."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.storefront.coffee import CoffeeClub
from tests.world import order
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState
from wafa.programs.queries import get_program
from wafa.storefront.session import Session, start_session

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def small_club(module_db: None) -> CoffeeClub:
    made = CoffeeClub()
    made.take(order("O1", 1_000, day=1))
    return made


def change(club: CoffeeClub, **fields: Any) -> None:
    with program_transaction(club.program_id):
        Member.objects.filter(program_id=club.program_id).update(**fields)


def test_a_link_opens_the_members_page(small_club: CoffeeClub, client: Client) -> None:
    answer = client.get(small_club.link("c1"))
    assert (answer.status_code, answer.headers["Location"]) == (302, small_club.path)
    cookie = answer.cookies["wafa_member"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (small_club.path, True, "Lax")
    assert cookie["max-age"] == 30 * 24 * 3600
    page = client.get(small_club.path)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_showing_the_page_leaves_nothing_in_the_database(small_club: CoffeeClub, client: Client) -> None:
    small_club.enter(client, "c1")
    client.get(small_club.path)
    assert set(client.cookies) == {"wafa_member", "csrftoken"}


def test_a_link_works_for_seven_days(small_club: CoffeeClub, client: Client) -> None:
    now = datetime.now(UTC)
    assert client.get(small_club.link("c1", at=now - timedelta(days=7, seconds=-60))).status_code == 302
    client.cookies.clear()
    late = client.get(small_club.link("c1", at=now - timedelta(days=7)))
    assert late.status_code == 410
    assert "This link has expired" in late.content.decode()
    assert "wafa_member" not in late.cookies


def test_a_changed_link_does_not_open(small_club: CoffeeClub, client: Client) -> None:
    link = small_club.link("c1")
    for broken in (link[:-1], link[:-1] + ("a" if link[-1] != "a" else "b"), f"{small_club.path}enter/nothing"):
        answer = client.get(broken)
        assert (answer.status_code, "This link does not work" in answer.content.decode()) == (404, True)
        assert "wafa_member" not in answer.cookies


def test_a_link_of_one_program_opens_no_other(small_club: CoffeeClub, client: Client) -> None:
    other = CoffeeClub()
    answer = client.get(small_club.link("c1").replace(small_club.path, other.path))
    assert (answer.status_code, "wafa_member" in answer.cookies) == (404, False)


def test_a_session_of_one_program_opens_no_other(small_club: CoffeeClub, client: Client) -> None:
    other = CoffeeClub()
    client.cookies["wafa_member"] = client.get(small_club.link("c1")).cookies["wafa_member"].value
    assert client.get(other.path).status_code == 403
    assert client.get(small_club.path).status_code == 200


@pytest.mark.parametrize(("age", "status"), [(timedelta(days=30), 403), (timedelta(days=30, seconds=-60), 200)])
def test_a_session_ends_after_thirty_days(small_club: CoffeeClub, client: Client, age: timedelta, status: int) -> None:
    answer, program = HttpResponse(), get_program(small_club.program_id)
    start_session(answer, program, Session(small_club.member("c1"), ""), at=datetime.now(UTC) - age)
    client.cookies["wafa_member"] = answer.cookies["wafa_member"].value
    assert client.get(small_club.path).status_code == status


def test_a_forged_session_is_nobody(small_club: CoffeeClub, client: Client) -> None:
    client.cookies["wafa_member"] = client.get(small_club.link("c1")).cookies["wafa_member"].value[:-1]
    assert client.get(small_club.path).status_code == 403


def test_whoever_was_forgotten_has_no_page(small_club: CoffeeClub, client: Client) -> None:
    link = small_club.link("c1")
    small_club.enter(client, "c1")
    change(small_club, state=MemberState.ERASED)
    assert [client.get(path).status_code for path in (link, small_club.path)] == [404, 403]


def test_a_stranger_is_told_how_to_enter(small_club: CoffeeClub, client: Client) -> None:
    answer = client.get(small_club.path)
    assert answer.status_code == 403
    assert "Open it from the message the store sent you" in answer.content.decode()
    assert client.get("/m/no-such-club/").status_code == 404


def test_signing_out_forgets_who_was_looking(small_club: CoffeeClub, client: Client) -> None:
    small_club.enter(client, "c1")
    assert client.get(f"{small_club.path}leave/").status_code == 405
    answer = client.post(f"{small_club.path}leave/")
    assert (answer.status_code, "You are signed out" in answer.content.decode()) == (200, True)
    assert client.get(small_club.path).status_code == 403


def test_signing_out_needs_the_pages_own_form(small_club: CoffeeClub) -> None:
    strict = Client(enforce_csrf_checks=True)
    small_club.enter(strict, "c1")
    assert strict.post(f"{small_club.path}leave/").status_code == 403
    assert strict.get(small_club.path).status_code == 200


def language_of(client: Client, path: str) -> str:
    html = client.get(path).content.decode()
    return html[html.index('lang="') + 6 :][:2]


def test_the_language_is_the_visitors_then_the_members_then_the_programs(
    small_club: CoffeeClub, client: Client
) -> None:
    small_club.wear(locale="ar")
    small_club.enter(client, "c1")
    assert language_of(client, small_club.path) == "ar"
    change(small_club, locale="fa-IR")
    small_club.enter(client, "c1")
    assert language_of(client, small_club.path) == "fa"
    asked = client.get(f"{small_club.path}?lang=en&unit=points")
    assert (asked.status_code, asked.headers["Location"]) == (302, f"{small_club.path}?unit=points")
    assert language_of(client, small_club.path) == "en"
    assert language_of(client, f"{small_club.path}?lang=xx") == "en"


def test_a_language_in_the_link_is_kept_on_the_way_in(small_club: CoffeeClub, client: Client) -> None:
    client.get(small_club.link("c1") + "?lang=fa", follow=True)
    assert language_of(client, small_club.path) == "fa"
