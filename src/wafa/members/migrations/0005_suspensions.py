from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0004_birthdays")]

    operations = [
        migrations.AddField(model_name="member", name="suspended_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "suspended"), _negated=True) | models.Q(suspended_at__isnull=False),
                name="members_member_suspended",
            ),
        ),
        migrations.CreateModel(
            name="Suspension",
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
                ("since", models.DateTimeField()),
                ("reason", models.TextField()),
                ("by", models.TextField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["program_id", "member_id"],
                        condition=models.Q(lifted_at__isnull=True),
                        name="members_suspension_one_open",
                    )
                ],
            },
        ),
        keep_programs_apart("members_suspension"),
    ]
