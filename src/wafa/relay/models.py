"""Tables of the relay. `pending` says that something is still to be done; flipped once, it keeps its index small."""

from django.db import models
from django.db.models import Q

from wafa.kit.fields import JSONText
from wafa.kit.tables import OfProgram


class DeliveryState(models.TextChoices):
    NEW = "new"
    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class Delivery(OfProgram):
    """One delivery of a store. `digest` is of topic and bytes: what a store sends twice is kept once.

    `waiting` is tried again at `next_attempt_at`; `parked` waits for a person, and `reason` tells them why.
    """

    store_id = models.UUIDField()
    topic = models.TextField()
    digest = models.BinaryField()
    state = models.TextField(choices=DeliveryState.choices)
    pending = models.BooleanField()
    reason = models.TextField(blank=True)
    attempts = models.IntegerField()
    received_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    drained_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "store_id", "digest"], name="relay_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="relay_delivery_state"),
            models.CheckConstraint(
                condition=Q(pending=Q(state__in=[DeliveryState.NEW, DeliveryState.WAITING])),
                name="relay_delivery_pending_state",
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "received_at"], condition=Q(pending=True), name="relay_delivery_due"),
            models.Index(
                fields=["program_id", "id"], condition=Q(state=DeliveryState.PARKED), name="relay_delivery_stuck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class DeliveryBody(models.Model):
    """The bytes as they came, and the headers without secrets. Apart from the delivery, because it is pruned."""

    pk = models.CompositePrimaryKey("program_id", "delivery_id")
    program_id = models.UUIDField()
    delivery_id = models.UUIDField()
    headers = JSONText()
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.delivery_id)


class CommandState(models.TextChoices):
    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"


class Command(OfProgram):
    """Our promise to act on the world outside, made in the transaction that caused it. `key` names the cause."""

    kind = models.TextField()
    key = models.TextField()
    payload = models.JSONField()
    state = models.TextField(choices=CommandState.choices)
    pending = models.BooleanField()
    attempts = models.IntegerField()
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "key"], name="relay_command_key_once"),
            models.CheckConstraint(condition=Q(state__in=CommandState.values), name="relay_command_state"),
            models.CheckConstraint(
                condition=Q(pending=Q(state=CommandState.PENDING)), name="relay_command_pending_state"
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "created_at"], condition=Q(pending=True), name="relay_command_due")
        ]

    def __str__(self) -> str:
        return self.key
