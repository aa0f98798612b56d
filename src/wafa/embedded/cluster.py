"""The files of the embedded database: made once, with an owner and a database that belong to the application."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from wafa.embedded.account import Account
from wafa.embedded.address import (
    ADMINISTRATOR,
    DATABASE,
    OWNER,
    administrator_password_path,
    administrator_url,
    password_path,
    socket_directory,
)
from wafa.embedded.home import HomeUnusable, keep_secret
from wafa.embedded.programs import Programs

_FIRST_VERSION_WITH_BUILTIN_LOCALE = 17


def make_cluster(home: Path, *, programs: Programs, account: Account) -> Path:
    """The directory of the cluster, made if it is missing. Raises HomeUnusable."""
    cluster = home / "database"
    if not account.reaches(cluster):
        raise HomeUnusable(
            f"the account {account.name}, which runs PostgreSQL for root, cannot enter {home}: "
            "choose a home outside of closed directories, for example /var/lib/wafa."
        )
    _make_socket_directory(socket_directory(home), account=account)
    if not cluster.exists():
        draft = home / "database.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.own(draft)
        _initialise(draft, password=keep_secret(administrator_password_path(home)), programs=programs, account=account)
        draft.rename(cluster)
    made_by = int((cluster / "PG_VERSION").read_text("ascii"))
    if made_by != programs.version:
        raise HomeUnusable(
            f"the database in {home} was made by PostgreSQL {made_by}, but {programs.directory} is {programs.version}: "
            f"point PG_BIN at version {made_by}, or move over with pg_dump and pg_restore."
        )
    return cluster


def make_owner(home: Path) -> None:
    """Make the login and the database of the application if they are missing; the server must be running."""
    password = keep_secret(password_path(home))
    with psycopg.connect(administrator_url(home), autocommit=True) as connection:
        owner, database = sql.Identifier(OWNER), sql.Identifier(DATABASE)
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone() is None:
            # No superuser: row-level security would not bind it, and on a server of your own it is none either.
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(owner, sql.Literal(password))
            )
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))


def _make_socket_directory(directory: Path, *, account: Account) -> None:
    try:
        directory.mkdir(mode=0o700)
        account.own(directory)
    except FileExistsError:
        pass
    status = directory.lstat()
    if status.st_uid != account.uid or status.st_mode & 0o077 or directory.is_symlink():
        raise HomeUnusable(f"{directory} must belong to {account.name} and be closed to others (mode 0700).")


def _initialise(cluster: Path, *, password: str, programs: Programs, account: Account) -> None:
    password_file = socket_directory(cluster.parent) / "password"
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password)
    account.own(password_file)
    # Code points decide the order: no upgrade of the system's locales can break an index.
    builtin = ["--locale-provider=builtin"] if programs.version >= _FIRST_VERSION_WITH_BUILTIN_LOCALE else []
    command = [
        programs["initdb"],
        f"--pgdata={cluster}",
        f"--username={ADMINISTRATOR}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        *builtin,
    ]
    try:
        made = subprocess.run(
            command,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            **account.spawn_options(),
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise HomeUnusable(f"initdb failed for {cluster}: {made.stderr.strip()}")
