"""Reading a program's document from a file, and telling what is wrong with it and where."""

from pathlib import Path

import click

from wafa.core.spec import Fault, ProgramSpec, read_spec
from wafa.programs.documents import NoDocument, find_line, read_document
from wafa.programs.drafts import find_draft, read_draft
from wafa.programs.models import Program

DOCUMENT = click.Path(path_type=Path, exists=True, dir_okay=False)


def read_file(file: Path) -> ProgramSpec:
    """The program in a file. Raises click's error with the line and the path of every fault."""
    try:
        text = file.read_text("utf-8")
        document = read_document(text)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: expected text in UTF-8. {error}") from None
    except NoDocument as error:
        raise click.ClickException(f"{file}: {error}") from None
    try:
        return read_spec(document)
    except Fault as fault:
        lines = [f"  line {find_line(text, path) or 1}, {path}: {message}" for path, message in fault.faults]
        raise click.ClickException("\n".join([f"{file} is no program:", *lines])) from None


def read_draft_of(program: Program) -> ProgramSpec:
    """The program's draft; its transaction is open. Raises click's error where there is none."""
    draft = find_draft(program.id)
    if draft is None:
        raise click.ClickException(
            f"{program.slug} has no draft: name a FILE, or wafa program import {program.slug} FILE"
        )
    return read_draft(draft)


def read_file_or_draft(program: Program, file: Path | None) -> ProgramSpec:
    """What a command is about: the file that is named, else the program's draft. The transaction is open."""
    return read_file(file) if file else read_draft_of(program)
