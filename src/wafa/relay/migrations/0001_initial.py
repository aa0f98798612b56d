from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DeliveryBody",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "delivery_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("delivery_id", models.UUIDField()),
                ("headers", models.JSONField()),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Command",
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
                ("payload", models.JSONField()),
                ("state", models.TextField(choices=[("pending", "Pending"), ("done", "Done"), ("parked", "Parked")])),
                ("pending", models.BooleanField()),
                ("attempts", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("pending", True)),
                        fields=["program_id", "created_at"],
                        name="relay_command_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "key"), name="relay_command_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "done", "parked"])), name="relay_command_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pending", models.Q(("state", "pending")))),
                        name="relay_command_pending_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                ("topic", models.TextField()),
                ("digest", models.BinaryField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("new", "New"),
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("ignored", "Ignored"),
                            ("parked", "Parked"),
                        ]
                    ),
                ),
                ("pending", models.BooleanField()),
                ("reason", models.TextField(blank=True)),
                ("attempts", models.IntegerField()),
                ("received_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("drained_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("pending", True)),
                        fields=["program_id", "received_at"],
                        name="relay_delivery_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "parked")),
                        fields=["program_id", "id"],
                        name="relay_delivery_stuck",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "store_id", "digest"), name="relay_delivery_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["new", "waiting", "done", "ignored", "parked"])),
                        name="relay_delivery_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pending", models.Q(("state__in", ["new", "waiting"])))),
                        name="relay_delivery_pending_state",
                    ),
                ],
            },
        ),
        keep_programs_apart("relay_delivery"),
        keep_programs_apart("relay_deliverybody"),
        keep_programs_apart("relay_command"),
    ]
