"""What is wrong with an installation, and how to mend it."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from wafa.jobs.doctor.findings import Finding
from wafa.jobs.doctor.machine import examine_machine

__all__ = ["Finding", "examine"]


def examine(home: Path, *, at: datetime) -> Iterator[Finding]:
    """Look at everything an installation needs, from the machine upwards; `at` is now (UTC).

    Stops where the rest cannot be seen: without settings there is no database to ask, and without that no stores.
    """
    yield from examine_machine(home, embedded=not os.environ.get("DATABASE_URL"))

    from django.core.exceptions import ImproperlyConfigured

    from wafa.jobs.cli import set_up_django

    if not (home / "secret_key").exists():
        # Settings would make one: looking at an installation must not change it.
        os.environ.setdefault("WAFA_SECRET_KEY", "none yet")
    try:
        set_up_django()
    except ImproperlyConfigured as error:
        yield Finding.fault("settings", str(error), mend="docs/settings.md has every variable")
        return
    yield Finding.sound("settings", "complete")

    from wafa.jobs.doctor.database import examine_database
    from wafa.jobs.doctor.stores import examine_stores

    is_sound = True
    for finding in examine_database(at=at):
        yield finding
        is_sound = is_sound and not finding.is_fault
    if is_sound:
        yield from examine_stores()
