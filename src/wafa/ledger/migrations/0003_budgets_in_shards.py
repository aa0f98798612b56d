from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart, leave_room_for_updates


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_lots_that_wait")]

    operations = [
        migrations.CreateModel(
            name="BudgetShard",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "budget",
                        "shard",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("budget", models.TextField()),
                ("shard", models.SmallIntegerField()),
                ("most", models.BigIntegerField()),
                ("share", models.BigIntegerField()),
                ("used", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used__gte", 0), ("used__lte", models.F("share"))),
                        name="ledger_budgetshard_used",
                    ),
                ],
            },
        ),
        leave_room_for_updates("ledger_budgetshard", fillfactor=50),
        keep_programs_apart("ledger_budgetshard"),
    ]
