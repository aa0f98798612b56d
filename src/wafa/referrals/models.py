"""Tables of referrals: codes, claims, who brought whom, and what was given for it."""

from typing import get_args

from django.db import models
from django.db.models import Q

from wafa.core.referrals.record import Source, State
from wafa.kit.tables import OfProgram


class Code(OfProgram):
    """What a member tells their friends. It is found by `code_hash`, a keyed hash, however it was typed.

    Its id is that of the member for whom it was made; after a merge `member_id` is another.
    """

    member_id = models.UUIDField()
    code = models.TextField()
    code_hash = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "code_hash"], name="referrals_code_once")]
        indexes = [models.Index(fields=["program_id", "member_id"], name="referrals_code_by_member")]

    def __str__(self) -> str:
        return f"code of {self.member_id}"


class Claim(OfProgram):
    """Somebody with this e-mail or phone follows an advocate, until then: whoever comes with it is their friend.

    `who_hash` is a keyed hash of the e-mail as its provider reads it, or of the phone: nothing else is kept of somebody
    who may never come.
    """

    who_hash = models.BinaryField()
    advocate_id = models.UUIDField()
    source = models.TextField()
    claimed_at = models.DateTimeField()
    until = models.DateTimeField()
    own_browser = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "who_hash", "advocate_id"], name="referrals_claim_once"),
            models.CheckConstraint(condition=Q(source__in=get_args(Source)), name="referrals_claim_source"),
        ]
        indexes = [
            models.Index(fields=["program_id", "advocate_id", "claimed_at"], name="referrals_claim_by_advocate"),
            models.Index(fields=["program_id", "until"], name="referrals_claim_by_end"),
        ]

    def __str__(self) -> str:
        return f"somebody follows {self.advocate_id}"


class Referral(OfProgram):
    """Who brought whom, and what became of it (`wafa.core.referrals.record.Referral`). A friend is brought once.

    `due_at` is when somebody has to look at it again; null where only a new fact would change anything.
    """

    advocate_id = models.UUIDField()
    friend_id = models.UUIDField()
    source = models.TextField()
    claimed_at = models.DateTimeField()
    until = models.DateTimeField()
    version = models.IntegerField()
    since = models.DateTimeField()
    state = models.TextField()
    order_id = models.UUIDField(null=True)
    has_counted = models.BooleanField()
    signals = models.JSONField()
    ruling = models.TextField(blank=True)
    counted_at = models.DateTimeField(null=True)
    own_browser = models.BooleanField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "friend_id"], name="referrals_referral_friend_once"),
            models.CheckConstraint(condition=Q(state__in=get_args(State)), name="referrals_referral_state"),
            models.CheckConstraint(condition=Q(source__in=get_args(Source)), name="referrals_referral_source"),
            models.CheckConstraint(condition=Q(ruling__in=["", "approve", "block"]), name="referrals_referral_ruling"),
            models.CheckConstraint(condition=~Q(advocate_id=models.F("friend_id")), name="referrals_referral_of_two"),
            models.CheckConstraint(
                condition=Q(counted_at=None) | Q(state="approved"), name="referrals_referral_counted_state"
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "advocate_id", "claimed_at"], name="referrals_referral_by_advocate"),
            models.Index(fields=["program_id", "state", "id"], name="referrals_referral_by_state"),
            models.Index(
                fields=["program_id", "due_at"], condition=Q(due_at__isnull=False), name="referrals_referral_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.friend_id} by {self.advocate_id}: {self.state}"


class Step(models.Model):
    """One step of a referral (`wafa.core.referrals.record.Step`), the first at `place` 0. It never changes."""

    pk = models.CompositePrimaryKey("program_id", "referral_id", "place")
    program_id = models.UUIDField()
    referral_id = models.UUIDField()
    place = models.IntegerField()
    kind = models.TextField()
    at = models.DateTimeField()
    booked_at = models.DateTimeField()
    about = models.JSONField()
    by = models.TextField(blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Given(OfProgram):
    """Something given for a referral (`wafa.core.referrals.record.Given`). `key` names it in the books, or the
    redemption that it is."""

    key = models.TextField()
    referral_id = models.UUIDField()
    member_id = models.UUIDField()
    side = models.TextField()
    version = models.IntegerField()
    at = models.DateTimeField()
    unit = models.TextField(null=True)  # noqa: DJ001 - a reward is in no unit
    units = models.BigIntegerField()
    reward = models.TextField(null=True)  # noqa: DJ001 - units are no reward
    milestone = models.IntegerField()
    friends = models.IntegerField()
    taken_back_at = models.DateTimeField(null=True)
    kept = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "key"], name="referrals_given_once")]
        indexes = [
            models.Index(fields=["program_id", "referral_id"], name="referrals_given_by_referral"),
            models.Index(fields=["program_id", "member_id", "side"], name="referrals_given_by_member"),
        ]

    def __str__(self) -> str:
        return self.key
