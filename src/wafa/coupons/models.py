"""Tables of codes, of whom they were handed to, of uses, and of how often and how much was used."""

from django.db import models
from django.db.models import Q

from wafa.kit.tables import OfProgram


class Code(OfProgram):
    """A unique code of a campaign, generated or imported; `used` is how often. It is found by `code_hash` alone.

    `written` says that stores were asked to know it.
    """

    campaign = models.TextField()
    code = models.TextField()
    code_hash = models.BinaryField()
    used = models.IntegerField()
    written = models.BooleanField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "code_hash"], name="coupons_code_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="coupons_code_used"),
        ]
        indexes = [models.Index(fields=["program_id", "campaign", "id"], name="coupons_code_of_campaign")]

    def __str__(self) -> str:
        return f"code of {self.campaign}"


class Handout(models.Model):
    """A code that was handed to a member, who alone can use it until `valid_until`.

    `key` names it for whoever asked, `source` says who that was. `by` is the member of staff who gave it, and `note`
    why.
    """

    pk = models.CompositePrimaryKey("program_id", "code_id")
    program_id = models.UUIDField()
    code_id = models.UUIDField()
    campaign = models.TextField()
    member_id = models.UUIDField()
    key = models.TextField()
    source = models.TextField()
    by = models.TextField(blank=True)
    note = models.TextField(blank=True)
    valid_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "key"], name="coupons_handout_key_once")]
        indexes = [
            models.Index(fields=["program_id", "member_id", "handed_at"], name="coupons_handout_by_member"),
            models.Index(fields=["program_id", "source", "handed_at"], name="coupons_handout_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} for {self.member_id}"


class UseState(models.TextChoices):
    """A coupon is used on an order until that is rolled back; then it can be used again."""

    USED = "used"
    ROLLED_BACK = "rolled_back"


class Use(OfProgram):
    """A coupon on an order: each campaign once. `used_on` is `<store code>:<the store's id of the order>`.

    `code_id` is null where all share a code, or where there is none. `who` names the shopper for limits: a member, or a
    keyed hash of what a stranger was known by; `member_id` is null for a stranger. `minor` of `currency` (with
    `exponent` decimals, where not those of ISO 4217) is what it took off, of which `budget_minor` of the program's
    currency was counted; `units` is what the member got. `beyond` says why a store should not have accepted it.
    """

    used_on = models.TextField()
    campaign = models.TextField()
    version = models.IntegerField()
    code_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    who = models.TextField(blank=True)
    state = models.TextField(choices=UseState.choices)
    minor = models.BigIntegerField()
    currency = models.TextField(blank=True)
    exponent = models.SmallIntegerField(null=True)
    budget_minor = models.BigIntegerField()
    units = models.BigIntegerField()
    source = models.TextField()
    beyond = models.TextField(blank=True)
    used_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "used_on", "campaign"], name="coupons_use_once"),
            models.CheckConstraint(condition=Q(state__in=UseState.values), name="coupons_use_state"),
            models.CheckConstraint(
                condition=Q(minor__gte=0, budget_minor__gte=0, units__gte=0), name="coupons_use_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "campaign", "used_at", "id"], name="coupons_use_of_campaign"),
            models.Index(
                fields=["program_id", "member_id", "used_at"],
                condition=Q(member_id__isnull=False),
                name="coupons_use_by_member",
            ),
            models.Index(
                fields=["program_id", "code_id"], condition=Q(code_id__isnull=False), name="coupons_use_of_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} on {self.used_on}"


class Tally(models.Model):
    """How often `who` uses a campaign that is limited for each member."""

    pk = models.CompositePrimaryKey("program_id", "campaign", "who")
    program_id = models.UUIDField()
    campaign = models.TextField()
    who = models.TextField()
    used = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(used__gte=0), name="coupons_tally_used")]

    def __str__(self) -> str:
        return f"{self.used} uses of {self.campaign}"


class Taken(models.Model):
    """What was taken of all that a campaign has (`thing`: its uses, or its budget), in one of several rows."""

    pk = models.CompositePrimaryKey("program_id", "thing", "shard")
    program_id = models.UUIDField()
    thing = models.TextField()
    shard = models.SmallIntegerField()
    taken = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="coupons_taken_taken")]

    def __str__(self) -> str:
        return f"{self.thing} {self.shard}"
