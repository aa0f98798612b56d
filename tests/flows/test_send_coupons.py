"""Handing a member a coupon by e-mail: promised with the code, sent once, in their language, to who agreed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from msgspec.structs import replace

from tests.market import NOURA, UNIQUE, Market, campaign, used
from tests.world import order
from wafa.flows.accept_terms import give_consent
from wafa.flows.erase_member import erase_member
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.suspend_member import suspend_member
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

GIFT = campaign(
    name={"en": "Eid gift", "ar": "هدية العيد", "fa": "هدیهٔ عید"},
    codes=UNIQUE,
    valid_days=3_000,
)


@pytest.fixture(autouse=True)
def _server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def market() -> Market:
    return Market(GIFT, customers=2)


def hand_out(market: Market, customer: str = "c1", *, key: str = "K1", send: bool = True) -> HandedOut:
    at = datetime.now(UTC)
    ask = HandOut(
        key=key, member_id=market.member(customer), campaign="eid", source="tests", send_at=at if send else None
    )
    with program_transaction(market.program_id):
        (answer,) = hand_out_coupons(market.program_id, [ask], at=at)
    assert isinstance(answer, HandedOut)
    return answer


def promises(market: Market) -> list[dict[str, Any]]:
    with program_transaction(market.program_id):
        found = Command.objects.filter(program_id=market.program_id, kind="send_coupon").order_by("id")
        return list(found.values_list("payload", flat=True))


def agree(market: Market, customer: str, *, given: bool = True) -> None:
    member_id = market.member(customer)
    with program_transaction(market.program_id):
        give_consent(market.program_id, member_id, "newsletter", given=given, source="page", at=datetime.now(UTC))


def test_told_twice_it_is_sent_once_with_the_code_and_its_last_day(market: Market) -> None:
    first, again = hand_out(market), hand_out(market)
    assert (first.code, first.unsent, again.is_new) == (again.code, None, False)
    assert mail.outbox == []  # nothing foreign happens in the transaction
    for _ in range(2):
        run_program_outbox(market.program_id)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["c1@example.com"], "A coupon from Falcon Coffee Club")
    body = str(sent.body)
    assert f"Your code: {first.code}" in body
    assert "SAR\u00a05.00 off" in body
    assert first.valid_until is not None
    assert f"It can be used until {(first.valid_until - timedelta(hours=1)):%b} " in body
    assert promises(market) == [{"code": str(first.code_id)}]  # nobody is named where erasing would have to look


def test_a_code_that_was_handed_out_before_can_be_sent_later(market: Market) -> None:
    hand_out(market, send=False)
    assert promises(market) == []
    assert hand_out(market).unsent is None
    run_program_outbox(market.program_id)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("ar-SA", "قسيمة من نادي قهوة الصقر", "رمزك"),
        ("fa_IR", "کوپنی از باشگاه قهوهٔ شاهین", "کد شما"),
        ("de", "A coupon from Falcon Coffee Club", "Your code"),
    ],
)
def test_it_speaks_the_members_language(market: Market, locale: str, subject: str, said: str) -> None:
    market.take(replace(order("L", 10_00, day=31), customer=replace(NOURA, locale=locale)))
    hand_out(market)
    run_program_outbox(market.program_id)
    (sent,) = mail.outbox
    assert sent.subject == subject
    assert said in str(sent.body)


def test_where_consents_are_kept_only_who_agreed_is_written_to(market: Market) -> None:
    agree(market, "c2")
    assert hand_out(market, "c1").unsent == "no_consent"
    assert hand_out(market, "c2", key="K2").unsent is None
    run_program_outbox(market.program_id)
    assert [sent.to for sent in mail.outbox] == [["c2@example.com"]]


def test_who_thinks_better_of_it_before_it_is_sent_gets_no_mail(market: Market) -> None:
    agree(market, "c1")
    assert hand_out(market).unsent is None
    agree(market, "c1", given=False)
    run_program_outbox(market.program_id)
    assert mail.outbox == []


def test_who_is_suspended_is_handed_the_code_and_not_written_to(market: Market) -> None:
    member_id = market.member("c1")
    with program_transaction(market.program_id):
        suspend_member(market.program_id, member_id, reason="fraud", by="tests", at=datetime.now(UTC))
    assert hand_out(market).unsent == "suspended"
    assert promises(market) == []


def test_who_was_erased_gets_no_mail(market: Market) -> None:
    hand_out(market)
    member_id = market.member("c1")
    with program_transaction(market.program_id):
        erase_member(market.program_id, member_id, by="tests", at=datetime.now(UTC))
    run_program_outbox(market.program_id)
    assert mail.outbox == []


def test_a_code_that_was_used_is_not_sent(market: Market) -> None:
    code = hand_out(market).code
    used(market.use_coupons(code, at=datetime.now(UTC)))
    run_program_outbox(market.program_id)
    assert mail.outbox == []


def test_without_a_mail_server_it_waits_for_staff(market: Market, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    hand_out(market)
    run_program_outbox(market.program_id)
    with program_transaction(market.program_id):
        command = Command.objects.get(program_id=market.program_id, kind="send_coupon")
    assert (command.state, command.last_error) == ("parked", "no mail can be sent: WAFA_SMTP_URL names no server")
