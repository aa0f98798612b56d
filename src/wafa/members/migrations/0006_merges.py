from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0005_suspensions")]

    operations = [
        migrations.RemoveConstraint(model_name="member", name="members_member_state"),
        migrations.AddField(model_name="member", name="merged_into", field=models.UUIDField(null=True)),
        migrations.AlterField(
            model_name="member",
            name="state",
            field=models.TextField(
                choices=[
                    ("guest", "Guest"),
                    ("member", "Member"),
                    ("suspended", "Suspended"),
                    ("erased", "Erased"),
                    ("merged", "Merged"),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["guest", "member", "suspended", "erased", "merged"])),
                name="members_member_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "merged")),
                    models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)),
                    _connector="OR",
                ),
                name="members_member_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["program_id", "merged_into"],
                name="members_member_merged_into",
            ),
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("survivor_id", models.UUIDField()),
                ("absorbed_id", models.UUIDField()),
                ("state", models.TextField()),
                ("taken", models.JSONField()),
                ("reason", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("program_id", "absorbed_id"),
                        name="members_merge_one_open",
                    )
                ],
                "indexes": [models.Index(fields=["program_id", "survivor_id"], name="members_merge_by_survivor")],
            },
        ),
        keep_programs_apart("members_merge"),
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "member_id",
                        "other_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("other_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("noticed_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)),
                        fields=["program_id", "noticed_at"],
                        name="members_likeness_open",
                    )
                ],
            },
        ),
        keep_programs_apart("members_likeness"),
    ]
