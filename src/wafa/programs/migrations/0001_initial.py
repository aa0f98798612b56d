import django.db.models.deletion
from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("name", models.TextField()),
                ("secret_sha256", models.BinaryField()),
                ("scopes", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("url", models.TextField()),
                ("secret_encrypted", models.TextField()),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Program",
            fields=[
                ("id", models.UUIDField(default=wafa.kit.ids.new_id, primary_key=True, serialize=False)),
                ("slug", models.TextField()),
                ("name", models.TextField()),
                ("currency", models.TextField()),
                ("locale", models.TextField()),
                ("digits", models.TextField()),
                ("calendar", models.TextField()),
                ("time_zone", models.TextField()),
                ("colour", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("slug",), name="programs_program_slug_once")],
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("code", models.TextField()),
                ("connector", models.TextField()),
                ("name", models.TextField()),
                ("currency", models.TextField()),
                ("exponent", models.SmallIntegerField(null=True)),
                ("country", models.TextField()),
                ("url", models.TextField()),
                ("secret_encrypted", models.TextField()),
                ("credentials_encrypted", models.TextField()),
                ("polled_until", models.DateTimeField(null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "code"), name="programs_store_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("number", models.IntegerField()),
                ("effective_from", models.DateTimeField()),
                ("spec", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "number"), name="programs_version_number_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="programs_version_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "user_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("role", models.TextField()),
                ("added_at", models.DateTimeField()),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="programs.program"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user_id"], name="programs_staff_by_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "manager", "viewer"])), name="programs_staff_role"
                    )
                ],
            },
        ),
        keep_programs_apart("programs_version"),
        keep_programs_apart("programs_store"),
        keep_programs_apart("programs_apikey"),
        keep_programs_apart("programs_endpoint"),
    ]
