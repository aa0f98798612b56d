"""What every subcommand of `wafa` does alike."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    environment |= {"DJANGO_SETTINGS_MODULE": "wafa.config.settings"}
    return subprocess.run(
        [sys.executable, "-m", "wafa.jobs.cli", *arguments],
        env={name: value for name, value in os.environ.items() if name != "WAFA_DATABASE_POOL"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("ledger", "verify"), ("program", "versions", "falcon")])
def test_a_command_without_its_database_says_what_to_do(arguments: tuple[str, ...], tmp_path: Path) -> None:
    told = run(*arguments, DATABASE_URL=f"postgresql://wafa@/wafa?host={tmp_path}", WAFA_HOME=str(tmp_path))
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        "Error: the database does not answer. `wafa up` starts it, or set DATABASE_URL to where it is;"
        " `wafa doctor` says more.\n"
    )
