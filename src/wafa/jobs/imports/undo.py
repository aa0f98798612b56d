"""Undoing an import, or saying what that would do: so many members at a time, each batch a transaction of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from wafa.core.undo import WhenUsed
from wafa.flows.undo_import import Past, Undoing, UsedMeanwhile, survey_undoing, undo_import
from wafa.imports.models import Import, ImportState
from wafa.imports.operations import drop_rows, expect_state, lock_import, set_state
from wafa.imports.queries import get_import, list_members_brought, load_brought
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction

BATCH = 1_000
_UNDOABLE = (ImportState.DONE, ImportState.STOPPED, ImportState.RUNNING, ImportState.QUEUED, ImportState.UNDOING)


def _now() -> datetime:
    return datetime.now(UTC)


def survey(program_id: UUID, import_id: UUID, *, batch: int = BATCH, clock: Callable[[], datetime] = _now) -> Undoing:
    """What undoing an import would do now. Raises WrongState where there is nothing to undo."""
    told = Undoing()
    after: UUID | None = None
    while True:
        with program_transaction(program_id):
            import_ = get_import(program_id, import_id)
            expect_state(import_, *_UNDOABLE)
            members = list_members_brought(program_id, import_id, after=after, limit=batch)
            if not members:
                return told
            brought = load_brought(program_id, import_id, members)
            told.add(survey_undoing(program_id, _past(import_), brought, at=clock()))
        after = members[-1]


def undo(
    program_id: UUID,
    import_id: UUID,
    *,
    when_used: WhenUsed,
    on_progress: Callable[[Undoing], None] = lambda _: None,
    batch: int = BATCH,
    clock: Callable[[], datetime] = _now,
) -> Undoing:
    """Undo an import to its end, or on from where undoing was. Raises WrongState.

    With `when_used` refuse it is looked first whether anything was used meanwhile: then UsedMeanwhile is raised, with
    nothing changed. Where something is used while it is being undone, it stops there.
    """
    if when_used == "refuse" and (used := sum(survey(program_id, import_id, batch=batch, clock=clock).used.values())):
        raise UsedMeanwhile(used)
    with program_transaction(program_id):
        held = lock_import(program_id, import_id)
        expect_state(held, *_UNDOABLE)
        set_state(program_id, import_id, ImportState.UNDOING, ended_at=None)
    told = Undoing()
    while (done := _undo_batch(program_id, import_id, when_used, batch, clock())) is not None:
        told.add(done)
        on_progress(told)
    return told


@retried
def _undo_batch(program_id: UUID, import_id: UUID, when_used: WhenUsed, batch: int, at: datetime) -> Undoing | None:
    """Undo what the next members got; None where none are left, and then it is undone."""
    with program_transaction(program_id):
        held = lock_import(program_id, import_id)
        expect_state(held, ImportState.UNDOING, ImportState.UNDONE)
        # Where members were merged meanwhile, what came by the import may be with somebody whose turn has been.
        members = list_members_brought(
            program_id, import_id, after=held.undone_until, limit=batch
        ) or list_members_brought(program_id, import_id, after=None, limit=batch)
        if not members:
            drop_rows(program_id, import_id)
            set_state(program_id, import_id, ImportState.UNDONE, ended_at=at)
            return None
        done = undo_import(
            program_id, _past(held), load_brought(program_id, import_id, members), when_used=when_used, at=at
        )
        set_state(program_id, import_id, ImportState.UNDOING, undone_until=members[-1])
        return done


def _past(import_: Import) -> Past:
    return Past(import_id=import_.id, name=import_.name)
