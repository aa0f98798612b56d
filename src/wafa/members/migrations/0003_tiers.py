from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_lists_of_members"),
    ]

    operations = [
        migrations.CreateModel(
            name="Qualifying",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "member_id",
                        "cause_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("cause_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("spend_minor", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("orders", models.BigIntegerField()),
                ("referrals", models.BigIntegerField()),
                ("tier", models.TextField(null=True)),
                ("losses", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Appointment",
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
                ("kind", models.TextField()),
                ("tier", models.TextField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
                ("by", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "member_id"], name="members_appointment_of_member")],
            },
        ),
        migrations.CreateModel(
            name="TierStanding",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "member_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("before", models.TextField(null=True)),
                ("tier", models.TextField(null=True)),
                ("why", models.JSONField()),
                ("version", models.IntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("kept_until", models.DateTimeField(null=True)),
                ("review_at", models.DateTimeField(null=True)),
                ("booked_at", models.DateTimeField()),
                ("is_current", models.BooleanField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_current", True), ("review_at__isnull", False)),
                        fields=["program_id", "review_at"],
                        name="members_tierstanding_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("program_id", "member_id"),
                        name="members_tierstanding_current_once",
                    )
                ],
            },
        ),
        keep_programs_apart("members_qualifying"),
        keep_programs_apart("members_appointment"),
        keep_programs_apart("members_tierstanding"),
    ]
