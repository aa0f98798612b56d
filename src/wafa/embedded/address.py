"""Where the embedded PostgreSQL of a home is reached; known from the home alone, running or not."""

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote

DATABASE = "wafa"
OWNER = "wafa"
ADMINISTRATOR = "wafa_admin"
PORT = 5432  # of the socket's file name: nothing listens on TCP

# sun_path of unix(7) holds 108 bytes with the closing zero.
_LONGEST_SOCKET_PATH = 107


def socket_directory(home: Path) -> Path:
    """The directory of the unix socket: in the home, or in the temporary directory when the home's path is too long."""
    inside = home / "socket"
    if len(bytes(inside / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"wafa-{hashlib.sha256(bytes(home)).hexdigest()[:16]}"


def database_url(home: Path) -> str:
    """The URL of the database as its owner, who runs migrations and may take on the application's role."""
    return _url(home, OWNER, DATABASE, password_path(home))


def administrator_url(home: Path) -> str:
    """The URL of the server as its superuser: for making the owner, and for backups."""
    return _url(home, ADMINISTRATOR, "postgres", administrator_password_path(home))


def password_path(home: Path) -> Path:
    """The file with the owner's password."""
    return home / "database_password"


def administrator_password_path(home: Path) -> Path:
    """The file with the superuser's password."""
    return home / "administrator_password"


def _url(home: Path, user: str, database: str, password_file: Path) -> str:
    # Before the first start there is no password yet; connecting then fails with a message that names the socket.
    password = password_file.read_text("ascii").strip() if password_file.exists() else ""
    host = quote(str(socket_directory(home)), safe="")
    # The server has to prove that it knows the password too: another user's server on this path is refused.
    return f"postgresql://{user}:{password}@/{database}?host={host}&port={PORT}&require_auth=scram-sha-256"
