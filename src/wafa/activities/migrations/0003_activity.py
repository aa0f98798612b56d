from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("activities", "0002_what_was_known_of_members")]

    operations = [
        migrations.CreateModel(
            name="Activity",
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
                ("store", models.TextField(blank=True)),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("told", models.JSONField()),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["program_id", "member_id", "occurred_at"], name="activities_activity_by_member"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program_id", "store", "kind", "key"), name="activities_activity_once"
                    )
                ],
            },
        ),
        keep_programs_apart("activities_activity"),
    ]
