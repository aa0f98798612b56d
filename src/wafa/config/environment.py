"""Reading settings from the environment, with an error that names the variable and what was expected."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

_YES_NO = {
    "1": True,
    "yes": True,
    "true": True,
    "0": False,
    "no": False,
    "false": False,
    "": False,
}


def read_flag(name: str) -> bool:
    """A yes or no; off when unset."""
    text = os.environ.get(name, "").strip().lower()
    if text not in _YES_NO:
        raise ImproperlyConfigured(f"{name}: expected 1 or 0, got {text!r}")
    return _YES_NO[text]


def read_count(name: str, *, default: int, least: int = 0) -> int:
    """A whole number of at least `least`."""
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise ImproperlyConfigured(f"{name}: expected a whole number of at least {least}, got {text!r}")
    return int(text)


def read_list(name: str) -> list[str]:
    """Texts separated by commas; empty when unset."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def read_choice(name: str, *, choices: tuple[str, ...]) -> str:
    """One of the choices; the first when unset."""
    text = os.environ.get(name, "").strip() or choices[0]
    if text not in choices:
        raise ImproperlyConfigured(f"{name}: expected one of {', '.join(choices)}, got {text!r}")
    return text


def read_origin(name: str, *, default: str) -> str:
    """The scheme, host and port of an address, without a slash at the end."""
    text = os.environ.get(name, "").strip().rstrip("/") or default
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name}: expected an address like https://loyalty.example.com, got {text!r}")
    return text


def mail_settings(url: str) -> dict[str, Any]:
    """Django's settings of a mail server; without one no mail is sent. Raises ImproperlyConfigured."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        # The text is left out: it may hold the password.
        raise ImproperlyConfigured("WAFA_SMTP_URL: expected smtp://user:password@mail.example.com:587")
    wrapped = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if wrapped else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": wrapped,
        "EMAIL_USE_TLS": not wrapped and bool(parts.username),
        "EMAIL_TIMEOUT": 10,
    }


# Once, perhaps while tables are still empty: docs/decisions/0030 and 0048.
PLANNED_ONCE = ("-c plan_cache_mode=force_generic_plan", "-c enable_seqscan=off")


def database_settings(url: str, *, role: str | None, pool_size: int) -> dict[str, Any]:
    """Django's settings of a PostgreSQL URL.

    Every connection takes on `role` as it starts (None: it stays the login), so that no request can run before it.
    With a pool size of 0 each connection is opened anew. Raises ImproperlyConfigured.
    """
    try:
        parts: Mapping[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        # The text of the error is left out: it may repeat the password.
        raise ImproperlyConfigured("DATABASE_URL: expected postgresql://user:password@host:5432/database") from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL: expected the name of a database after the last slash")
    named = {"dbname", "user", "password", "host", "port", "options"}
    start = " ".join(
        [
            *filter(None, [parts.get("options")]),
            "-c TimeZone=UTC",
            *([f"-c role={role}", *PLANNED_ONCE] if role else []),
        ]
    )
    options: dict[str, Any] = {key: value for key, value in parts.items() if key not in named}
    # Prepared on first use and bound on the server: PostgreSQL plans a statement once for each connection. Not for
    # the owner: a migration may hold several statements in one text, which cannot be prepared.
    options |= {"options": start, "server_side_binding": True, "prepare_threshold": 0 if role else None}
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        # The pool keeps connections, Django must not.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
