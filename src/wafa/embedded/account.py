"""The account of the operating system that PostgreSQL runs as: ourselves, or as root another, since it refuses root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wafa.embedded.home import HomeUnusable

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the server."""

    name: str
    uid: int
    gid: int
    other: bool
    """Whether it is somebody else than the one who runs this process."""

    def spawn_options(self) -> dict[str, Any]:
        """What subprocess has to be told to start a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}

    def own(self, path: Path) -> None:
        """Hand a file or directory over to this account."""
        if self.other:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether every directory above the path lets this account through."""
        return not self.other or all(self._passes(parent.stat()) for parent in path.resolve().parents)

    def _passes(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def choose_account() -> Account:
    """Ourselves, or as root `postgres` if there is one, else `nobody`."""
    if os.geteuid() != 0:
        return Account(name=pwd.getpwuid(os.geteuid()).pw_name, uid=os.geteuid(), gid=os.getegid(), other=False)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, other=True)
    raise HomeUnusable(
        f"PostgreSQL does not run as root, and there is no account {' or '.join(_CANDIDATES)} to run it."
    )
