"""The home of an installation and the PostgreSQL that comes along with it. Knows nothing of Django."""

from wafa.embedded.account import choose_account
from wafa.embedded.address import administrator_url, database_url, socket_directory
from wafa.embedded.children import die_with_parent
from wafa.embedded.home import (
    HomeInUse,
    HomeLock,
    HomeUnusable,
    current_home,
    default_home,
    keep_secret,
    make_home,
)
from wafa.embedded.programs import OLDEST_VERSION, ProgramsMissing, find_programs
from wafa.embedded.server import Server, ServerFailed, start

__all__ = [
    "OLDEST_VERSION",
    "HomeInUse",
    "HomeLock",
    "HomeUnusable",
    "ProgramsMissing",
    "Server",
    "ServerFailed",
    "administrator_url",
    "choose_account",
    "current_home",
    "database_url",
    "default_home",
    "die_with_parent",
    "find_programs",
    "keep_secret",
    "make_home",
    "socket_directory",
    "start",
]
