"""Tables of recorded activities."""

from django.db import models

from wafa.kit.tables import OfProgram


class Order(OfProgram):
    """An order as it was last told. `snapshot` is the whole of it; the other columns repeat what is listed and sought.

    `as_of`, `placed_at` and `paid_at` are the store's times, `first_seen_at` and `last_seen_at` ours: when
    any store told of it. What an import tells later is no word of a store. `decided_at` is ours too: when we first knew
    both that it was paid and whose it was.
    `member_facts` is what was known of the member when the order was first decided, where its program asked for that.
    """

    store_id = models.UUIDField()
    external_id = models.TextField()
    member_id = models.UUIDField(null=True)
    number = models.TextField(blank=True)
    status = models.TextField()
    currency = models.TextField()
    total_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField()
    snapshot = models.JSONField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    member_facts = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "store_id", "external_id"], name="activities_order_once")
        ]
        indexes = [models.Index(fields=["program_id", "member_id", "placed_at"], name="activities_order_by_member")]

    def __str__(self) -> str:
        return self.number or self.external_id


class Activity(OfProgram):
    """What a member did beside ordering, as it was first told. `told` is the whole of it, a MemberActivity.

    `store` is a store's code, empty where the program found it by itself. `occurred_at` is the store's time,
    `received_at` ours.
    """

    member_id = models.UUIDField()
    store = models.TextField(blank=True)
    kind = models.TextField()
    key = models.TextField()
    told = models.JSONField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "store", "kind", "key"], name="activities_activity_once")
        ]
        indexes = [
            models.Index(fields=["program_id", "member_id", "occurred_at"], name="activities_activity_by_member")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class CelebratedDay(models.Model):
    """A day whose birthdays and membership anniversaries are all recorded."""

    pk = models.CompositePrimaryKey("program_id", "day")
    program_id = models.UUIDField()
    day = models.DateField()
    celebrated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day}"
