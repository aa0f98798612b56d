"""Tables of the books. Foreign keys would cost them a third of their speed: `wafa ledger verify` looks instead."""

from typing import get_args

from django.db import models
from django.db.models import F, Q

from wafa.core.books import Account, ObligationKind
from wafa.core.spec import PROGRAM
from wafa.core.standing import POCKETS
from wafa.kit.tables import OfProgram

_ACCOUNTS = [int(account) for account in Account]
_POCKETS = [int(pocket) for pocket in POCKETS]


class Journal(OfProgram):
    """One event in the books of one member; never changed. `key` names its cause, `id` sorts by when it happened.

    `grants` are the GrantChanges it made, where it made any; `digest` tells the same content from other content.
    """

    kind = models.TextField()
    key = models.TextField()
    member_id = models.UUIDField()
    version = models.IntegerField(null=True)
    rule = models.TextField(null=True)  # noqa: DJ001 - a journal of no rule is not one of the rule ''
    cause_id = models.UUIDField(null=True)
    why = models.JSONField()
    grants = models.JSONField(null=True)
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program_id", "key"], name="ledger_journal_key_once")]

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """`amount` of `unit` from one account to another: one row, so it balances by construction. Never changed.

    One that names a lot is a draw on it, or puts something in.
    """

    pk = models.CompositePrimaryKey("program_id", "member_id", "journal_id", "line")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    journal_id = models.UUIDField()
    line = models.SmallIntegerField()
    unit = models.TextField()
    from_account = models.SmallIntegerField()
    to_account = models.SmallIntegerField()
    amount = models.BigIntegerField()
    lot_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_posting_amount"),
            models.CheckConstraint(
                condition=Q(from_account__in=_ACCOUNTS, to_account__in=_ACCOUNTS) & ~Q(from_account=F("to_account")),
                name="ledger_posting_accounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


class Lot(OfProgram):
    """What one accrual granted and what is left of it (`wafa.core.books.Lot`), opened by the journal `journal_id`.

    `due_at` is the next moment at which the clock has to act on it; null when there is none. `let_go_at` is when it was
    last booked that something of it was let go. A lot that `waits_for` something has no dates before it happened.
    """

    member_id = models.UUIDField()
    journal_id = models.UUIDField()
    unit = models.TextField()
    rule = models.TextField()
    version = models.IntegerField()
    cause_id = models.UUIDField(null=True)
    granted = models.BigIntegerField()
    remaining = models.BigIntegerField()
    pocket = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    matures_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    claimable_until = models.DateTimeField(null=True)
    corrected = models.BigIntegerField()
    clawed_back = models.BigIntegerField()
    forgiven = models.BigIntegerField()
    expired = models.BigIntegerField()
    reinstated = models.BigIntegerField()
    let_go = models.BigIntegerField(db_default=0)
    waits_for = models.TextField(null=True)  # noqa: DJ001 - most lots wait for nothing
    due_at = models.DateTimeField(null=True)
    let_go_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("granted")), name="ledger_lot_remaining"
            ),
            models.CheckConstraint(condition=Q(pocket__in=_POCKETS), name="ledger_lot_pocket"),
            models.CheckConstraint(
                condition=Q(corrected__gte=0, corrected__lte=F("granted")), name="ledger_lot_corrected"
            ),
            models.CheckConstraint(
                condition=Q(clawed_back__gte=0, clawed_back__lte=F("granted")), name="ledger_lot_clawed_back"
            ),
            models.CheckConstraint(
                condition=Q(forgiven__gte=0, forgiven__lte=F("granted")), name="ledger_lot_forgiven"
            ),
            models.CheckConstraint(condition=Q(expired__gte=0, expired__lte=F("granted")), name="ledger_lot_expired"),
            models.CheckConstraint(condition=Q(reinstated__gte=0), name="ledger_lot_reinstated"),
            models.CheckConstraint(condition=Q(let_go__gte=0, let_go__lte=F("corrected")), name="ledger_lot_let_go"),
        ]
        indexes = [
            models.Index(fields=["program_id", "member_id"], name="ledger_lot_by_member"),
            models.Index(fields=["program_id", "due_at"], condition=Q(due_at__isnull=False), name="ledger_lot_due"),
        ]

    def __str__(self) -> str:
        return str(self.id)


_KEPT = ("claimable", "pending", "available", "held")
_GONE = ("redeemed", "breakage", "clawed_back")
_SIGNED = ("transferred",)


class Balance(models.Model):
    """Pockets and running totals of one member in one unit, kept in the transaction of each posting.

    `transferred` is what went to other members less what came from them. It may be below zero, and so may `issued`,
    where staff took units whose grant was taken back as well; the others are not.
    """

    pk = models.CompositePrimaryKey("program_id", "member_id", "unit")
    program_id = models.UUIDField()
    member_id = models.UUIDField()
    unit = models.TextField()
    claimable = models.BigIntegerField()
    pending = models.BigIntegerField()
    available = models.BigIntegerField()
    held = models.BigIntegerField()
    debt = models.BigIntegerField()
    issued = models.BigIntegerField()
    redeemed = models.BigIntegerField()
    breakage = models.BigIntegerField()
    clawed_back = models.BigIntegerField()
    transferred = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            *(
                models.CheckConstraint(condition=Q(**{f"{column}__gte": 0}), name=f"ledger_balance_{column}")
                for column in (*_KEPT, *_GONE, "debt")
            ),
            models.CheckConstraint(
                condition=Q(issued=sum((F(c) for c in (*_KEPT, *_GONE[1:], *_SIGNED)), F(_GONE[0])) - F("debt")),
                name="ledger_balance_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["program_id", "member_id"], condition=Q(debt__gt=0), name="ledger_balance_owing"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} of {self.member_id}"


class BudgetShard(models.Model):
    """A part of what all members together may be granted, for one batch at a time to take from (`ledger/budgets.py`).

    `budget` names a rule, what it counts and a period; it holds `most` in all shards. `used` of this one's `share` was
    promised by journals, which name the budget in their `why`.
    """

    pk = models.CompositePrimaryKey("program_id", "budget", "shard")
    program_id = models.UUIDField()
    budget = models.TextField()
    shard = models.SmallIntegerField()
    most = models.BigIntegerField()
    share = models.BigIntegerField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0, used__lte=F("share")), name="ledger_budgetshard_used")
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.shard}"


_KINDS = get_args(ObligationKind)


class Obligation(OfProgram):
    """`debtor` owes `creditor` so much more (`wafa.core.books.Obligation`); never changed. `key` names its cause.

    `journal_id` and `version` are those of the member's journal that it is for; null for a payment. Of a payment it is
    known who recorded it (`by`), with a `note`.
    """

    key = models.TextField()
    kind = models.TextField()
    debtor = models.TextField()
    creditor = models.TextField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    unit = models.TextField(null=True)  # noqa: DJ001 - a payment is for no units
    units = models.BigIntegerField()
    version = models.IntegerField(null=True)
    journal_id = models.UUIDField(null=True)
    lot_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    by = models.TextField(blank=True, db_default="")
    note = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_id", "key"], name="ledger_obligation_key_once"),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="ledger_obligation_kind"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0, units__gte=0), name="ledger_obligation_amount"),
            models.CheckConstraint(
                condition=(Q(debtor=PROGRAM) | Q(creditor=PROGRAM)) & ~Q(debtor=F("creditor")),
                name="ledger_obligation_sides",
            ),
            models.CheckConstraint(
                condition=Q(kind="paid", journal_id=None) | (~Q(kind="paid") & Q(journal_id__isnull=False)),
                name="ledger_obligation_cause",
            ),
        ]
        indexes = [models.Index(fields=["program_id", "booked_at"], name="ledger_obligation_by_booking")]

    def __str__(self) -> str:
        return f"{self.debtor} owes {self.creditor}"


class Closing(models.Model):
    """What a partner owed by all that was booked before `until` (UTC), signed as an account is; never changed.

    Every account that anything was ever booked on has one at each of these moments, so nobody adds up all of its past.
    """

    pk = models.CompositePrimaryKey("program_id", "until", "partner", "currency")
    program_id = models.UUIDField()
    until = models.DateTimeField()
    partner = models.TextField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.partner} until {self.until}"
