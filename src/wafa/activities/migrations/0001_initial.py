from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("store_id", models.UUIDField()),
                ("external_id", models.TextField()),
                ("member_id", models.UUIDField(null=True)),
                ("number", models.TextField(blank=True)),
                ("status", models.TextField()),
                ("currency", models.TextField()),
                ("total_minor", models.BigIntegerField()),
                ("refunded_minor", models.BigIntegerField()),
                ("placed_at", models.DateTimeField()),
                ("paid_at", models.DateTimeField(null=True)),
                ("as_of", models.DateTimeField()),
                ("snapshot", models.JSONField()),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program_id", "member_id", "placed_at"], name="activities_order_by_member")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program_id", "store_id", "external_id"), name="activities_order_once"
                    )
                ],
            },
        ),
        keep_programs_apart("activities_order"),
    ]
