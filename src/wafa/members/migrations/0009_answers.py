from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0008_consents")]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "member_id",
                        "field",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("field", models.TextField()),
                ("value", models.JSONField(null=True)),
                ("told_at", models.DateTimeField()),
            ],
        ),
        keep_programs_apart("members_answer"),
    ]
