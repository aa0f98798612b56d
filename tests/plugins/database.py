"""One PostgreSQL for the run: DATABASE_URL if it is set, else an embedded server that ends with the run."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from wafa import embedded
from wafa.embedded import Server
from wafa.embedded.address import administrator_url

ADMINISTRATOR = "WAFA_TESTS_ADMINISTRATOR"
"""The variable with the URL of the embedded server's administrator, where this run has one."""

_server: Server | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the server before pytest-django imports the settings, once: workers of xdist inherit its address."""
    global _server
    _keep_what_is_compiled()
    os.environ["WAFA_SECRET_KEY"] = "a key for tests alone, worth nothing"
    # What tests start as processes of their own opens each connection anew; tests/settings.py has a pool for theirs.
    os.environ["WAFA_DATABASE_POOL"] = "0"
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if "DATABASE_URL" not in os.environ:
        # A directory of its own: pytest's is closed to the account that PostgreSQL runs as for root.
        home = Path(tempfile.mkdtemp(prefix="wafa-tests-"))
        home.chmod(0o755)
        os.environ["WAFA_HOME"] = str(home)
        _server = embedded.start(home)
        os.environ[ADMINISTRATOR] = administrator_url(home)
        _hurry(os.environ[ADMINISTRATOR])
        os.environ["DATABASE_URL"] = _server.url
    _make_role(os.environ["DATABASE_URL"])


def pytest_unconfigure() -> None:
    """Stop the server, in the process that started it."""
    global _server
    if _server is not None:
        _server.stop()
        shutil.rmtree(_server.home)
        _server = None


def _keep_what_is_compiled() -> None:
    """Or every process of a run compiles all modules anew, and rewrites all asserts, where the environment says so."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _hurry(administrator: str) -> None:
    """Nothing of it has to outlive a crash of the machine, and who waits in a circle shall find it out soon."""
    settings = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "deadlock_timeout": "100ms"}
    with psycopg.connect(administrator, autocommit=True) as connection:
        for setting, value in settings.items():
            connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")


def _make_role(url: str) -> None:
    # Roles belong to the whole server: two workers making it at once would meet.
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'wafa_app'").fetchone() is None:
            connection.execute("CREATE ROLE wafa_app NOLOGIN")
            connection.execute("GRANT wafa_app TO CURRENT_USER")
