"""How the address of a mail server is read."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from wafa.config.environment import mail_settings


def test_without_an_address_no_mail_is_sent() -> None:
    assert mail_settings("") == {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "wrapped", "upgraded"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, "", "", False, False),
        ("smtp://u%40shop:p%3Aw@mail.example.com:2525", "mail.example.com", 2525, "u@shop", "p:w", False, True),
        ("smtps://user:word@mail.example.com", "mail.example.com", 465, "user", "word", True, False),
    ],
)
def test_an_address_says_it_all(
    url: str, host: str, port: int, user: str, password: str, wrapped: bool, upgraded: bool
) -> None:
    read = mail_settings(url)
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == (host, port)
    assert (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"]) == (user, password)
    assert (read["EMAIL_USE_SSL"], read["EMAIL_USE_TLS"]) == (wrapped, upgraded)


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://u:secret@host:port"])
def test_what_is_none_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^WAFA_SMTP_URL: expected smtp://") as refused:
        mail_settings(url)
    assert "secret" not in str(refused.value)
