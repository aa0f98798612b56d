"""Histories brought into the program of a World."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from tests.world import BEGAN, World
from wafa.core.undo import WhenUsed
from wafa.flows.undo_import import Undoing
from wafa.imports.models import Import, Row
from wafa.imports.prepare import change_settings, keep_file, propose
from wafa.imports.queries import get_import
from wafa.imports.reading.columns import Kind
from wafa.imports.reading.dialect import SAMPLE
from wafa.jobs.imports.run import run_import
from wafa.jobs.imports.undo import survey, undo
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState
from wafa.programs.models import Program, Store

MOVED = BEGAN + timedelta(days=30)
"""When histories are brought in, unless told."""


class Histories:
    """Brings text in as a file, with a clock that stands still."""

    def __init__(self, world: World, *, store_id: UUID | None = None) -> None:
        self.world = world
        self.store_id = store_id or world.store_id

    def keep(self, text: str | bytes, kind: Kind = "members", **changes: Any) -> UUID:
        content = text if isinstance(text, bytes) else text.encode()
        program_id = self.world.program_id
        with program_transaction(program_id):
            program, store = Program.objects.get(id=program_id), Store.objects.get(id=self.store_id)
        proposal = propose(content[:SAMPLE], kind, program=program, store=store)
        with program_transaction(program_id):
            return keep_file(
                program_id,
                BytesIO(content),
                name="history.csv",
                kind=kind,
                settings=change_settings(proposal.settings, **changes),
                store_id=store.id,
                by="tests",
                at=MOVED,
            )

    def run(self, import_id: UUID, *, at: datetime = MOVED, batch: int = 3, **watch: Any) -> Import:
        return run_import(self.world.program_id, import_id, batch=batch, clock=_standing_at(at), **watch)

    def bring(self, text: str | bytes, kind: Kind = "members", *, at: datetime = MOVED, **changes: Any) -> Import:
        return self.run(self.keep(text, kind, **changes), at=at)

    def survey(self, import_id: UUID, *, at: datetime = MOVED) -> Undoing:
        return survey(self.world.program_id, import_id, batch=2, clock=_standing_at(at))

    def undo(self, import_id: UUID, *, when_used: WhenUsed = "refuse", at: datetime = MOVED) -> Undoing:
        return undo(self.world.program_id, import_id, when_used=when_used, batch=2, clock=_standing_at(at))

    def look(self, import_id: UUID) -> Import:
        with program_transaction(self.world.program_id):
            return get_import(self.world.program_id, import_id)

    def rows(self, import_id: UUID) -> list[Row]:
        with program_transaction(self.world.program_id):
            return list(Row.objects.filter(program_id=self.world.program_id, import_id=import_id).order_by("line"))

    def faults(self, import_id: UUID) -> list[tuple[int, str, str]]:
        return [(row.line, row.cell, row.fault) for row in self.rows(import_id) if row.fault]

    def members(self) -> list[str]:
        """The e-mails of members who are not forgotten."""
        with program_transaction(self.world.program_id):
            found = Member.objects.filter(program_id=self.world.program_id).exclude(state=MemberState.ERASED)
            return sorted(found.values_list("email", flat=True))


def _standing_at(at: datetime) -> Callable[[], datetime]:
    return lambda: at.astimezone(UTC)
