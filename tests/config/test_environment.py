"""A setting that cannot be read is refused with its name and what was expected."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured

from wafa.config import environment
from wafa.config.environment import database_settings, read_count, read_flag, read_list, read_origin


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("0", False), ("", False), (" true ", True)])
def test_flags(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAFA_X", text)
    assert read_flag("WAFA_X") is value


def test_what_is_unset_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAFA_X", raising=False)
    assert read_flag("WAFA_X") is False
    assert read_count("WAFA_X", default=8) == 8
    assert read_list("WAFA_X") == []
    assert read_origin("WAFA_X", default="http://localhost:8000") == "http://localhost:8000"


def test_lists_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAFA_X", "a.example.com, b.example.com,")
    assert read_list("WAFA_X") == ["a.example.com", "b.example.com"]
    monkeypatch.setenv("WAFA_X", "https://loyalty.example.com/")
    assert read_origin("WAFA_X", default="") == "https://loyalty.example.com"


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (read_flag, "maybe", "WAFA_X: expected 1 or 0, got 'maybe'"),
        (lambda name: read_count(name, default=1), "-1", "WAFA_X: expected a whole number of at least 0, got '-1'"),
        (lambda name: read_count(name, default=1), "٣", "WAFA_X: expected a whole number of at least 0, got '٣'"),
        (lambda name: read_count(name, default=1, least=1), "0", "WAFA_X: expected a whole number of at least 1"),
        (lambda name: read_origin(name, default=""), "example.com", "WAFA_X: expected an address like https://loyalty"),
        (lambda name: read_origin(name, default=""), "https://a.example/b", "WAFA_X: expected an address like https"),
        (
            lambda name: environment.read_choice(name, choices=("application", "owner")),
            "root",
            "WAFA_X: expected one of application, owner, got 'root'",
        ),
    ],
)
def test_what_cannot_be_read_is_named(
    read: Callable[[str], object], text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAFA_X", text)
    with pytest.raises(ImproperlyConfigured) as refused:
        read("WAFA_X")
    assert expected in str(refused.value)


def test_a_database_url_becomes_settings() -> None:
    made = database_settings(
        "postgresql://wafa:p%40ss@db.example.com:5433/loyalty?sslmode=require", role="wafa_app", pool_size=8
    )
    named = {name: made[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {"NAME": "loyalty", "USER": "wafa", "PASSWORD": "p@ss", "HOST": "db.example.com", "PORT": "5433"}
    assert made["OPTIONS"] == {
        "sslmode": "require",
        "options": "-c TimeZone=UTC -c role=wafa_app -c plan_cache_mode=force_generic_plan -c enable_seqscan=off",
        "server_side_binding": True,
        "prepare_threshold": 0,
        "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
    }
    assert (made["CONN_MAX_AGE"], made["CONN_HEALTH_CHECKS"]) == (0, True)


def test_the_owner_takes_on_no_role_and_may_migrate() -> None:
    made = database_settings("postgresql:///loyalty?options=-c%20work_mem%3D8MB", role=None, pool_size=0)
    assert made["OPTIONS"]["options"] == "-c work_mem=8MB -c TimeZone=UTC"
    assert made["OPTIONS"]["prepare_threshold"] is None
    assert "pool" not in made["OPTIONS"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:hunter2@db/loyalty", "DATABASE_URL: expected postgresql://user:password@host:5432/database"),
        ("postgresql://root:hunter2@db", "DATABASE_URL: expected the name of a database after the last slash"),
    ],
)
def test_a_wrong_url_is_refused_without_repeating_its_password(url: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        database_settings(url, role=None, pool_size=0)
    assert str(refused.value) == said
