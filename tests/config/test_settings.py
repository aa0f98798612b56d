"""An installation is secure unless told otherwise; what may be told is on the settings page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

REPOSITORY = Path(__file__).parent.parent.parent
VARIABLE = re.compile(r"[\"`](WAFA_[A-Z_]+|DATABASE_URL|PG_BIN)[\"`]")


def test_every_variable_is_on_the_settings_page_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in (REPOSITORY / "src" / "wafa").rglob("*.py"))
    page = (REPOSITORY / "docs" / "settings.md").read_text("utf-8")
    told = [VARIABLE.findall(line)[0] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(told) == sorted(set(VARIABLE.findall(sources)))


def check_deployment(**environment: str) -> "subprocess.CompletedProcess[str]":
    """Django's own checks of an installation's settings."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("WAFA_", "DJANGO_"))}
    key = {"WAFA_SECRET_KEY": "".join(map(chr, range(48, 122)))}
    return subprocess.run(
        [sys.executable, "-m", "wafa.jobs.cli", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=ours | key | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_behind_https_django_finds_nothing_to_improve() -> None:
    result = check_deployment(WAFA_ORIGIN="https://loyalty.example.com", WAFA_BEHIND_PROXY="1")
    # Subdomains are the merchant's own: promising HTTPS for them is not ours to do.
    assert re.findall(r"\(security\.W\d+\)|ERRORS", result.stderr) == ["(security.W005)", "(security.W021)"]


@pytest.mark.slow
def test_the_page_for_trying_out_says_what_it_lacks() -> None:
    result = check_deployment(WAFA_ORIGIN="http://localhost:8000")
    assert result.returncode == 1
    assert "security.W008" in result.stderr


@pytest.mark.django_db
def test_browsers_are_told_to_run_nothing_but_ours(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_strangers_make_no_accounts(client: Client) -> None:
    from django.contrib.auth.models import User

    answer = client.post(
        "/accounts/signup/", {"email": "stranger@example.com", "password1": "a long enough phrase of words"}
    )
    assert b"stranger@example.com" not in answer.content
    assert User.objects.count() == 0


def test_requests_for_other_hosts_are_refused(client: Client) -> None:
    assert client.get("/accounts/login/", headers={"host": "evil.example.com"}).status_code == 400
