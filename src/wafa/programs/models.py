"""Tables of programs. `Program` and `Staff` are global: they say which programs there are and who may enter them."""

from django.db import models

from wafa.kit.ids import new_id
from wafa.kit.tables import OfProgram


class Program(models.Model):
    """One loyalty program and how its pages look. What decides about value is in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id)
    slug = models.TextField()
    name = models.TextField()
    currency = models.TextField()
    locale = models.TextField()
    digits = models.TextField()
    calendar = models.TextField()
    time_zone = models.TextField()
    colour = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug"], name="programs_program_slug_once")]

    def __str__(self) -> str:
        return self.slug


class Staff(models.Model):
    """Who may enter a program's console, and as what. `user_id` is of the sign-in's table, which knows no programs."""

    pk = models.CompositePrimaryKey("program_id", "user_id")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, db_index=False)
    user_id = models.BigIntegerField()
    role = models.TextField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "manager", "viewer"]), name="programs_staff_role"
            )
        ]
        indexes = [models.Index(fields=["user_id"], name="programs_staff_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.program_id}"


class Draft(OfProgram):
    """What may become the next version: one a program. `based_on` is the newest version when it was begun."""

    spec = models.JSONField()
    based_on = models.IntegerField(null=True)
    saved_at = models.DateTimeField()
    saved_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id"], name="programs_draft_once")]

    def __str__(self) -> str:
        return f"draft on version {self.based_on}"


class Version(OfProgram):
    """A published ProgramSpec. It never changes; `effective_from` (UTC) is when it begins to decide.

    One that was withdrawn before that never does.
    """

    number = models.IntegerField()
    effective_from = models.DateTimeField()
    spec = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "number"], name="programs_version_number_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="programs_version_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Store(OfProgram):
    """A connected shop. `exponent` overrides ISO 4217 where the shop keeps another number of decimals.

    Its secret and credentials are sealed (`wafa.kit.secrets`). `polled_until` is how far the reconciling poll has read.
    """

    code = models.TextField()
    connector = models.TextField()
    name = models.TextField()
    currency = models.TextField()
    exponent = models.SmallIntegerField(null=True)
    country = models.TextField()
    url = models.TextField()
    secret_encrypted = models.TextField()
    credentials_encrypted = models.TextField()
    polled_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "code"], name="programs_store_code_once")]

    def __str__(self) -> str:
        return self.code


class ApiKey(OfProgram):
    """A key to the API. Only the SHA-256 of its secret is kept: the token is shown once, when it is made.

    A `partner`'s key has no scopes: it opens the addresses of partners, and of those what is that partner's.
    """

    name = models.TextField()
    secret_sha256 = models.BinaryField()
    scopes = models.JSONField()
    partner = models.TextField(db_default="")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Endpoint(OfProgram):
    """Where the program sends its own webhooks. The secret that signs them is sealed."""

    url = models.TextField()
    secret_encrypted = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url
