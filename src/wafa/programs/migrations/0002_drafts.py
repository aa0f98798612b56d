from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="withdrawn_by",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("spec", models.JSONField()),
                ("based_on", models.IntegerField(null=True)),
                ("saved_at", models.DateTimeField()),
                ("saved_by", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("program_id",), name="programs_draft_once")],
            },
        ),
        keep_programs_apart("programs_draft"),
    ]
