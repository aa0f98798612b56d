"""Tables of imports."""

from django.db import models
from django.db.models import Q

from wafa.kit.tables import OfProgram


class ImportKind(models.TextChoices):
    """What a history tells: people with what they have, or orders."""

    MEMBERS = "members"
    ORDERS = "orders"


class ImportSource(models.TextChoices):
    FILE = "file"
    STORE = "store"


class ImportState(models.TextChoices):
    """Where an import stands.

    `ready` to be tried and run; `trying` for a worker's dry run; `queued` for a worker, which may have begun; `running`
    at a terminal; `stopped` by a fault, to be run on or undone; `refused` as a whole, so that nothing was booked;
    `done`; `undoing` and `undone`.
    """

    READY = "ready"
    TRYING = "trying"
    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    REFUSED = "refused"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


STARTED_FROM = (ImportState.READY, ImportState.STOPPED, ImportState.REFUSED)
"""From these an import is run."""

UNDONE_FROM = (ImportState.DONE, ImportState.STOPPED, ImportState.UNDOING)
"""From these it is undone, once nobody runs it."""


class Import(OfProgram):
    """A history that is, was or can be brought in. `settings` say how it is read (`wafa.imports.settings`).

    `key` is a name of their own by which another system prepared it, once. `lines` is how many lines there are as far
    as it is known, `at_line` the last one that is through; `taken`, `known` and `refused` count what came of rows.
    `undone_until` is the member whom undoing has gone through last, in the order of ids, and `when_used` what becomes
    of units that were used. `report` is what a dry run found, `fault` why it stopped. `survey` is what undoing it would
    do, as a worker found it; somebody asked `survey_asked_at`.
    """

    kind = models.TextField(choices=ImportKind.choices)
    source = models.TextField(choices=ImportSource.choices)
    name = models.TextField()
    key = models.TextField(blank=True, db_default="")
    store_id = models.UUIDField(null=True)
    settings = models.JSONField()
    state = models.TextField(choices=ImportState.choices)
    lines = models.BigIntegerField()
    at_line = models.BigIntegerField()
    taken = models.BigIntegerField()
    known = models.BigIntegerField()
    refused = models.BigIntegerField()
    undone_until = models.UUIDField(null=True)
    when_used = models.TextField(blank=True)
    report = models.JSONField(null=True)
    survey = models.JSONField(null=True)
    survey_asked_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True)
    by = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="imports_import_state"),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="imports_import_kind"),
            models.UniqueConstraint(fields=["program_id", "key"], condition=~Q(key=""), name="imports_import_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @property
    def is_surveyed(self) -> bool:
        """Whether a worker has yet to find what undoing it would do."""
        return self.survey_asked_at is not None and self.survey is None


class FilePart(models.Model):
    """A part of the file of an import, the first at `place` 0. Whatever machine takes the import up, it is there."""

    pk = models.CompositePrimaryKey("program_id", "import_id", "place")
    program_id = models.UUIDField()
    import_id = models.UUIDField()
    place = models.IntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"part {self.place} of {self.import_id}"


class Row(models.Model):
    """What came of one row of a history, named by the line on which it begins.

    `enrolled` says that the member came by it, `order_id` that the order did; `lots` are those it opened and
    `appointment_id` the tier it gave. A row that was refused has a `fault`, in a column of the file that is its `cell`.
    """

    pk = models.CompositePrimaryKey("program_id", "import_id", "line")
    program_id = models.UUIDField()
    import_id = models.UUIDField()
    line = models.BigIntegerField()
    member_id = models.UUIDField(null=True)
    enrolled = models.BooleanField()
    order_id = models.UUIDField(null=True)
    lots = models.JSONField(null=True)
    appointment_id = models.UUIDField(null=True)
    cell = models.TextField(blank=True)
    fault = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["program_id", "import_id", "member_id"],
                condition=Q(member_id__isnull=False),
                name="imports_row_by_member",
            ),
            models.Index(
                fields=["program_id", "import_id", "line"], condition=~Q(fault=""), name="imports_row_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line} of {self.import_id}"
