"""Telling about programs in the reader's language."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, get_args

import click
from django.utils import translation

from wafa.core.program import Program as ProgramRules
from wafa.core.spec import Language, ProgramSpec
from wafa.kit.formats import Formats
from wafa.reports.changes import tell_changes

_Command = TypeVar("_Command", bound=Callable[..., Any])


def language_option(command: _Command) -> _Command:
    """The option `--language`, handed to the command as `language`."""
    option = click.option(
        "--language", type=click.Choice(get_args(Language)), default="en", show_default=True, help="What to tell it in."
    )
    return option(command)


@contextmanager
def telling_in(language: Language, spec: ProgramSpec) -> Iterator[Formats]:
    """Tell in a language, with the days of the program's zone and calendar."""
    with translation.override(language):
        yield Formats.usual(language, time_zone=spec.time_zone, calendar=spec.calendar)


def show_changes(before: ProgramSpec, after: ProgramSpec, language: Language) -> None:
    """Print what `after` says otherwise than `before`."""
    with telling_in(language, after) as formats:
        show_sentences(tell_changes(before, after, formats))


def show_sentences(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        click.echo(f"  {sentence}")


def list_scheduled(rules: ProgramRules, at: datetime) -> list[str]:
    """A line for each version that will decide later."""
    later = [version for version in rules.versions if version.effective_from > at]
    return [
        f"Version {each.number} is scheduled and takes over from {each.effective_from.isoformat()}." for each in later
    ]
