"""Tables of redemptions, vouchers, stocks and codes."""

from django.db import models
from django.db.models import Q

from wafa.kit.tables import OfProgram


class RedemptionState(models.TextChoices):
    """The life of a redemption: held, then issued, then one of the others. Units go back from the last two."""

    HELD = "held"
    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Fulfilment(models.TextChoices):
    """Whether what was promised is there, apart from whether it is used."""

    NONE = "none"
    PENDING = "pending"
    DONE = "done"
    REVOKING = "revoking"


class Redemption(OfProgram):
    """One member's redemption of one reward of a version. `key` names it for whoever asked, `source` says who that was.

    `units` are what it cost, also where they went back. `due_at` is when the clock has to act: the end of a hold or of
    a voucher; null where there is none. `reason` is why it was cancelled or failed. `by` is the member of staff who
    granted it, and `note` why. `choice` is the product chosen.
    """

    member_id = models.UUIDField()
    key = models.TextField()
    reward = models.TextField()
    version = models.IntegerField()
    unit = models.TextField(null=True)  # noqa: DJ001 - a gift costs nothing, in no unit
    units = models.BigIntegerField()
    choice = models.TextField(blank=True)
    state = models.TextField(choices=RedemptionState.choices)
    fulfilment = models.TextField(choices=Fulfilment.choices)
    source = models.TextField()
    by = models.TextField(blank=True)
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "key"], name="rewards_redemption_key_once"),
            models.CheckConstraint(condition=Q(state__in=RedemptionState.values), name="rewards_redemption_state"),
            models.CheckConstraint(condition=Q(fulfilment__in=Fulfilment.values), name="rewards_redemption_fulfilment"),
            models.CheckConstraint(
                condition=Q(units=0, unit=None) | Q(units__gt=0, unit__isnull=False), name="rewards_redemption_cost"
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(state__in=["held", "issued"]), name="rewards_redemption_due_state"
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "member_id", "created_at"], name="rewards_redemption_by_member"),
            models.Index(
                fields=["program_id", "due_at"], condition=Q(due_at__isnull=False), name="rewards_redemption_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward}: {self.state}"


class Voucher(models.Model):
    """What an issued redemption is used with. It is found by `code_hash`, a keyed hash: `code` itself has no index.

    `used_at` and `used_on` (the order, as whoever told us names it) are empty until it is used.
    """

    pk = models.CompositePrimaryKey("program_id", "redemption_id")
    program_id = models.UUIDField()
    redemption_id = models.UUIDField()
    code = models.TextField()
    code_hash = models.BinaryField()
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_on = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "code_hash"], name="rewards_voucher_code_once")]

    def __str__(self) -> str:
        return f"voucher of {self.redemption_id}"


class Code(OfProgram):
    """A code of a pool, imported or generated ahead. It is handed out once: to `redemption_id`."""

    pool = models.TextField()
    code = models.TextField()
    code_hash = models.BinaryField()
    redemption_id = models.UUIDField(null=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "pool", "code_hash"], name="rewards_code_once"),
            models.UniqueConstraint(
                fields=["program_id", "redemption_id"],
                condition=Q(redemption_id__isnull=False),
                name="rewards_code_given_once",
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "pool", "id"], condition=Q(redemption_id=None), name="rewards_code_free")
        ]

    def __str__(self) -> str:
        return f"code of {self.pool}"


class Stock(models.Model):
    """How many of a reward were taken, in one of several rows: takers go round rows that others hold."""

    pk = models.CompositePrimaryKey("program_id", "reward", "shard")
    program_id = models.UUIDField()
    reward = models.TextField()
    shard = models.SmallIntegerField()
    taken = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="rewards_stock_taken")]

    def __str__(self) -> str:
        return f"{self.reward} {self.shard}"


class Gift(OfProgram):
    """Units that staff of `role` gave a member in the merchant's name: `by` whom, and why (`note`).

    `key` names it for whoever asked. The units themselves are in the books.
    """

    member_id = models.UUIDField()
    key = models.TextField()
    role = models.TextField()
    by = models.TextField()
    note = models.TextField()
    unit = models.TextField()
    units = models.BigIntegerField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "key"], name="rewards_gift_key_once"),
            models.CheckConstraint(condition=Q(units__gt=0), name="rewards_gift_units"),
        ]
        indexes = [models.Index(fields=["program_id", "role", "given_at"], name="rewards_gift_by_role")]

    def __str__(self) -> str:
        return f"{self.units} {self.unit} for {self.member_id}"


class Guess(models.Model):
    """How often `who` looked up a code that was none, since `began_at`."""

    pk = models.CompositePrimaryKey("program_id", "who")
    program_id = models.UUIDField()
    who = models.TextField()
    began_at = models.DateTimeField()
    misses = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(misses__gte=0), name="rewards_guess_misses")]

    def __str__(self) -> str:
        return f"{self.misses} misses"
