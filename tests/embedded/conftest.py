"""Homes that the account of the database can reach."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.processes import end_processes
from wafa.embedded import socket_directory


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home. Pytest's own directories are closed to the account that runs PostgreSQL for root."""
    path = Path(tempfile.mkdtemp(prefix="wafa-home-"))
    path.chmod(0o755)
    yield path
    end_processes(path)
    shutil.rmtree(socket_directory(path), ignore_errors=True)
    shutil.rmtree(path)
