"""Tables of members."""

from django.db import models
from django.db.models.functions import Coalesce

from wafa.kit.tables import OfProgram


class MemberState(models.TextChoices):
    GUEST = "guest"
    MEMBER = "member"
    SUSPENDED = "suspended"
    ERASED = "erased"
    MERGED = "merged"


class Member(OfProgram):
    """A shopper in the program. A guest has ordered but not joined; what they earn waits to be claimed.

    `search_name` is folded (`wafa.members.fold`) and sorts lists. `told_at` is when a store account said the details
    that stand here, by the store's clock; it is empty where none did. Since `suspended_at` staff keeps the member from
    using what they have; `suspensions` repeats the times before, for what they did then may earn nothing. Whoever is
    merged is a name of the member `merged_into`, to whom everything went. Lists show `since` when they are a member, or
    known as a guest.
    """

    state = models.TextField(choices=MemberState.choices)
    name = models.TextField(blank=True)
    email = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    locale = models.TextField(blank=True)
    search_name = models.TextField(blank=True, db_collation="C")
    joined_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    suspensions = models.JSONField(null=True)
    merged_into = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    # A column, for behind row-level security no index is asked for a range of what is computed.
    since = models.GeneratedField(
        expression=Coalesce("joined_at", "created_at"), output_field=models.DateTimeField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=MemberState.values), name="members_member_state"),
            models.CheckConstraint(
                condition=~models.Q(state=MemberState.MEMBER) | models.Q(joined_at__isnull=False),
                name="members_member_joined",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=MemberState.SUSPENDED) | models.Q(suspended_at__isnull=False),
                name="members_member_suspended",
            ),
            models.CheckConstraint(
                condition=models.Q(state=MemberState.MERGED, merged_into__isnull=False)
                | ~models.Q(state=MemberState.MERGED) & models.Q(merged_into__isnull=True),
                name="members_member_merged",
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "search_name"], name="members_member_by_name"),
            models.Index(fields=["program_id", "joined_at"], name="members_member_by_joining"),
            # In the order of what lists show.
            models.Index(fields=["program_id", "since", "id"], name="members_member_since"),
            models.Index(
                fields=["program_id", "merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="members_member_merged_into",
            ),
            # Asked for every order, of those who are held.
            models.Index(
                fields=["program_id", "id"],
                condition=~models.Q(state=MemberState.MEMBER)
                | models.Q(suspended_at__isnull=False)
                | models.Q(suspensions__isnull=False),
                name="members_member_exceptional",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Suspension(OfProgram):
    """Staff suspended a member, and perhaps lifted it again: who, when and why."""

    member_id = models.UUIDField()
    since = models.DateTimeField()
    reason = models.TextField()
    by = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program_id", "member_id"],
                condition=models.Q(lifted_at__isnull=True),
                name="members_suspension_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} since {self.since}"


class Merge(OfProgram):
    """The member `absorbed_id` turned out to be `survivor_id`: who said so, when and why, and what went along.

    `taken` is a `merges.Taken`, for the undo; `state` is what the absorbed member was.
    """

    survivor_id = models.UUIDField()
    absorbed_id = models.UUIDField()
    state = models.TextField()
    taken = models.JSONField()
    reason = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program_id", "absorbed_id"],
                condition=models.Q(undone_at__isnull=True),
                name="members_merge_one_open",
            )
        ]
        indexes = [models.Index(fields=["program_id", "survivor_id"], name="members_merge_by_survivor")]

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.survivor_id}"


class Consent(OfProgram):
    """A member agreed to something of this `kind`, or does no more: when, and where (`source`). Only added to.

    Of the program's terms there is a `version`.
    """

    member_id = models.UUIDField()
    kind = models.TextField()
    given = models.BooleanField()
    version = models.IntegerField(null=True)
    source = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["program_id", "member_id"], name="members_consent_of_member")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}"


class Erasure(models.Model):
    """A member was forgotten: when, and who did it."""

    pk = models.CompositePrimaryKey("program_id", "member_id")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    at = models.DateTimeField()
    by = models.TextField()

    def __str__(self) -> str:
        return f"{self.member_id} at {self.at}"


class Likeness(models.Model):
    """Two members who share an identity of this kind and may be one person, the one with the lower id first.

    Staff merges them, or dismisses it.
    """

    pk = models.CompositePrimaryKey("program_id", "member_id", "other_id")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    other_id = models.UUIDField()
    kind = models.TextField()
    noticed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["program_id", "noticed_at"],
                condition=models.Q(settled_at__isnull=True),
                name="members_likeness_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} and {self.other_id}"


class Listed(models.Model):
    """A member whom staff put on a list: a segment of the program's document that has no conditions."""

    pk = models.CompositePrimaryKey("program_id", "segment", "member_id")
    program_id = models.UUIDField()
    segment = models.TextField()
    member_id = models.UUIDField()
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["program_id", "member_id"], name="members_listed_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.segment}"


class IdentityKind(models.TextChoices):
    STORE_CUSTOMER = "store_customer"
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"


class Identity(OfProgram):
    """One way by which a member is recognised: a store's customer (`<store code>:<its id>`), e-mail, phone or card."""

    kind = models.TextField(choices=IdentityKind.choices)
    value = models.TextField()
    member_id = models.UUIDField()
    member = models.ForeignObject(
        Member,
        on_delete=models.DO_NOTHING,
        from_fields=("program_id", "member_id"),
        to_fields=("program_id", "id"),
        related_name="identities",
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "kind", "value"], name="members_identity_once"),
            models.CheckConstraint(condition=models.Q(kind__in=IdentityKind.values), name="members_identity_kind"),
        ]
        indexes = [models.Index(fields=["program_id", "member_id"], name="members_identity_by_member")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}"


class Birthday(models.Model):
    """A member's birthday as it was typed, in its calendar. `told_at` is since when a store account says so."""

    pk = models.CompositePrimaryKey("program_id", "member_id")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    calendar = models.TextField()
    year = models.IntegerField(null=True)
    month = models.SmallIntegerField()
    day = models.SmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["program_id", "calendar", "month", "day"], name="members_birthday_by_day")]

    def __str__(self) -> str:
        return f"the birthday of {self.member_id}"


class Answer(models.Model):
    """What a member answered to a field of the program's profile, and since when; no value where they took it back."""

    pk = models.CompositePrimaryKey("program_id", "member_id", "field")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    field = models.TextField()
    value = models.JSONField(null=True)
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.field} of {self.member_id}"


class Word(models.Model):
    """A folded word of a member's name or e-mail, by whose beginning they are found; written with the member.

    In C order and searched as ranges, which the key serves under row-level security, as it does not serve LIKE.
    """

    pk = models.CompositePrimaryKey("program_id", "word", "member_id")
    program_id = models.UUIDField()
    word = models.TextField(db_collation="C")
    member_id = models.UUIDField()

    def __str__(self) -> str:
        return f"a word of {self.member_id}"


class Qualifying(models.Model):
    """What one order counts for tiers (`wafa.core.tiers.record.Entry`), as its latest snapshot says.

    `tier` is the one that counted for the order when it was first booked.
    """

    pk = models.CompositePrimaryKey("program_id", "member_id", "cause_id")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    cause_id = models.UUIDField()
    at = models.DateTimeField()
    spend_minor = models.BigIntegerField()
    units = models.BigIntegerField()
    orders = models.BigIntegerField()
    referrals = models.BigIntegerField()
    tier = models.TextField(null=True)  # noqa: DJ001 - many orders are bought in no tier
    losses = models.JSONField()

    def __str__(self) -> str:
        return f"what {self.cause_id} counts"


class Appointment(OfProgram):
    """A tier that staff gave a member (`wafa.core.tiers.record.Appointment`)."""

    member_id = models.UUIDField()
    kind = models.TextField()
    tier = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.TextField()
    by = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["program_id", "member_id"], name="members_appointment_of_member")]

    def __str__(self) -> str:
        return f"{self.tier} for {self.member_id}"


class TierStanding(models.Model):
    """A step of a member on the ladder (`wafa.core.tiers.record.Step`), the first at `place` 0: the last is current.

    `booked_at` is when it was written down. Nothing of it changes but `is_current`.
    """

    pk = models.CompositePrimaryKey("program_id", "member_id", "place")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    place = models.IntegerField()
    before = models.TextField(null=True)  # noqa: DJ001 - the first step comes from no tier
    tier = models.TextField(null=True)  # noqa: DJ001 - a member may fall to no tier
    why = models.JSONField()
    version = models.IntegerField(null=True)
    at = models.DateTimeField()
    kept_until = models.DateTimeField(null=True)
    review_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField()
    is_current = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program_id", "member_id"],
                condition=models.Q(is_current=True),
                name="members_tierstanding_current_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["program_id", "review_at"],
                condition=models.Q(is_current=True, review_at__isnull=False),
                name="members_tierstanding_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} since {self.at}"
