"""The demo's page tells every option and the shares the generator really uses."""

import re
from pathlib import Path

import click

from wafa.jobs.cli.demo import command
from wafa.jobs.demo.lives import FATES
from wafa.jobs.demo.stories import STORIES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "demo.md").read_text("utf-8")


def test_every_option_is_on_the_page_and_no_other() -> None:
    told = re.findall(r"^\| `(--[a-z]+)`", PAGE, re.MULTILINE)
    options = [parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)]
    assert sorted(told) == sorted(options)


def test_the_fates_on_the_page_are_those_of_the_generator() -> None:
    told = re.search(
        r"Of a thousand orders (\d+) are never paid, (\d+) are paid late, (\d+) cancelled, (\d+) edited, "
        r"(\d+) refunded in\s+part with the order and (\d+) by a notice of their own, (\d+) refunded whole, and one",
        PAGE,
    )
    assert told is not None
    assert [int(count) for count in told.groups()] + [1] == list(FATES.values())


def test_the_members_to_open_are_those_of_the_stories() -> None:
    languages = {"en": "English", "ar": "Arabic", "fa": "Persian"}
    for story in STORIES:
        assert f"| {story.name} | {languages[story.locale]} |" in PAGE
