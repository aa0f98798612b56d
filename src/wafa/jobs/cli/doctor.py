"""`wafa doctor`: what is wrong with an installation, and how to mend it."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from wafa.embedded import current_home


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Which one.  [env: WAFA_HOME]")
def command(home: Path | None) -> None:
    """Say what is wrong with this installation, and how to mend it. Exit code 1 when something is."""
    if home is not None:
        os.environ["WAFA_HOME"] = str(home.absolute())
    # One connection, and no long wait for a server that is not there.
    os.environ["WAFA_DATABASE_POOL"] = "0"
    os.environ.setdefault("PGCONNECT_TIMEOUT", "5")

    from wafa.jobs.doctor import examine

    faults = 0
    for finding in examine(current_home(), at=datetime.now(UTC)):
        mark = click.style("fault", fg="red", bold=True) if finding.is_fault else click.style("ok   ", fg="green")
        click.echo(f"{mark}  {finding.subject}: {finding.said}")
        if finding.is_fault:
            faults += 1
            click.echo(f"       mend: {finding.mend}")
    click.echo(f"\n{faults} to mend." if faults else "\nAll is well.")
    sys.exit(1 if faults else 0)
