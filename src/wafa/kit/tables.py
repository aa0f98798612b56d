"""What every table of a program has in common: its key, and the policy that keeps programs apart."""

from django.db import models
from django.db.migrations import RunSQL

from wafa.kit.ids import new_id

POLICY = "of_this_program"
_THIS_PROGRAM = "program_id = nullif(current_setting('wafa.program_id', true), '')::uuid"


class OfProgram(models.Model):
    """A row of one program. Its key starts with the program, so that all of a program may lie on one shard."""

    pk = models.CompositePrimaryKey("program_id", "id")
    program_id = models.UUIDField()
    id = models.UUIDField(default=new_id)

    class Meta:
        abstract = True


def keep_programs_apart(table: str) -> RunSQL:
    """A migration's step: no row of another program can be read or written, whatever a query forgets.

    FORCE binds the owner of the table too. Without `program_transaction` there is no program, and so there are no rows.
    """
    return RunSQL(
        sql=[
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY {POLICY} ON "{table}" USING ({_THIS_PROGRAM}) WITH CHECK ({_THIS_PROGRAM})',
        ],
        reverse_sql=[
            f'DROP POLICY {POLICY} ON "{table}"',
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ],
    )


def leave_room_for_updates(table: str, *, fillfactor: int) -> RunSQL:
    """A migration's step: pages are filled to `fillfactor` percent, so a changed row finds room beside its old self."""
    return RunSQL(
        sql=f'ALTER TABLE "{table}" SET (fillfactor = {fillfactor})',
        reverse_sql=f'ALTER TABLE "{table}" RESET (fillfactor)',
    )
