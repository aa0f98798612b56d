"""The `wafa` command: one file in this directory is one subcommand, and holds it under the name `command`."""

import importlib
import os
import pkgutil
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from uuid import UUID

    from wafa.programs.models import Program

# These set Django up themselves, later or never.
_WITHOUT_DJANGO = {"demo", "doctor", "migrate", "up"}
# These run for long, and with threads: they keep connections.
_WITH_POOL = {"django", "worker"}


class _Commands(click.Group):
    """Reads the file of a subcommand when it is asked for: `wafa up` need not load the whole product."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(
            module.name.rstrip("_").replace("_", "-")
            for module in pkgutil.iter_modules(__path__)
            if module.name != "__main__"
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name not in _WITHOUT_DJANGO:
            if cmd_name not in _WITH_POOL:
                # One connection is enough, and where none can be made that is told at once.
                os.environ.setdefault("WAFA_DATABASE_POOL", "0")
            set_up_django()
        name = cmd_name.replace("-", "_")
        # A word of Python's own cannot be imported by name, so its file ends with a line.
        module = importlib.import_module(f"{__name__}.{name}_" if iskeyword(name) else f"{__name__}.{name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not _is_out_of_reach(error):
                raise
            raise click.ClickException(
                "the database does not answer. `wafa up` starts it, or set DATABASE_URL to where it is;"
                " `wafa doctor` says more."
            ) from None


def _is_out_of_reach(error: Exception) -> bool:
    """Whether no connection to the database could be made: the server then has given no code of its own."""
    from django.db import OperationalError

    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) is None


def set_up_django() -> None:
    """Load settings and rooms; the environment must be complete by now."""
    import django

    from wafa.kit.collector import spare_batches

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wafa.config.settings")
    django.setup()
    spare_batches()


def program_called(slug: str) -> "Program":
    """The program a command is about. Raises click's error where there is none."""
    from wafa.programs.queries import find_program

    program = find_program(slug)
    if program is None:
        raise click.ClickException(f"there is no program {slug!r}; `wafa program create` makes one.")
    return program


def member_called(program: "Program", name: str) -> "UUID":
    """The member of an e-mail or an id. Raises click's error where there is none."""
    from wafa.members.queries import find_members_called

    member_id = find_members_called(program.id, [name]).get(name)
    if member_id is None:
        raise click.ClickException(f"{program.slug} has no member {name!r}.")
    return member_id


def role_of(program: "Program", email: str) -> str:
    """The role that somebody of this e-mail has in a program. Raises click's error where they have none."""
    from django.contrib.auth import get_user_model

    from wafa.programs.queries import find_role

    user = get_user_model().objects.filter(email__iexact=email).first()
    role = find_role(program.id, user.pk) if user else None
    if role is None:
        raise click.ClickException(f"{email} has no role in {program.slug}; `wafa staff add` gives one.")
    return role


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wafa")
def main() -> None:
    """Wafa, a self-hosted loyalty platform for online stores."""
