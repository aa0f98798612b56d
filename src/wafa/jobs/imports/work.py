"""What a worker does about imports: the dry runs, runs, surveys and undoings that were asked for at a door."""

import logging
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from wafa.core.undo import WhenUsed
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.models import Import, ImportState
from wafa.imports.operations import MovedOn, WrongState, lock_import, save_survey, set_state
from wafa.imports.queries import list_waiting_imports
from wafa.jobs.imports.run import CANNOT_BE_READ, run_import
from wafa.jobs.imports.trial import try_import
from wafa.jobs.imports.undo import survey, undo
from wafa.kit.transactions import program_transaction

_log = logging.getLogger(__name__)


def run_imports(program_id: UUID) -> int:
    """Do what was asked of the program's imports, one after another. Returns how many there were."""
    done = 0
    while True:
        with program_transaction(program_id):
            waiting = list_waiting_imports(program_id)
        if not waiting:
            return done
        _work(program_id, waiting[0])
        done += 1


def _work(program_id: UUID, import_: Import) -> None:
    match import_.state:
        case _ if import_.is_surveyed:
            _survey(program_id, import_)
        case ImportState.TRYING:
            _try(program_id, import_)
        case ImportState.UNDOING:
            _undo(program_id, import_)
        case _:
            try:
                run_import(program_id, import_.id)
            except MovedOn:
                _log.warning("import %s was gone on with by somebody else", import_.id)
                _leave(program_id, import_, ImportState.STOPPED, fault="somebody else went on with it")


def _try(program_id: UUID, import_: Import) -> None:
    fault = ""
    try:
        try_import(program_id, import_.id)
    except CANNOT_BE_READ as error:
        fault = str(error)
    _leave(program_id, import_, ImportState.READY, fault=fault)


def _survey(program_id: UUID, import_: Import) -> None:
    try:
        found: object | None = msgspec.to_builtins(survey(program_id, import_.id))
    except WrongState:
        found = None
    with program_transaction(program_id):
        lock_import(program_id, import_.id)
        save_survey(program_id, import_.id, found)


def _undo(program_id: UUID, import_: Import) -> None:
    when_used: WhenUsed = msgspec.convert(import_.when_used or "refuse", WhenUsed)
    try:
        undo(program_id, import_.id, when_used=when_used)
    except UsedMeanwhile as error:
        # Where nothing was undone yet it is as it was; else it stands half undone, and says so.
        _leave(program_id, import_, ImportState.STOPPED if import_.undone_until else ImportState.DONE, fault=str(error))


def _leave(program_id: UUID, import_: Import, state: ImportState, *, fault: str) -> None:
    with program_transaction(program_id):
        lock_import(program_id, import_.id)
        set_state(program_id, import_.id, state, fault=fault, ended_at=datetime.now(UTC))
