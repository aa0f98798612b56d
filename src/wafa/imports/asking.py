"""What doors ask of a worker about an import: to try it, to run it, to look what undoing it would do, to undo it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from django.db import transaction

from wafa.core.undo import WhenUsed
from wafa.imports.models import STARTED_FROM, UNDONE_FROM, ImportState
from wafa.imports.operations import expect_state, lock_import, set_state
from wafa.kit.queue import RUN_IMPORTS, start_job

Wish = Literal["try", "run", "survey", "undo"]

_FROM: Mapping[Wish, tuple[ImportState, ...]] = {
    "try": (ImportState.READY, ImportState.REFUSED),
    "run": STARTED_FROM,
    "survey": UNDONE_FROM,
    "undo": UNDONE_FROM,
}
_BECOMES: Mapping[Wish, ImportState] = {
    "try": ImportState.TRYING,
    "run": ImportState.QUEUED,
    "undo": ImportState.UNDOING,
}


def ask_worker(program_id: UUID, import_id: UUID, wish: Wish, *, when_used: WhenUsed = "refuse", at: datetime) -> None:
    """Have a worker do something with an import once the transaction is through. Raises WrongState.

    With `undo`, `when_used` says what becomes of units that were used meanwhile.
    """
    held = lock_import(program_id, import_id)
    expect_state(held, *_FROM[wish])
    if wish == "survey":
        set_state(program_id, import_id, ImportState(held.state), survey=None, survey_asked_at=at)
    else:
        asked = {"fault": "", "ended_at": None, "survey": None, "survey_asked_at": None, "when_used": when_used}
        set_state(program_id, import_id, _BECOMES[wish], **asked)
    transaction.on_commit(partial(start_job, RUN_IMPORTS, program_id=program_id))
