from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_budgets_in_shards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Obligation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("key", models.TextField()),
                ("kind", models.TextField()),
                ("debtor", models.TextField()),
                ("creditor", models.TextField()),
                ("currency", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("unit", models.TextField(null=True)),
                ("units", models.BigIntegerField()),
                ("version", models.IntegerField(null=True)),
                ("journal_id", models.UUIDField(null=True)),
                ("lot_id", models.UUIDField(null=True)),
                ("occurred_at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "booked_at"], name="ledger_obligation_by_booking")],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "key"), name="ledger_obligation_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("granted", "taken_back", "redeemed", "given_back", "paid"))),
                        name="ledger_obligation_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0), ("units__gte", 0)), name="ledger_obligation_amount"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("debtor", "program"), ("creditor", "program"), _connector="OR"),
                            models.Q(("debtor", models.F("creditor")), _negated=True),
                        ),
                        name="ledger_obligation_sides",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("journal_id", None), ("kind", "paid")),
                            models.Q(models.Q(("kind", "paid"), _negated=True), ("journal_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="ledger_obligation_cause",
                    ),
                ],
            },
        ),
        keep_programs_apart("ledger_obligation"),
    ]
