import django.db.models.deletion
from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("guest", "Guest"),
                            ("member", "Member"),
                            ("suspended", "Suspended"),
                            ("erased", "Erased"),
                        ]
                    ),
                ),
                ("name", models.TextField(blank=True)),
                ("email", models.TextField(blank=True)),
                ("phone", models.TextField(blank=True)),
                ("locale", models.TextField(blank=True)),
                ("search_name", models.TextField(blank=True, db_collation="C")),
                ("joined_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "search_name"], name="members_member_by_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["guest", "member", "suspended", "erased"])),
                        name="members_member_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "member"), _negated=True), ("joined_at__isnull", False), _connector="OR"
                        ),
                        name="members_member_joined",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                (
                    "kind",
                    models.TextField(
                        choices=[("store_customer", "Store Customer"), ("email", "Email"), ("phone", "Phone")]
                    ),
                ),
                ("value", models.TextField()),
                ("member_id", models.UUIDField()),
                ("added_at", models.DateTimeField()),
                (
                    "member",
                    models.ForeignObject(
                        from_fields=("program_id", "member_id"),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="identities",
                        to="members.member",
                        to_fields=("program_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "member_id"], name="members_identity_by_member")],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "kind", "value"), name="members_identity_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["store_customer", "email", "phone"])),
                        name="members_identity_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "word", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("word", models.TextField(db_collation="C")),
                ("member_id", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(
            sql="ALTER TABLE members_identity ADD CONSTRAINT members_identity_of_member "
            "FOREIGN KEY (program_id, member_id) REFERENCES members_member (program_id, id)",
            reverse_sql="ALTER TABLE members_identity DROP CONSTRAINT members_identity_of_member",
        ),
        keep_programs_apart("members_member"),
        keep_programs_apart("members_identity"),
        keep_programs_apart("members_word"),
    ]
