"""Bringing friends: a link that is not lost, a page that says what became of whom, and nothing for bringing oneself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from msgspec.structs import replace

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import POINTS, CoffeeClub
from tests.storefront.test_member import text_of
from tests.world import order, spec_document
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderStatus
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.referrals.operations import make_code
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

WELCOME = {
    "id": "welcome",
    "name": {"en": "10 off", "ar": "خصم 10", "fa": "ده ریال تخفیف"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 1000}},
    "cost": {"kind": "free"},
}
REFERRAL: dict[str, Any] = {
    "friend": {"gives": {"kind": "reward", "reward": "welcome"}},
    "advocate": {
        "each_friend": {"kind": "units", "unit": "points", "units": 200},
        "milestones": [{"friends": 3, "gives": {"kind": "units", "unit": "points", "units": 500}}],
    },
    "counts": {"minimum_minor": 5_000},
}
NOW = datetime.now(UTC)


class FriendlyClub(CoffeeClub):
    """c1, called Noura, brings friends."""

    def __init__(self) -> None:
        super().__init__(
            spec_document(
                units=[POINTS | {"maturity": {"kind": "at_once"}}], rewards=[WELCOME], referral=REFERRAL, earning=[]
            )
        )
        self.join("c1", name="Noura Alharbi")

    @property
    def friend_code(self) -> str:
        member_id = self.member("c1")
        with program_transaction(self.program_id):
            return make_code(self.program_id, member_id, at=NOW)

    def join(self, customer: str, *, name: str = "", email: str = "") -> None:
        ref = CustomerRef(external_id=customer, email=email or f"{customer}@example.com", name=name)
        self.take(CustomerSnapshot(customer=ref, created_at=NOW, as_of=NOW), at=NOW)
        self.settle(at=datetime.now(UTC))

    def buy(self, customer: str, total_minor: int, **changes: Any) -> None:
        at = datetime.now(UTC)
        told = order(f"O-{customer}", total_minor, customer=customer, placed_at=at, paid_at=at, as_of=at)
        self.take(replace(told, **changes), at=at)
        self.settle(at=datetime.now(UTC))

    def bring(self, friend: str, total_minor: int, **changes: Any) -> None:
        self.follow("c1@example.com", email=f"{friend}@example.com", at=datetime.now(UTC))
        self.buy(friend, total_minor, **changes)


def test_a_friend_who_says_who_they_are_is_found_again_whatever_browser_they_buy_with() -> None:
    club = FriendlyClub()
    phone = Client()
    page = text_of(phone.get(f"{club.path}r/{club.friend_code}/").content.decode())
    assert "Noura has something for you" in page
    assert "Join, and this is yours: 10 off." in page
    kept = text_of(phone.post(f"{club.path}r/{club.friend_code}/", {"who": "Sara+x@gmail.com"}).content.decode())
    assert "It is waiting for you" in kept
    club.join("c2", email="sara@gmail.com")
    found = club.referral("c2")
    assert found is not None
    assert found.source == "link"


def test_whoever_typed_nothing_is_known_by_the_browser_in_which_they_enter() -> None:
    club, browser = FriendlyClub(), Client()
    browser.get(f"{club.path}r/{club.friend_code}/")
    club.join("c2")
    assert club.referral("c2") is None
    club.enter(browser, "c2")
    found = club.referral("c2")
    assert found is not None
    assert not found.own_browser
    club.join("c3")
    club.enter(Client(), "c3")
    assert club.referral("c3") is None, "another browser came by no link"


def test_the_advocates_own_browser_is_remembered() -> None:
    club, browser = FriendlyClub(), Client()
    club.enter(browser, "c1")
    browser.post(f"{club.path}r/{club.friend_code}/", {"who": "c2@example.com"})
    club.buy("c2", 9_000)
    found = club.referral("c2")
    assert found is not None
    assert (found.state, found.signals) == ("qualified", ("same_device",))


def test_a_link_says_what_is_wrong_and_keeps_nothing() -> None:
    club = FriendlyClub()
    assert Client().get(f"{club.path}r/NONE/").status_code == 404
    answer = Client().post(f"{club.path}r/{club.friend_code}/", {"who": "nobody"})
    assert answer.status_code == 422
    assert "Type an e-mail, or a phone number" in answer.content.decode()
    club.publish(spec_document(), at=datetime.now(UTC) - timedelta(seconds=1))
    assert Client().get(f"{club.path}r/{club.friend_code}/").status_code == 404


def test_a_member_sees_what_became_of_their_friends_and_not_who_they_are() -> None:
    club, client = FriendlyClub(), Client()
    club.bring("c2", 9_000)
    club.bring("c3", 9_000)
    club.buy("c3", 9_000, status=OrderStatus.CANCELLED)
    club.enter(client, "c1")
    page = text_of(client.get(f"{club.path}friends/").content.decode()).replace("\xa0", " ")
    assert "You get this for each friend: 200 points." in page
    assert "For the first 3 friends 500 points · 2 friends to go" in page
    assert "1 friend counts so far." in page
    assert "The order was returned, so what it had brought went back. Taken back" in page
    assert "200 points Counted" in page
    assert "c2" not in page.replace(club.slug, "")
    assert f"/r/{club.friend_code}/" in page


def test_a_friend_is_invited_once_and_the_address_is_forgotten(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    club, client = FriendlyClub(), Client()
    club.enter(client, "c1")
    for _ in range(2):
        page = client.post(f"{club.path}friends/invite/", {"email": "sara@example.com"})
        assert "The invitation is on its way." in page.content.decode()
    run_program_outbox(club.program_id)
    run_program_outbox(club.program_id)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["sara@example.com"], "Noura Alharbi invites you to Falcon Coffee Club")
    assert f"/r/{club.friend_code}/" in str(sent.body)
    with program_transaction(club.program_id):
        (payload,) = Command.objects.filter(program_id=club.program_id, kind="send_invitation").values_list(
            "payload", flat=True
        )
    assert "to" not in payload
    club.take(order("O", 9_000, email="sara@example.com", placed_at=(at := datetime.now(UTC)), paid_at=at, as_of=at))
    club.settle(at=datetime.now(UTC))
    found = club.referral("sara@example.com")
    assert found is not None
    assert (found.source, found.state) == ("invitation", "approved")
    own = client.post(f"{club.path}friends/invite/", {"email": "C1@example.com"})
    assert own.status_code == 422
    assert "This is your own address." in own.content.decode()


def test_without_a_mail_server_the_invitation_waits_for_staff_and_is_not_lost(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    club, client = FriendlyClub(), Client()
    club.enter(client, "c1")
    client.post(f"{club.path}friends/invite/", {"email": "sara@example.com"})
    run_program_outbox(club.program_id)
    with program_transaction(club.program_id):
        command = Command.objects.get(program_id=club.program_id, kind="send_invitation")
    assert (command.state, "to" in command.payload) == ("parked", True)
    assert command.last_error == "no mail can be sent: WAFA_SMTP_URL names no server"


def test_whoever_gave_five_stars_is_asked_for_a_friend() -> None:
    club, client = FriendlyClub(), Client()
    club.enter(client, "c1")
    assert "You gave five stars." not in client.get(club.path).content.decode()
    review = MemberActivity(kind="review", key="r1", occurred_at=NOW, store="main", properties={"stars": 5})
    club.take(ActivityNotice(customer=CustomerRef(external_id="c1"), activity=review), at=NOW)
    assert "You gave five stars." in client.get(club.path).content.decode()


def test_guests_and_programs_without_referrals_have_no_such_page() -> None:
    club, client = FriendlyClub(), Client()
    assert client.get(f"{club.path}friends/").status_code == 403
    club.take(order("G", 9_000, email="guest@example.com"), at=NOW)
    guest = club.member("guest@example.com")
    client.get(club.link_of(guest))
    assert client.get(f"{club.path}friends/").status_code == 404
    with program_transaction(club.program_id):
        assert Member.objects.get(program_id=club.program_id, id=guest).state == "guest"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = FriendlyClub()
    club.bring("c2", 9_000)
    club.bring("c3", 1_000)
    club.bring("c4", 9_000)
    club.buy("c4", 9_000, status=OrderStatus.CANCELLED)
    page = open_page(club.link("c1"), language=language, width=width)
    assert find_faults(page) == []
    page.goto(f"{page.url}friends/")
    assert find_faults(page) == []
    stranger = open_page(f"{club.path}r/{club.friend_code}/", language=language, width=width)
    assert find_faults(stranger) == []
    stranger.locator("#field-who").fill("c9@example.com")
    stranger.locator("form button").last.click()
    stranger.locator("h2").first.wait_for()
    assert find_faults(stranger) == []
