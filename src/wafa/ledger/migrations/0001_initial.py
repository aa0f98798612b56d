import django.db.models.expressions
from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart, leave_room_for_updates


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "member_id", "unit", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("unit", models.TextField()),
                ("claimable", models.BigIntegerField()),
                ("pending", models.BigIntegerField()),
                ("available", models.BigIntegerField()),
                ("held", models.BigIntegerField()),
                ("debt", models.BigIntegerField()),
                ("issued", models.BigIntegerField()),
                ("redeemed", models.BigIntegerField()),
                ("breakage", models.BigIntegerField()),
                ("clawed_back", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("claimable__gte", 0)), name="ledger_balance_claimable"),
                    models.CheckConstraint(condition=models.Q(("pending__gte", 0)), name="ledger_balance_pending"),
                    models.CheckConstraint(condition=models.Q(("available__gte", 0)), name="ledger_balance_available"),
                    models.CheckConstraint(condition=models.Q(("held__gte", 0)), name="ledger_balance_held"),
                    models.CheckConstraint(condition=models.Q(("redeemed__gte", 0)), name="ledger_balance_redeemed"),
                    models.CheckConstraint(condition=models.Q(("breakage__gte", 0)), name="ledger_balance_breakage"),
                    models.CheckConstraint(
                        condition=models.Q(("clawed_back__gte", 0)), name="ledger_balance_clawed_back"
                    ),
                    models.CheckConstraint(condition=models.Q(("debt__gte", 0)), name="ledger_balance_debt"),
                    models.CheckConstraint(condition=models.Q(("issued__gte", 0)), name="ledger_balance_issued"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "issued",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        django.db.models.expressions.CombinedExpression(
                                                            models.F("redeemed"), "+", models.F("claimable")
                                                        ),
                                                        "+",
                                                        models.F("pending"),
                                                    ),
                                                    "+",
                                                    models.F("available"),
                                                ),
                                                "+",
                                                models.F("held"),
                                            ),
                                            "+",
                                            models.F("breakage"),
                                        ),
                                        "+",
                                        models.F("clawed_back"),
                                    ),
                                    "-",
                                    models.F("debt"),
                                ),
                            )
                        ),
                        name="ledger_balance_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Journal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("member_id", models.UUIDField()),
                ("version", models.IntegerField(null=True)),
                ("rule", models.TextField(null=True)),
                ("cause_id", models.UUIDField(null=True)),
                ("why", models.JSONField()),
                ("grants", models.JSONField(null=True)),
                ("occurred_at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
                ("digest", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("program_id", "key"), name="ledger_journal_key_once")],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("member_id", models.UUIDField()),
                ("journal_id", models.UUIDField()),
                ("unit", models.TextField()),
                ("rule", models.TextField()),
                ("version", models.IntegerField()),
                ("cause_id", models.UUIDField(null=True)),
                ("granted", models.BigIntegerField()),
                ("remaining", models.BigIntegerField()),
                ("pocket", models.SmallIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("matures_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("claimable_until", models.DateTimeField(null=True)),
                ("corrected", models.BigIntegerField()),
                ("clawed_back", models.BigIntegerField()),
                ("forgiven", models.BigIntegerField()),
                ("expired", models.BigIntegerField()),
                ("reinstated", models.BigIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program_id", "member_id"], name="ledger_lot_by_member"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["program_id", "due_at"],
                        name="ledger_lot_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("granted"))),
                        name="ledger_lot_remaining",
                    ),
                    models.CheckConstraint(condition=models.Q(("pocket__in", [2, 3, 4])), name="ledger_lot_pocket"),
                    models.CheckConstraint(
                        condition=models.Q(("corrected__gte", 0), ("corrected__lte", models.F("granted"))),
                        name="ledger_lot_corrected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("clawed_back__gte", 0), ("clawed_back__lte", models.F("granted"))),
                        name="ledger_lot_clawed_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("forgiven__gte", 0), ("forgiven__lte", models.F("granted"))),
                        name="ledger_lot_forgiven",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expired__gte", 0), ("expired__lte", models.F("granted"))),
                        name="ledger_lot_expired",
                    ),
                    models.CheckConstraint(condition=models.Q(("reinstated__gte", 0)), name="ledger_lot_reinstated"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "member_id",
                        "journal_id",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("journal_id", models.UUIDField()),
                ("line", models.SmallIntegerField()),
                ("unit", models.TextField()),
                ("from_account", models.SmallIntegerField()),
                ("to_account", models.SmallIntegerField()),
                ("amount", models.BigIntegerField()),
                ("lot_id", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="ledger_posting_amount"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_account__in", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
                            ("to_account__in", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
                            models.Q(("from_account", models.F("to_account")), _negated=True),
                        ),
                        name="ledger_posting_accounts",
                    ),
                ],
            },
        ),
        leave_room_for_updates("ledger_balance", fillfactor=70),
        leave_room_for_updates("ledger_lot", fillfactor=85),
        keep_programs_apart("ledger_journal"),
        keep_programs_apart("ledger_posting"),
        keep_programs_apart("ledger_lot"),
        keep_programs_apart("ledger_balance"),
    ]
