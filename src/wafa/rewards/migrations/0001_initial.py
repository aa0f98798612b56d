from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart, leave_room_for_updates


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("pool", models.TextField()),
                ("code", models.TextField()),
                ("code_hash", models.BinaryField()),
                ("redemption_id", models.UUIDField(null=True)),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("redemption_id", None)),
                        fields=["program_id", "pool", "id"],
                        name="rewards_code_free",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "pool", "code_hash"), name="rewards_code_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("redemption_id__isnull", False)),
                        fields=("program_id", "redemption_id"),
                        name="rewards_code_given_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Guess",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "who", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("who", models.TextField()),
                ("began_at", models.DateTimeField()),
                ("misses", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("misses__gte", 0)), name="rewards_guess_misses")
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
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
                ("key", models.TextField()),
                ("reward", models.TextField()),
                ("version", models.IntegerField()),
                ("unit", models.TextField(null=True)),
                ("units", models.BigIntegerField()),
                ("choice", models.TextField(blank=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("held", "Held"),
                            ("issued", "Issued"),
                            ("used", "Used"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ]
                    ),
                ),
                (
                    "fulfilment",
                    models.TextField(
                        choices=[("none", "None"), ("pending", "Pending"), ("done", "Done"), ("revoking", "Revoking")]
                    ),
                ),
                ("source", models.TextField()),
                ("by", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program_id", "member_id", "created_at"], name="rewards_redemption_by_member"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["program_id", "due_at"],
                        name="rewards_redemption_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "key"), name="rewards_redemption_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["held", "issued", "used", "expired", "cancelled", "failed"])),
                        name="rewards_redemption_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fulfilment__in", ["none", "pending", "done", "revoking"])),
                        name="rewards_redemption_fulfilment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("unit", None), ("units", 0)),
                            models.Q(("unit__isnull", False), ("units__gt", 0)),
                            _connector="OR",
                        ),
                        name="rewards_redemption_cost",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at", None), ("state__in", ["held", "issued"]), _connector="OR"),
                        name="rewards_redemption_due_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "reward", "shard", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("reward", models.TextField()),
                ("shard", models.SmallIntegerField()),
                ("taken", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("taken__gte", 0)), name="rewards_stock_taken")
                ],
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "redemption_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("redemption_id", models.UUIDField()),
                ("code", models.TextField()),
                ("code_hash", models.BinaryField()),
                ("issued_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("used_on", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "code_hash"), name="rewards_voucher_code_once")
                ],
            },
        ),
        keep_programs_apart("rewards_redemption"),
        keep_programs_apart("rewards_voucher"),
        keep_programs_apart("rewards_code"),
        keep_programs_apart("rewards_stock"),
        keep_programs_apart("rewards_guess"),
        leave_room_for_updates("rewards_redemption", fillfactor=85),
        leave_room_for_updates("rewards_stock", fillfactor=50),
    ]
