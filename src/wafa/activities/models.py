"""Tables of recorded activities."""

from django.db import models

from wafa.kit.tables import OfProgram


class Order(OfProgram):
    """An order as it was last told. `snapshot` is the whole of it; the other columns repeat what is listed and sought.

    `as_of`, `placed_at` and `paid_at` are the store's times, `first_seen_at` and `changed_at` ours.
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
    changed_at = models.DateTimeField()
    member_facts = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "store_id", "external_id"], name="activities_order_once")
        ]
        indexes = [models.Index(fields=["program_id", "member_id", "placed_at"], name="activities_order_by_member")]

    def __str__(self) -> str:
        return self.number or self.external_id
