"""Signing in: by e-mail and password, with limits, a second step where it is on, and a new password by mail."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.console.reading import content_of
from tests.console.shop import PASSWORD, Shop

pytestmark = pytest.mark.django_db

EMAIL = "owner@example.com"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    shop = Shop()
    shop.employ(EMAIL)
    return shop


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL, **extra: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **extra})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_the_right_password_leads_to_where_one_wanted_to_go(shop: Shop) -> None:
    client = Client()
    asked = client.get(f"{shop.console}members/")
    page = client.get(asked["Location"])
    assert f'value="{shop.console}members/"' in page.content.decode()
    assert sign_in(client, next=f"{shop.console}members/")["Location"] == f"{shop.console}members/"
    assert is_signed_in(client)


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong-password"), ("nobody@example.com", PASSWORD)])
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "This e-mail address and this password do not belong together."),
        ("ar", "عنوان البريد وكلمة المرور غير متطابقين."),
        ("fa", "این نشانی ایمیل و این گذرواژه با هم نمی‌خوانند."),
    ],
)
def test_a_wrong_one_does_not_say_what_was_wrong(
    shop: Shop, email: str, password: str, language: str, told: str
) -> None:
    client = Client()
    client.cookies["django_language"] = language
    page = sign_in(client, password, email)
    assert told in content_of(page)
    assert password not in page.content.decode()
    assert not is_signed_in(client)


def test_guessing_is_stopped_also_for_the_right_password(shop: Shop) -> None:
    client = Client()
    for _ in range(5):
        assert "do not belong together" in content_of(sign_in(client, "wrong-password"))
    assert "Too many attempts. Wait a few minutes." in content_of(sign_in(client))
    assert not is_signed_in(client)


def test_nobody_makes_an_account(shop: Shop) -> None:
    answer = Client().post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD})
    assert "_auth_user_id" not in answer.client.session
    assert Client().login(email="new@example.com", password=PASSWORD) is False


@pytest.mark.parametrize(
    "address", ["signup/", "email/", "confirm-email/", "confirm-email/MQ:x/", "login/code/confirm/"]
)
def test_pages_of_the_library_that_are_not_for_here_are_none(shop: Shop, address: str) -> None:
    """They would be in English and without our look; by one of them staff would change the address that names them."""
    client = shop.employ(EMAIL)
    for answer in (
        client.get(f"/accounts/{address}"),
        client.post(f"/accounts/{address}", {"email": "new@example.com"}),
    ):
        assert answer.status_code == 404


def test_signing_out_asks_once_and_does_it(shop: Shop) -> None:
    client = shop.employ(EMAIL)
    assert "You will have to sign in again" in content_of(client.get("/accounts/logout/"))
    assert is_signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert not is_signed_in(client)


def test_a_new_password_comes_by_mail(shop: Shop, settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    client = Client()
    assert "Forgotten your password?" in content_of(client.get("/accounts/login/"))
    page = client.post("/accounts/password/reset/", {"email": EMAIL}, follow=True)
    assert "Look into your mail" in content_of(page)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject.endswith("A new password for the console")) == ([EMAIL], True)
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(sent.body))
    assert link
    form = client.get(link[1], follow=True)
    assert "At least ten characters" in content_of(form)
    new = {"password1": "another-bean-9", "password2": "another-bean-9"}
    assert "The password is changed." in content_of(client.post(form.request["PATH_INFO"], new, follow=True))
    assert sign_in(Client(), "another-bean-9").status_code == 302
    assert "This link has been used or is too old." in content_of(Client().get(link[1], follow=True))


def test_an_unknown_address_gets_the_same_answer(shop: Shop, settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    page = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in content_of(page)
    assert "nobody signs in with it here" in str(mail.outbox[0].body)


def test_without_a_mail_server_nobody_is_promised_a_message(shop: Shop, settings: Any) -> None:
    settings.MAIL_IS_SENT = False
    assert "Forgotten your password?" not in content_of(Client().get("/accounts/login/"))
    assert "This installation sends no mail." in content_of(Client().get("/accounts/password/reset/"))


def confirm(client: Client, path: str) -> Any:
    """Open a page that asks for the password once more, and give it."""
    asked = client.get(path)["Location"]
    assert "confirm your password once more" in content_of(client.get(asked))
    return client.post(asked, {"password": PASSWORD, "next": path}, follow=True)


def test_a_second_step_is_set_up_and_asked_for(shop: Shop) -> None:
    client = Client()
    sign_in(client)
    assert "Signing in asks for your password alone." in content_of(client.get("/accounts/2fa/"))
    secret = set_up(client)
    page = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This code is wrong or has been used." in content_of(page)
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert "a code of your authenticator app." in content_of(client.get("/accounts/2fa/"))

    later = Client()
    assert sign_in(later)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(later)
    assert "Type the code that your authenticator app shows" in content_of(later.get("/accounts/2fa/authenticate/"))
    page = later.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is wrong or has been used." in content_of(page)
    assert not is_signed_in(later)


def test_a_recovery_code_opens_once(shop: Shop) -> None:
    client = Client()
    sign_in(client)
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(set_up(client))})
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"<li><code>([^<]+)</code></li>", page)
    assert len(codes) == 10
    for opens in (True, False):
        later = Client()
        sign_in(later)
        later.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_signed_in(later) is opens


def test_the_second_step_is_switched_off(shop: Shop) -> None:
    client = Client()
    sign_in(client)
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(set_up(client))})
    assert "Signing in will ask for your password alone." in content_of(client.get("/accounts/2fa/totp/deactivate/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert sign_in(Client())["Location"] == "/console/"


def set_up(client: Client) -> str:
    """The secret that the page shows."""
    form = confirm(client, "/accounts/2fa/totp/activate/")
    assert "Scan this with your authenticator app" in content_of(form)
    secret = re.search(r"<code>([A-Z2-7]+)</code>", form.content.decode())
    assert secret
    return secret[1]
