"""Tables of members."""

from django.db import models

from wafa.kit.tables import OfProgram


class MemberState(models.TextChoices):
    GUEST = "guest"
    MEMBER = "member"
    SUSPENDED = "suspended"
    ERASED = "erased"


class Member(OfProgram):
    """A shopper in the program. A guest has ordered but not joined; what they earn waits to be claimed.

    The two search columns hold folded text (`wafa.members.fold`) in C order: searched as ranges of prefixes, which
    an index serves under row-level security, as LIKE is not.
    """

    state = models.TextField(choices=MemberState.choices)
    name = models.TextField(blank=True)
    email = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    locale = models.TextField(blank=True)
    search_name = models.TextField(blank=True, db_collation="C")
    search_email = models.TextField(blank=True, db_collation="C")
    joined_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=MemberState.values), name="members_member_state"),
            models.CheckConstraint(
                condition=~models.Q(state=MemberState.MEMBER) | models.Q(joined_at__isnull=False),
                name="members_member_joined",
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "search_name"], name="members_member_by_name"),
            models.Index(fields=["program_id", "search_email"], name="members_member_by_email"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class IdentityKind(models.TextChoices):
    STORE_CUSTOMER = "store_customer"
    EMAIL = "email"
    PHONE = "phone"


class Identity(OfProgram):
    """One way by which a member is recognised: a store's customer (`<store code>:<its id>`), an e-mail or a phone."""

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
